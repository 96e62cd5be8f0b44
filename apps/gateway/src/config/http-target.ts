import { defined } from "@pictor/core/host"
import type { LitellmParams } from "./credentials.ts"
import type { FamilyName, HttpTarget } from "./family.ts"
import type { ReadContext } from "./validate.ts"

type HttpFamilyName = Exclude<FamilyName, "bedrock">

interface Source {
  /** Variables of the environment, the first of which is used that is set. */
  readonly key: readonly string[]
  readonly base?: readonly string[]
  readonly needsBase?: string
  /** Parameters of this family beyond `api_key` and `api_base`. */
  readonly params?: readonly ProviderParam[]
}

/** Parameters that only some families take. */
const providerParams = [
  "api_version",
  "organization",
  "azure_ad_token",
  "vertex_project",
  "vertex_location",
  "vertex_credentials",
] as const

type ProviderParam = (typeof providerParams)[number]

/** The variables that LiteLLM reads, as far as known: no page was read for all of them. */
const sources: Readonly<Record<HttpFamilyName, Source>> = {
  openai: {
    key: ["OPENAI_API_KEY"],
    base: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
    params: ["organization"],
  },
  azure: {
    key: ["AZURE_API_KEY"],
    base: ["AZURE_API_BASE"],
    needsBase: "https://NAME.openai.azure.com",
    params: ["api_version", "azure_ad_token"],
  },
  gemini: { key: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], base: ["GEMINI_API_BASE"] },
  vertex_ai: {
    key: [],
    params: ["vertex_project", "vertex_location", "vertex_credentials"],
  },
  black_forest_labs: { key: ["BFL_API_KEY"] },
  xai: { key: ["XAI_API_KEY"], base: ["XAI_API_BASE"] },
  hosted_vllm: {
    key: ["HOSTED_VLLM_API_KEY"],
    base: ["HOSTED_VLLM_API_BASE"],
    needsBase: "http://127.0.0.1:8000/v1",
  },
}

const firstSet = (names: readonly string[], { environment }: ReadContext): string | undefined =>
  names.map((name) => environment[name]).find(Boolean)

/** A path of the API belongs to a call, and a resource of Azure has no version in its address. */
const readBase = (
  family: HttpFamilyName,
  given: string | undefined,
  path: string,
  { diagnostics }: ReadContext,
): string | undefined => {
  if (given === undefined) return undefined
  const base = given.replace(/\/+$/, "")
  if (/\/images\/(generations|edits)$/.test(base.replace(/\?.*$/, "")))
    diagnostics.issue(path, "must end before /images", {
      allowed: "the base URL, for example https://api.openai.com/v1",
    })
  if (family === "azure") return base.replace(/\/openai(\/v1)?$/, "")
  return family === "black_forest_labs" && new URL(base).pathname === "/" ? `${base}/v1` : base
}

/** Warns of parameters of other providers. A guardrail that would not run is an error. */
export const checkProviderParams = (
  family: FamilyName,
  params: LitellmParams,
  path: string,
  { diagnostics }: ReadContext,
): void => {
  const taken: readonly string[] = family === "bedrock" ? [] : (sources[family].params ?? [])
  const isForeign = (name: string): boolean =>
    (providerParams as readonly string[]).includes(name)
      ? !taken.includes(name)
      : family !== "bedrock" && name.startsWith("aws_")
  const ignored = Object.entries(params).flatMap(([name, value]) =>
    value !== undefined && isForeign(name) ? [name] : [],
  )
  if (ignored.length > 0)
    diagnostics.warn(
      `${path}: ${ignored.join(", ")} ${ignored.length === 1 ? "is" : "are"} ignored for ${family} models.`,
    )
  if (family !== "bedrock" && params.guardrailConfig)
    diagnostics.issue(
      `${path}.guardrailConfig`,
      "applies to models of Bedrock only; remove it to send prompts to this model unchecked",
    )
}

const readVertex = (
  params: LitellmParams,
  path: string,
  context: ReadContext,
): Pick<HttpTarget, "project" | "location" | "googleCredentials"> => {
  const { environment, diagnostics } = context
  const project = params.vertex_project ?? environment["VERTEXAI_PROJECT"]
  if (project === undefined && params.api_key === undefined)
    diagnostics.issue(
      `${path}.vertex_project`,
      "is missing; set it, or the environment variable VERTEXAI_PROJECT, or api_key for express mode",
    )
  return defined({
    project,
    location: params.vertex_location ?? environment["VERTEXAI_LOCATION"],
    googleCredentials: params.vertex_credentials,
  })
}

const readKey = (
  family: HttpFamilyName,
  params: LitellmParams,
  path: string,
  context: ReadContext,
): Pick<HttpTarget, "key" | "isToken"> => {
  const { key: variables, params: taken = [] } = sources[family]
  if (taken.includes("azure_ad_token") && params.azure_ad_token !== undefined)
    return { key: params.azure_ad_token, isToken: true }
  const key = params.api_key ?? firstSet(variables, context)
  if (key !== undefined) return { key }
  if (family !== "vertex_ai" && family !== "hosted_vllm" && params.api_base === undefined)
    context.diagnostics.issue(
      `${path}.api_key`,
      `is missing; set it, or the environment variable ${variables.join(" or ")}`,
    )
  return {}
}

const labelOf = ({ key, isToken, project, googleCredentials }: HttpTarget): string => {
  if (isToken) return "Entra ID token"
  if (key !== undefined) return "API key"
  if (project === undefined) return "none"
  return googleCredentials === undefined ? "Google default credentials" : "vertex_credentials"
}

/** `litellm_params` as the target of an HTTP API, and a label of its credentials. */
export const httpTarget = (
  family: HttpFamilyName,
  params: LitellmParams,
  path: string,
  context: ReadContext,
): { readonly target: HttpTarget; readonly credentials: string } => {
  const { base: variables = [], needsBase } = sources[family]
  const given = params.api_base ?? firstSet(variables, context)
  if (given === undefined && needsBase !== undefined)
    context.diagnostics.issue(
      `${path}.api_base`,
      `is missing; set it, or the environment variable ${variables.join(" or ")}`,
      { allowed: `an address such as ${needsBase}` },
    )
  const target: HttpTarget = defined({
    ...readKey(family, params, path, context),
    baseUrl: readBase(family, given, `${path}.api_base`, context),
    timeoutMs: params.timeout,
    apiVersion:
      params.api_version ??
      (family === "azure" ? context.environment["AZURE_API_VERSION"] : undefined),
    organization: params.organization,
    ...(family === "vertex_ai" && readVertex(params, path, context)),
  })
  return { target, credentials: labelOf(target) }
}
