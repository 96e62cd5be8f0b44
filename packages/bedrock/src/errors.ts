import { ImageError, isImageError } from "@pictor/core"
import type { TransportCall } from "@pictor/core/adapter"
import { credentialAnswer } from "./credential-answer.ts"
import { type ErrorRow, errorTable, unexpectedAnswer } from "./error-table.ts"
import { readViolations } from "./schema-violations.ts"
import type { Attempt } from "./types.ts"

export interface Circumstances {
  readonly call: Pick<TransportCall, "model" | "modelId">
  readonly region?: string
  readonly attempt: Attempt
  /** Set if the caller or a time limit ended the call. */
  readonly ended?: "aborted" | "timeout"
  readonly now: number
}

/**
 * Turns every error of the SDK, of Node and of the network into an `ImageError`. The provider's
 * text selects the error and is never passed on, because it may quote the prompt.
 */
export const toImageError = (error: unknown, circumstances: Circumstances): ImageError => {
  const { attempt, ended } = circumstances
  if (isImageError(error)) return withRequestId(error, attempt)
  const fault = readFault(error, attempt)
  if (ended) return endedError(ended, circumstances, fault)
  const answered = fault.status !== undefined && (fault.status >= 300 || fault.modeled)
  if (attempt.signed && answered) return answerError(fault, circumstances)
  const failure = attempt.signed ? networkFailure(fault, attempt) : preparationFailure(fault)
  return new ImageError({
    ...failure,
    message: fill(failure.message, circumstances),
    ...detailsOf(fault),
  })
}

/** The error of a reply that is too large has only its status. */
const withRequestId = (error: ImageError, { headers }: Attempt): ImageError => {
  const requestId = headers["x-amzn-requestid"]
  const { code, message, status, maybeBilled } = error
  if (status === undefined || requestId === undefined || error.requestId !== undefined) return error
  return new ImageError({ code, message, status, maybeBilled, requestId })
}

interface Fault {
  readonly name: string
  /** `name` in lower case, without "Exception". */
  readonly type: string
  /** The provider's or Node's text. Only for recognition. */
  readonly text: string
  readonly code?: string
  readonly syscall?: string
  readonly status?: number
  readonly requestId?: string
  readonly headers: Readonly<Record<string, string>>
  readonly html: boolean
  /** The service's model names this error. */
  readonly modeled: boolean
}

const readFault = (error: unknown, { status: seen, headers }: Attempt): Fault => {
  const fields = asRecord(error)
  const metadata = asRecord(fields["$metadata"])
  const name = asText(fields["name"]) ?? "Error"
  const status = seen ?? asNumber(metadata["httpStatusCode"])
  const requestId = headers["x-amzn-requestid"] ?? asText(metadata["requestId"])
  const code = asText(fields["code"])
  const syscall = asText(fields["syscall"])
  return {
    name,
    type: name.replace(/Exception$/, "").toLowerCase(),
    text: asText(fields["message"]) ?? asText(fields["Message"]) ?? "",
    ...(code && { code }),
    ...(syscall && { syscall }),
    ...(status !== undefined && { status }),
    ...(requestId && { requestId }),
    headers,
    html: name === "SyntaxError" || /^text\/html/i.test(headers["content-type"] ?? ""),
    modeled: "$fault" in fields,
  }
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}

const asText = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

const asNumber = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined

const endedError = (
  code: "aborted" | "timeout",
  { attempt, call }: Circumstances,
  { requestId }: Fault,
): ImageError => {
  const maybeBilled = attempt.sent
  const what = code === "aborted" ? "was aborted" : "reached its time limit"
  const when = maybeBilled
    ? "after it was sent, so it may have been billed"
    : "before it was sent, so it was not billed"
  const remedy = code === "timeout" ? "; set a larger timeoutMs" : ""
  return new ImageError({
    code,
    maybeBilled,
    retryable: code === "timeout" && !maybeBilled,
    message: `The call of ${labelOf(call)} ${what} ${when}${remedy}`,
    ...(requestId && { requestId }),
  })
}

const answerError = (fault: Fault, circumstances: Circumstances): ImageError => {
  const row = errorTable.find((each) => fits(each, fault)) ?? unexpectedAnswer
  const issues = row.code === "invalid_request" ? readViolations(fault.text) : []
  const retryAfterMs = parseRetryAfter(fault.headers["retry-after"], circumstances.now)
  const explained = issues.map(({ path, message }) => `${path} ${message}`).join(", ")
  return new ImageError({
    code: row.code,
    message: fill(row.message, circumstances, fault.text) + (explained && `: ${explained}`),
    retryable: row.retryable ?? false,
    maybeBilled: row.maybeBilled ?? false,
    ...(row.code === "content_filtered" && { stage: stageOf(fault.text) }),
    ...(issues.length > 0 && { issues }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...detailsOf(fault),
  })
}

const fits = ({ on, text }: ErrorRow, { status = 0, ...fault }: Fault): boolean => {
  const statusClass = `${Math.floor(status / 100)}xx`
  const marks = [fault.type, status, statusClass, ...(fault.html ? [`html ${statusClass}`] : [])]
  return on.some((mark) => marks.includes(mark)) && (text === undefined || text.test(fault.text))
}

/** Milliseconds of a `Retry-After` header: seconds or an HTTP date. */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim()
  if (!text) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = text.endsWith("GMT") ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

type Failure = Pick<ErrorRow, "code" | "retryable" | "maybeBilled" | "message">

/** A connection that was refused, or a host name that was not found. Nothing was sent. */
const unconnected: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"])

/** The call was signed and got no answer. */
const networkFailure = (fault: Fault, attempt: Attempt): Failure => {
  if (!attempt.sent || unconnected.has(fault.code ?? ""))
    return {
      code: "unavailable",
      retryable: true,
      message: `No connection to Bedrock in {region} for {model}${reasonOf(fault)}; check the endpoint, the region and this machine's network`,
    }
  return {
    code: "unavailable",
    retryable: false,
    maybeBilled: true,
    message: `The connection broke after the call of {model} was sent${reasonOf(fault)}; it may have been billed, so check before you try again`,
  }
}

const credentialSources =
  'the options of bedrock(), AWS_BEARER_TOKEN_BEDROCK, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, the profile of AWS_PROFILE or "default" (keys, SSO, ' +
  "credential_process, role), AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, the container's AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI and the " +
  "EC2 instance's metadata"

/** The call was not signed: credentials, endpoint or settings were wrong. */
const preparationFailure = (fault: Fault): Failure => {
  const { code = "", syscall = "", text } = fault
  if (/\bsso\b/i.test(text) && isCredentialFault(fault))
    return unauthenticated(
      "The SSO session for the call of {model} is missing or expired; run aws sso login with the profile in use",
    )
  if (fault.status !== undefined && fault.modeled)
    return unauthenticated(
      `AWS issued no credentials for the call of {model}${reasonOf(fault)}; check the role, its trust policy and the token`,
    )
  if (isCredentialFault(fault)) {
    const answer = credentialAnswer(text, process.env)
    return unauthenticated(
      answer
        ? `No credentials for {model}: ${answer}; correct that source, or set another one`
        : `No credentials for {model} were found in ${credentialSources}; set one of them, for example with aws configure sso`,
    )
  }
  if (["open", "read", "stat"].includes(syscall))
    return unauthenticated(
      `A file with credentials for {model} cannot be read${reasonOf(fault)}; check AWS_WEB_IDENTITY_TOKEN_FILE and the other settings that name files`,
    )
  if (["connect", "getaddrinfo"].includes(syscall) || unconnected.has(code))
    return {
      code: "unavailable",
      retryable: true,
      message: `The source of the credentials for {model} cannot be reached${reasonOf(fault)}; try again in a moment`,
    }
  return {
    code: "misconfigured",
    message: `The call of {model} could not be prepared${reasonOf(fault)}; check the options of bedrock() and the AWS settings in use`,
  }
}

const unauthenticated = (message: string): Failure => ({ code: "unauthenticated", message })

const isCredentialFault = ({ name, text }: Fault): boolean =>
  name === "CredentialsProviderError" ||
  name === "TokenProviderError" ||
  name === "ProviderError" ||
  /could not be signed|IdentityProvider/.test(text)

const reasonOf = ({ code, name }: Fault): string => {
  const word = wordOf(code ?? (name === "Error" ? "" : name))
  return word && ` (${word})`
}

/** A code or a class name. Empty for any other text, which may quote the prompt. */
const wordOf = (text = ""): string => (/^[\w.-]{1,80}$/.test(text) ? text : "")

/**
 * The fields that every error has. `cause` names the kind of the original error, without its text.
 */
const detailsOf = ({ name, code, status, requestId }: Fault) => {
  const parts = [wordOf(code), status !== undefined ? `HTTP ${status}` : ""].filter(Boolean)
  const cause = new Error(parts.join(", ") || "no further detail")
  cause.name = wordOf(name) || "Error"
  return { ...(requestId && { requestId }), ...(status !== undefined && { status }), cause }
}

const labelOf = ({ model, modelId }: Circumstances["call"]): string =>
  model === modelId ? model : `${model} (called as ${modelId})`

const stageOf = (text: string): "prompt" | "input-image" =>
  /input image/i.test(text) ? "input-image" : "prompt"

const fill = (message: string, { call, region }: Circumstances, text = ""): string =>
  message
    .replace("{model}", () => labelOf(call))
    .replace("{region}", () => region ?? "the called region")
    .replace("{input}", () => (stageOf(text) === "input-image" ? "input image" : "prompt"))
