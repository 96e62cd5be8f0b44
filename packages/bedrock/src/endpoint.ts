import { ImageError } from "@pictor/core"
import type { ParsedModel } from "@pictor/core/adapter"

const maxModelLength = 2048
const regionSegment = /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d{1,2})\//
const geoPrefix = /^(?:us-gov|us|eu|apac|jp|au|ca|sa|global)\.(?=[a-z0-9-]+\.[^.])/
const arn = /^arn:aws(?:-[a-z]+)*:bedrock:([a-z0-9-]+):(?:\d{12})?:([a-z-]+)\/([\w.:/-]+)$/
const unpriced: ReadonlySet<string> = new Set([
  "provisioned-model",
  "custom-model",
  "custom-model-deployment",
  "imported-model",
])

/**
 * Reads `bedrock/[<region>/]`, geo prefixes and ARNs in a model string. Undefined if it has none.
 * Forms: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html,
 * seen 2026-11-20.
 */
export const parseModel = (model: string): ParsedModel | undefined => {
  if (model.length > maxModelLength) return undefined
  const stripped = stripProvider(model)
  const parsed = parseArn(stripped.id) ?? parseGeoPrefix(stripped.id)
  if (!parsed) return stripped.id === model ? undefined : stripped
  return { ...(stripped.region && { region: stripped.region }), ...parsed }
}

const stripProvider = (model: string): { readonly id: string; readonly region?: string } => {
  if (!model.startsWith("bedrock/")) return { id: model }
  const rest = model.slice("bedrock/".length)
  const segment = regionSegment.exec(rest)?.[0]
  return segment ? { id: rest.slice(segment.length), region: segment.slice(0, -1) } : { id: rest }
}

const parseGeoPrefix = (id: string): ParsedModel | undefined => {
  const prefix = geoPrefix.exec(id)?.[0]
  if (!prefix) return undefined
  return {
    id: id.slice(prefix.length),
    modelId: id,
    warning: `${id} is called unchanged, although no AWS page lists this inference profile`,
  }
}

const parseArn = (text: string): ParsedModel | undefined => {
  const [, region, kind, tail] = arn.exec(text) ?? []
  if (!region || !kind || !tail) return undefined
  if (kind === "foundation-model") return { id: tail, modelId: text, region }
  if (kind === "inference-profile")
    return { id: tail.replace(geoPrefix, ""), modelId: text, region }
  if (kind === "application-inference-profile") return { id: text, modelId: text, region }
  return unpriced.has(kind) ? { id: text, modelId: text, region, priced: false } : undefined
}

const regionVariables = ["AWS_REGION", "AWS_REGION_NAME", "AWS_DEFAULT_REGION"] as const

interface RegionOptions {
  readonly region?: string | undefined
  readonly profile?: string | undefined
}

/** Whether the text may be part of a host name. */
export const isRegion = (text: string): boolean => /^[a-z0-9-]+$/.test(text)

/**
 * The region of a call, from the first source that names one: the option, the ARN or model string
 * (`requested`), the environment, the profile.
 */
export const findRegion = async (options: RegionOptions, requested?: string): Promise<string> => {
  const region =
    options.region?.trim() || requested || regionOfEnvironment() || (await regionOfProfile(options))
  if (!region) throw noRegion(options)
  if (isRegion(region)) return region
  throw misconfigured(
    "The AWS region may contain only lower-case letters, digits and hyphens; set one such as us-west-2 in bedrock({ region }) or AWS_REGION",
  )
}

const misconfigured = (message: string): ImageError =>
  new ImageError({ code: "misconfigured", message })

const noRegion = (options: RegionOptions): ImageError =>
  misconfigured(
    `No AWS region was found in bedrock({ region }), the model string or ARN, ${regionVariables.join(", ")} or the profile "${profileName(options)}"; ` +
      'set one of them, for example bedrock({ region: "us-west-2" })',
  )

const regionOfEnvironment = (): string | undefined =>
  regionVariables.map((name) => process.env[name]?.trim()).find(Boolean)

const profileName = ({ profile }: RegionOptions): string =>
  profile || process.env["AWS_PROFILE"] || "default"

/** The credentials file has precedence over the config file, as in the SDK. */
const regionOfProfile = async (options: RegionOptions): Promise<string | undefined> => {
  const { loadSharedConfigFiles } = await import("@smithy/core/config")
  const { credentialsFile, configFile } = await loadSharedConfigFiles()
  const name = profileName(options)
  return credentialsFile[name]?.["region"]?.trim() || configFile[name]?.["region"]?.trim()
}

export const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

/**
 * The endpoint of the option, or of `AWS_BEDROCK_RUNTIME_ENDPOINT`, which LiteLLM reads
 * (https://docs.litellm.ai/docs/providers/bedrock, seen 2026-11-20). The SDK reads the other
 * settings; its own variable for this service has precedence over LiteLLM's.
 */
export const findEndpoint = async (
  option: string | (() => string | Promise<string>) | undefined,
): Promise<string | undefined> => {
  const endpoint = typeof option === "function" ? await option() : option
  if (typeof option === "function" && !isHttpUrl(String(endpoint)))
    throw misconfigured(
      "The function bedrock({ endpoint }) must return an absolute http or https URL, such as http://127.0.0.1:4566",
    )
  if (endpoint) return endpoint
  const {
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: ofService,
    AWS_BEDROCK_RUNTIME_ENDPOINT: ofLiteLlm,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignore,
  } = process.env
  return ofService || ignore === "true" ? undefined : ofLiteLlm?.trim() || undefined
}

/** The SDK would reject an endpoint together with FIPS or dual-stack settings. */
export const explicitEndpoint = (endpoint: string | undefined) =>
  endpoint ? { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false } : {}
