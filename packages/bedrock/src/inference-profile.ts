import { ImageError } from "@pictor/core"
import { runAttempt } from "./attempt.ts"
import { clientConfig } from "./client.ts"
import { explicitEndpoint, findRegion, parseModel } from "./endpoint.ts"
import {
  type BedrockOptions,
  checkOptions,
  defaultTimeoutMs,
  type IdentityOptions,
} from "./options.ts"
import { createRequestHandler } from "./send-observer.ts"

/** As of `bedrock()`, but `endpoint` and `requestHandler` are those of Bedrock's control plane. */
export interface ProfileOptions
  extends IdentityOptions,
    Pick<BedrockOptions, "region" | "timeoutMs" | "requestHandler" | "dispatcher"> {
  readonly endpoint?: string | undefined
}

/** The fields of a request that name the model. */
export interface ResolvedProfile {
  readonly model: string
  readonly modelId: string
}

/**
 * Finds the model of an inference profile. Calls GetInferenceProfile if the ARN does not name it,
 * which requires `@aws-sdk/client-bedrock`. Throws `ImageError`: `unsupported` if that package is
 * missing or the ARN is of another kind, otherwise the errors of a call.
 *
 * @example
 * await pictor.generate({ ...(await resolveProfile(arn)), prompt: "a teapot" })
 */
export const resolveProfile = async (
  arn: string,
  options: ProfileOptions = {},
): Promise<ResolvedProfile> => {
  checkOptions(options)
  const parsed = parseModel(arn)
  if (parsed?.priced === false) throw notAProfile(arn)
  if (parsed && parsed.id !== arn) return { model: parsed.id, modelId: parsed.modelId ?? parsed.id }
  const region = await findRegion(options, parsed?.region)
  const { BedrockClient, GetInferenceProfileCommand } = await loadControlPlane()
  const handler = createRequestHandler(options)
  const call = { model: arn, modelId: arn }
  const limitMs = options.timeoutMs ?? defaultTimeoutMs
  return runAttempt({ call, region, limitMs }, async (send) => {
    const config = await clientConfig(region, options, handler)
    const client = new BedrockClient({ ...config, ...explicitEndpoint(options.endpoint) })
    const command = new GetInferenceProfileCommand({ inferenceProfileIdentifier: arn })
    const { models = [] } = await client.send(command, send)
    const modelArns = models.map(({ modelArn }) => modelArn ?? "")
    return { model: commonModel(arn, modelArns), modelId: arn }
  }).finally(() => {
    if (!options.requestHandler) handler.destroy?.()
  })
}

const loadControlPlane = async (): Promise<typeof import("@aws-sdk/client-bedrock")> => {
  try {
    return await import("@aws-sdk/client-bedrock")
  } catch {
    throw new ImageError({
      code: "unsupported",
      message:
        "resolveProfile() requires a package that is not installed; run npm install @aws-sdk/client-bedrock, or set the profile's model yourself",
    })
  }
}

/** A geo profile lists its model once for each region. */
const commonModel = (arn: string, modelArns: readonly string[]): string => {
  const [model, ...others] = new Set(
    modelArns.flatMap((modelArn) => parseModel(modelArn)?.id ?? []),
  )
  if (model && others.length === 0) return model
  throw new ImageError({
    code: "model_not_found",
    message: `The inference profile ${arn} does not belong to exactly one foundation model; set the model as model and the ARN as modelId`,
  })
}

const notAProfile = (arn: string): ImageError =>
  new ImageError({
    code: "unsupported",
    message: `${arn} is not an inference profile; set its base model as model and the ARN as modelId`,
  })
