import {
  type Issue as CoreIssue,
  type ErrorCode,
  type FilterStage,
  ImageError,
  isImageError,
  type JsonObject,
  type Slot,
} from "@pictor/core"
import { nearest, quote } from "@pictor/core/host"
import { type Kind, parameters, pictorFields } from "./parameters.ts"
import { publicMessage, publicName, type SentNames, withoutCodeAdvice } from "./public-names.ts"
import { costHeaders, jsonResponse, toCost } from "./response.ts"
import type { HttpResponse } from "./types.ts"

/** One invalid field. Never contains a prompt, image bytes or a credential. */
export interface Issue {
  /** OpenAI's: `invalid_value`, `unknown_parameter`, … */
  readonly code: string
  readonly param: string
  readonly message: string
  readonly allowed?: string
}

interface ApiErrorOptions {
  readonly status: number
  readonly code: string
  readonly message: string
  /** Default `invalid_request_error`. */
  readonly type?: string
  readonly param?: string | null
  readonly issues?: readonly Issue[]
  /** Further members of `error` in the body. */
  readonly details?: JsonObject
  readonly headers?: Readonly<Record<string, string>>
  /** For the host only. */
  readonly cause?: ImageError
}

export class ApiError extends Error {
  override readonly name = "ApiError"
  declare readonly cause?: ImageError
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** OpenAI's error envelope. */
  readonly body: { readonly error: JsonObject }

  constructor(options: ApiErrorOptions) {
    const { status, code, message, type = "invalid_request_error", param = null } = options
    const { issues, details, headers = {}, cause } = options
    super(message, cause && { cause })
    this.status = status
    this.headers = headers
    this.body = { error: { message, type, param, code, ...(issues && { issues }), ...details } }
  }
}

export const errorResponse = ({ status, headers, body, cause }: ApiError): HttpResponse => ({
  ...jsonResponse(body, headers, status),
  ...(cause && { error: cause }),
})

const summaryOf = (issues: readonly [Issue, ...Issue[]]) => {
  const [{ code, message, param }, ...rest] = issues
  const params = [...new Set(rest.map((each) => each.param))].slice(0, 20).join(", ")
  const more = rest.length === 1 ? "1 more issue" : `${rest.length} more issues`
  const summary = rest.length === 0 ? message : `${message} ${more}: ${params}.`
  return { code, message: summary, param, issues }
}

export const issuesError = (issues: readonly [Issue, ...Issue[]]): ApiError =>
  new ApiError({ status: 400, ...summaryOf(issues) })

export const invalid = (param: string, message: string, allowed?: string): Issue => ({
  code: "invalid_value",
  param,
  message,
  ...(allowed === undefined ? {} : { allowed }),
})

export const conflicting = (param: string, other: string): Issue =>
  invalid(param, `${param} conflicts with ${other}. Send only one of them.`)

export const unsupported = (param: string, reason: string): Issue => ({
  code: "unsupported_parameter",
  param,
  message: `${param} is not supported. ${reason}`,
})

export const unsupportedValue = (param: string, value: string, reason: string): Issue => ({
  code: "unsupported_value",
  param,
  message: `${param} "${value}" is not supported. ${reason}`,
})

export const missing = (param: string, advice: string): Issue => ({
  code: "missing_required_parameter",
  param,
  message: `${param} is missing. ${advice}`,
})

export const unknown = (param: string, name: string, names: readonly string[]): Issue => ({
  code: "unknown_parameter",
  param,
  message: `${quote(name)} is not a known field. ${adviceFor(name, names)}`,
})

interface ErrorRow {
  readonly status: number
  /** Default: `server_error` from status 500, else `invalid_request_error`. */
  readonly type?: string
  /** Default: core's code. */
  readonly code?: string
  /** Replaces the error's own message, which is about the host's setup. */
  readonly message?: string
}

const contactOperator = "Contact the operator of this server."

/** A provider that rejects the host's credentials is not the client's fault. */
const rows: Readonly<Record<ErrorCode, ErrorRow>> = {
  invalid_request: { status: 400 },
  unsupported: { status: 400, code: "unsupported_parameter" },
  model_not_found: { status: 404 },
  model_retired: { status: 404 },
  content_filtered: {
    status: 400,
    type: "image_generation_user_error",
    code: "moderation_blocked",
  },
  rate_limited: { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  quota_exceeded: { status: 429, type: "rate_limit_error" },
  budget_exceeded: { status: 429, type: "budget_exceeded" },
  unauthenticated: {
    status: 502,
    code: "provider_unauthenticated",
    message: `The model's provider rejects the credentials of this server. ${contactOperator}`,
  },
  misconfigured: {
    status: 503,
    message: `This server is not fully configured for this request. ${contactOperator}`,
  },
  forbidden: { status: 403, type: "permission_error", code: "permission_denied" },
  timeout: { status: 504 },
  aborted: { status: 499, code: "request_aborted" },
  unavailable: { status: 503 },
  provider_failed: { status: 502 },
  invalid_response: { status: 502 },
  idempotency_in_progress: { status: 409, type: "idempotency_error" },
  idempotency_replayed: { status: 409, type: "idempotency_error" },
  idempotency_unresolved: {
    status: 409,
    type: "idempotency_error",
  },
  idempotency_mismatch: { status: 422, type: "idempotency_error" },
}

const forbiddenByProvider: ErrorRow = {
  status: 502,
  code: "provider_forbidden",
  message: `The model's provider denies this server access to the model. ${contactOperator}`,
}

/** A provider's error has an HTTP status; without one the host itself rejects the request. */
const rowOf = ({ code, status }: ImageError): ErrorRow =>
  code === "forbidden" && status !== undefined ? forbiddenByProvider : rows[code]

/** The requested images that are not in the response, each with its reason. */
export const lostSlots = (slots: readonly Slot[]) =>
  slots.flatMap((slot, index): readonly JsonObject[] => {
    const { status } = slot
    if (status === "delivered") return []
    if (status === "filtered") return [{ index, status, stage: slot.stage, reason: slot.reason }]
    if (status === "not-attempted") return [{ index, status }]
    const { error } = slot
    const { code = error.code, message = withoutCodeAdvice(error.message) } = rowOf(error)
    return [{ index, status, code, message }]
  })

export interface RequestNames extends SentNames {
  readonly kind: Kind
  /** In core's field names. */
  readonly request: object
  /** Names of one of core's fields in the model's own body. */
  readonly ownNames?: (field: string) => readonly string[]
}

const imagePath = /^(image|images(\.\d+)?|references\.\d+\.image|mask|styleImage|referenceImage)$/

const imageFormats = "a PNG, JPEG, WebP or GIF as a file, base64, a data URL or { image_url }"

const issueCode = ({ code, path, nearest: similar }: CoreIssue, { request }: RequestNames) => {
  if (similar) return "unknown_parameter"
  if (code === "unsupported") return "unsupported_parameter"
  if (!Object.hasOwn(request, path.split(".")[0] ?? "")) return "missing_required_parameter"
  return imagePath.test(path) ? "invalid_image" : "invalid_value"
}

const unknownAtTop = (name: string, similar: readonly string[], kind: Kind): Issue =>
  Object.hasOwn(parameters.edits, name)
    ? {
        code: "unknown_parameter",
        param: name,
        message: `${name} is a field of POST /v1/images/edits. The model takes no such field here.`,
      }
    : unknown(name, name, [...Object.keys(parameters[kind]), ...similar])

/** Whether a field is missing that has no usual name at the top level. */
const isAbsent = (code: string, param: string): boolean =>
  code === "missing_required_parameter" && param.startsWith("pictor.")

const toIssue = (issue: CoreIssue, names: RequestNames): Issue => {
  const { path, message, allowed, nearest: similar } = issue
  const [head, name = "", ...rest] = path.split(".")
  if (similar && head === "options" && rest.length === 0 && names.ownFields.has(name))
    return unknownAtTop(name, similar, names.kind)
  const code = issueCode(issue, names)
  const param = publicName(path, names)
  const own = isAbsent(code, param) ? (names.ownNames?.(head ?? "") ?? []) : []
  const advice = own.length > 0 ? ` The model's own name is ${own.join(", ")}.` : ""
  // Types of a program are of no use to an HTTP client.
  const formats = allowed?.startsWith("Uint8Array") ? imageFormats : undefined
  return {
    code,
    param,
    message: `${publicMessage(message, path, names)}${advice}${formats ? ` Send ${formats}.` : ""}`,
    ...(allowed === undefined ? {} : { allowed: formats ?? allowed }),
  }
}

/** A provider's issues have its HTTP status. They refer to the body that the provider received. */
export const toIssues = (
  { issues = [], status }: ImageError,
  names: RequestNames,
): readonly Issue[] =>
  status === undefined
    ? issues.map((issue) => toIssue(issue, names))
    : issues.map(({ path, message }) => invalid(path, `${path}: ${message}`))

const moderationStages: Readonly<Record<FilterStage, string>> = {
  prompt: "input",
  "input-image": "input",
  output: "output",
  guardrail: "unknown",
  unknown: "unknown",
}

const detailsOf = ({ code, stage = "unknown", slots, cost, maybeBilled }: ImageError) => ({
  ...(code === "content_filtered" && {
    moderation_details: { categories: [], moderation_stage: moderationStages[stage] },
  }),
  ...((slots || cost || maybeBilled) && {
    pictor: {
      maybe_billed: maybeBilled,
      ...(cost && { cost: toCost(cost) }),
      ...(slots && { slots: lostSlots(slots) }),
    },
  }),
})

const waitingHelps: readonly ErrorCode[] = [
  "rate_limited",
  "unavailable",
  "idempotency_in_progress",
]

/** Clients retry a 409, 429 or 5xx: only useful if it can succeed and is not charged twice. */
const retryHeaders = ({
  code,
  retryable,
  maybeBilled,
  retryAfterMs,
}: ImageError): Readonly<Record<string, string>> => {
  const shouldRetry = (retryable || code === "idempotency_in_progress") && !maybeBilled
  const waitMs = retryAfterMs ?? (shouldRetry && waitingHelps.includes(code) ? 1000 : undefined)
  return {
    "x-should-retry": String(shouldRetry),
    ...(waitMs !== undefined && {
      "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))),
    }),
  }
}

/** An unexpected error. The client sees no details; the host finds them in `cause`. */
export const internalError = (thrown: unknown): ApiError => {
  const message = "The server failed to process this request."
  return new ApiError({
    status: 500,
    type: "server_error",
    code: "internal_error",
    message,
    headers: { "x-should-retry": "false" },
    cause: isImageError(thrown)
      ? thrown
      : new ImageError({
          code: "provider_failed",
          message,
          retryable: false,
          cause: thrown,
        }),
  })
}

export const toApiError = (thrown: unknown, names: RequestNames): ApiError => {
  if (!isImageError(thrown)) return internalError(thrown)
  const { code, message, cost } = thrown
  const row = rowOf(thrown)
  const [first, ...rest] =
    code === "invalid_request" || code === "unsupported" ? toIssues(thrown, names) : []
  return new ApiError({
    status: row.status,
    type: row.type ?? (row.status >= 500 ? "server_error" : "invalid_request_error"),
    code: row.code ?? code,
    message: row.message ?? withoutCodeAdvice(message),
    ...(first && summaryOf([first, ...rest])),
    details: detailsOf(thrown),
    headers: { ...retryHeaders(thrown), ...(cost && costHeaders(cost)) },
    cause: thrown,
  })
}

/** Names of other APIs and libraries, without case and separators → the name here. */
const meanings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    size: ["width", "height", "resolution", "imagesize", "dimensions"],
    n: ["numimages", "numberofimages", "numoutputs", "samplecount", "samples", "batchsize"],
    prompt: ["text", "inputtext", "description", "textprompts"],
    negative_prompt: ["negativetext", "negative"],
    seed: ["randomseed", "noiseseed"],
    cfg_scale: ["guidance", "guidancescale", "cfg"],
    steps: ["numinferencesteps", "inferencesteps", "samplingsteps"],
    aspect_ratio: ["ratio"],
    output_format: ["format", "imageformat", "outputmimetype", "mimetype"],
    strength: ["imagestrength", "denoisingstrength", "promptstrength", "similaritystrength"],
    image: ["initimage", "inputimage", "sourceimage", "imageurl", "conditionimage"],
    mask: ["maskimage", "maskurl", "masksource"],
    model: ["modelid", "modelname", "engine"],
  }).flatMap(([name, others]) => others.map((other) => [other, name] as const)),
)

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "")

/** What a client probably means by an unknown field: by meaning, by spelling, then by letters. */
const adviceFor = (name: string, names: readonly string[]): string => {
  const meaning = meanings.get(plain(name))
  if (meaning !== undefined && names.includes(meaning)) return `Use ${meaning}.`
  const spelled = names.find((each) => plain(each) === plain(name))
  if (spelled !== undefined) return `Use ${spelled}.`
  const inPictor = pictorFields.find((each) => plain(each) === plain(name))
  if (inPictor !== undefined)
    return `Send it in pictor: pictor.${inPictor} in JSON, pictor[${inPictor}] in a form.`
  return `Similar fields: ${nearest(name, [...new Set(names)]).join(", ")}.`
}
