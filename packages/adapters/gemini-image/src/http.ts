import { type HttpFailure, type HttpFamily, ImageError } from "@pictor/core/adapter"

type UnknownRecord = Readonly<Record<string, unknown>>

/** Reads Google's error envelope. Its message may repeat the request and is never passed on. */
const failure = (status: number, body: unknown): HttpFailure | undefined => {
  const error = recordOf(recordOf(body)["error"])
  const name = error["status"]
  if (typeof name !== "string") return undefined
  const text = typeof error["message"] === "string" ? error["message"] : ""
  const details = listOf(error["details"]).map(recordOf)
  if (isKeyInvalid(text, details))
    return {
      code: "unauthenticated",
      message:
        "Google rejected the API key: it is not valid, or it has expired. Create one at https://aistudio.google.com/apikey and set it in http({ key }).",
    }
  if (status === 402)
    return {
      code: "quota_exceeded",
      message: "The Google account has no prepaid credit left. Add credit in its billing settings.",
    }
  if (name === "RESOURCE_EXHAUSTED") return exhausted(details)
  if (name === "INVALID_ARGUMENT")
    return {
      code: "invalid_request",
      message: `Google rejected the request as invalid${fieldsIn(details)}.`,
    }
  return Object.hasOwn(failures, name) ? failures[name] : undefined
}

const failures: Readonly<Record<string, HttpFailure>> = {
  FAILED_PRECONDITION: {
    code: "forbidden",
    message:
      "Google does not serve this request: the API is not available in the caller's location, or the project has no billing account. Enable billing, or call from a supported location.",
  },
  UNAUTHENTICATED: {
    code: "unauthenticated",
    message:
      "Google rejected the credentials. Set a valid API key in http({ key }), or a fresh access token in vertexGemini({ token }).",
  },
  PERMISSION_DENIED: {
    code: "forbidden",
    message:
      "The credentials may not call this model. Enable the API in the project, check the restrictions of the API key, or grant the role Vertex AI User.",
  },
  NOT_FOUND: {
    code: "model_not_found",
    message:
      "Google does not serve this model here: the name is wrong, the model was shut down, or the location lacks it. On Vertex AI try the location global.",
  },
  CANCELLED: {
    code: "unavailable",
    message: "Google cancelled the request. Try again.",
    retryable: true,
  },
}

/** A limit of a day ends at midnight, Pacific time: another attempt would fail, too. */
const exhausted = (details: readonly UnknownRecord[]): HttpFailure => {
  const quotas = details
    .flatMap(({ violations }) => listOf(violations))
    .map((violation) => recordOf(violation)["quotaId"])
  if (quotas.some((quota) => typeof quota === "string" && /PerDay/i.test(quota)))
    return {
      code: "quota_exceeded",
      message:
        "The Google project has used its requests of the day for this model. Request a higher quota, or wait until midnight, Pacific time.",
    }
  const retryAfterMs = delayIn(details)
  return {
    code: "rate_limited",
    message: "The Google project sends too many requests for this model. Try again later.",
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

const maxDelayMs = 86_400_000

/** `"34.07s"` of a RetryInfo. */
const delayIn = (details: readonly UnknownRecord[]): number | undefined => {
  const delay = details.find(({ retryDelay }) => typeof retryDelay === "string")?.["retryDelay"]
  const match = /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(typeof delay === "string" ? delay : "")
  return match ? Math.min(maxDelayMs, Math.ceil(Number(match[1]) * 1000)) : undefined
}

const isKeyInvalid = (text: string, details: readonly UnknownRecord[]): boolean =>
  details.some(({ reason }) => reason === "API_KEY_INVALID" || reason === "API_KEY_EXPIRED") ||
  /API key (?:not valid|expired|not found)/i.test(text)

/** The names of the rejected fields. Their descriptions may repeat the request. */
const fieldsIn = (details: readonly UnknownRecord[]): string => {
  const fields = details
    .flatMap(({ fieldViolations }) => listOf(fieldViolations))
    .map((violation) => recordOf(violation)["field"])
    .filter((field) => typeof field === "string" && /^[\w.[\]]{1,100}$/.test(field))
  return fields.length === 0 ? "" : `: ${fields.slice(0, 5).join(", ")}`
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const recordOf = (value: unknown): UnknownRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as UnknownRecord)
    : {}

/** The Gemini API. */
export const geminiApi = {
  provider: "google",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  auth: { header: "x-goog-api-key" },
  failure,
} as const satisfies HttpFamily

/** Vertex AI in express mode, which takes an API key. `vertexGemini` names a project. */
export const vertexAi = {
  ...geminiApi,
  provider: "google-vertex",
  baseUrl: "https://aiplatform.googleapis.com/v1/publishers/google",
} as const satisfies HttpFamily

export interface VertexGeminiOptions {
  /** The id of the Google Cloud project. */
  readonly project: string
  /** Default `global`, which has all models. */
  readonly location?: string
  /** Returns an OAuth access token. It is called before every request. */
  readonly token: () => string | Promise<string>
}

/** Options of `http` for Vertex AI. */
export interface VertexGemini {
  readonly baseUrl: string
  readonly auth: { readonly header: string; readonly prefix: string }
  readonly key: () => string | Promise<string>
}

/**
 * The address and the credentials of Vertex AI in a project, for `http`.
 *
 * @example
 * const auth = new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" })
 * const token = async () => (await auth.getAccessToken()) ?? ""
 * vertexGeminiImage(http(vertexGemini({ project: "my-project", token })))
 */
export const vertexGemini = ({
  project,
  location = "global",
  token,
}: VertexGeminiOptions): VertexGemini => {
  if (!/^[\w.:-]{1,100}$/.test(project)) throw invalid("project must be the id of a project")
  if (!/^[a-z][a-z\d-]{1,40}$/.test(location))
    throw invalid('location must be "global" or the name of a location, such as "europe-west4"')
  const host = location === "global" ? "" : `${location}-`
  return {
    baseUrl: `https://${host}aiplatform.googleapis.com/v1/projects/${project}/locations/${location}/publishers/google`,
    auth: { header: "authorization", prefix: "Bearer " },
    key: token,
  }
}

const invalid = (mistake: string): ImageError =>
  new ImageError({ code: "invalid_request", message: `vertexGemini(): ${mistake}` })
