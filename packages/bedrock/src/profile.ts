import type { BedrockClient } from "@aws-sdk/client-bedrock"
import { ImageError } from "@pictor/core"
import { type Attempts, createAttempt } from "./attempt.ts"
import { clientSettings } from "./client.ts"
import {
  type BedrockOptions,
  checkOptions,
  defaultTimeoutMs,
  type IdentityOptions,
} from "./options.ts"
import { parseModel } from "./parse.ts"
import { findRegion } from "./region.ts"
import { runAttempt } from "./run.ts"

/** As of `bedrock()`, but `endpoint` and `requestHandler` are those of Bedrock's control plane. */
export type ProfileOptions = IdentityOptions &
  Pick<BedrockOptions, "region" | "endpoint" | "timeoutMs" | "requestHandler">

/** To be spread into a request. */
export interface ResolvedProfile {
  readonly model: string
  readonly modelId: string
}

/**
 * Which model stands behind an inference profile: asks GetInferenceProfile where the ARN does not say. Needs `@aws-sdk/client-bedrock` for that.
 * Throws `ImageError`: `unsupported` where that package is missing or the ARN is of another kind, else as a call would.
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
  const sdk = await loadControlPlane()
  const attempts: Attempts = new WeakMap()
  const client = await createClient(sdk, region, options, attempts)
  const step = async (abortSignal: AbortSignal): Promise<ResolvedProfile> => {
    const { models } = await client.send(
      new sdk.GetInferenceProfileCommand({ inferenceProfileIdentifier: arn }),
      { abortSignal },
    )
    return {
      model: commonModel(
        arn,
        (models ?? []).map(({ modelArn }) => modelArn ?? ""),
      ),
      modelId: arn,
    }
  }
  const limitMs = options.timeoutMs ?? defaultTimeoutMs
  return runAttempt({
    call: { model: arn, modelId: arn },
    region,
    attempt: createAttempt(false),
    attempts,
    limitMs,
    step,
  }).finally(() => {
    if (!options.requestHandler) client.destroy()
  })
}

type ControlPlane = typeof import("@aws-sdk/client-bedrock")

const loadControlPlane = async (): Promise<ControlPlane> => {
  try {
    return await import("@aws-sdk/client-bedrock")
  } catch {
    throw new ImageError({
      code: "unsupported",
      message:
        "resolveProfile() needs a package that is not installed; run npm install @aws-sdk/client-bedrock, or name the profile's model yourself",
    })
  }
}

const createClient = async (
  { BedrockClient }: ControlPlane,
  region: string,
  options: ProfileOptions,
  attempts: Attempts,
): Promise<BedrockClient> => {
  const { NodeHttpHandler } = await import("@smithy/node-http-handler")
  const settings = await clientSettings(
    region,
    { ...options, requestHandler: options.requestHandler ?? new NodeHttpHandler() },
    attempts,
  )
  const endpoint = options.endpoint && {
    endpoint: options.endpoint,
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  }
  return new BedrockClient({ ...settings, ...endpoint })
}

// A geo profile lists its model once per region.
const commonModel = (arn: string, modelArns: readonly string[]): string => {
  const [model, ...others] = new Set(
    modelArns.flatMap((modelArn) => parseModel(modelArn)?.id ?? []),
  )
  if (model && others.length === 0) return model
  throw new ImageError({
    code: "model_not_found",
    message: `The inference profile ${arn} does not stand for one foundation model; name the model it is called for as model and the ARN as modelId`,
  })
}

const notAProfile = (arn: string): ImageError =>
  new ImageError({
    code: "unsupported",
    message: `${arn} is no inference profile; name the base model it was made from as model and the ARN as modelId`,
  })
