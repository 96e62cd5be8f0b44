import { ImageError, type ImageErrorOptions, isImageError } from "@pictor/core"
import type { HttpFamily, TransportCall } from "@pictor/core/adapter"
import type { HttpReply, SendObserver } from "./client.ts"
import type { Ending } from "./limits.ts"
import { retryAfterOf } from "./retry-after.ts"
import { rowOf } from "./status-table.ts"

/** What is known about one request. Decides after a failure whether it may have been billed. */
export interface Exchange extends SendObserver {
  /** Bytes of the request were, or may have been, written to a connected socket. */
  isSent: boolean
  headers: Readonly<Record<string, string>>
}

export const createExchange = (): Exchange => {
  const exchange: Exchange = {
    isSent: false,
    headers: {},
    sent: () => {
      exchange.isSent = true
    },
    answered: ({ headers }) => {
      exchange.headers = headers
    },
  }
  return exchange
}

export interface Circumstances {
  readonly call: Pick<TransportCall, "model" | "modelId">
  readonly family: Pick<HttpFamily, "provider" | "requestId">
  readonly host: string
  readonly exchange: Pick<Exchange, "isSent" | "headers">
}

const defaultRequestId = "x-request-id"

export const requestIdOf = (
  headers: Readonly<Record<string, string>>,
  { requestId }: Pick<HttpFamily, "requestId">,
): string | undefined => headers[(requestId ?? defaultRequestId).toLowerCase()]?.slice(0, 200)

/** Turns every error of a request that got no answer into an `ImageError`. */
export const toImageError = (
  error: unknown,
  circumstances: Circumstances,
  ended?: Ending,
): ImageError => {
  if (isImageError(error)) return error
  const requestId = requestIdOf(circumstances.exchange.headers, circumstances.family)
  const failure = ended ? endedFailure(ended, circumstances) : networkFailure(error, circumstances)
  return new ImageError({ ...failure, ...(requestId && { requestId }) })
}

const endedFailure = (
  code: Ending,
  { exchange: { isSent }, call }: Circumstances,
): ImageErrorOptions => {
  const what = code === "aborted" ? "was aborted" : "reached its time limit"
  const when = isSent
    ? "after it was sent, so it may have been billed"
    : "before it was sent, so it was not billed"
  const remedy = code === "timeout" ? "; set a larger timeoutMs" : ""
  return {
    code,
    maybeBilled: isSent,
    retryable: code === "timeout" && !isSent,
    message: `The call of ${labelOf(call)} ${what} ${when}${remedy}`,
  }
}

const networkFailure = (
  error: unknown,
  { exchange: { isSent }, call, host }: Circumstances,
): ImageErrorOptions => {
  const reason = reasonOf(error)
  return {
    code: "unavailable",
    retryable: !isSent,
    maybeBilled: isSent,
    message: isSent
      ? `The connection broke after the call of ${labelOf(call)} was sent${reason}; it may have been billed, so check before you try again`
      : `No connection to ${host} for ${labelOf(call)}${reason}; check http({ baseUrl }) and this machine's network`,
  }
}

/** The code of a network error, or its class. Its text may name a proxy's credentials. */
const reasonOf = (error: unknown): string => {
  const { code, name } = (typeof error === "object" && error !== null ? error : {}) as {
    readonly code?: unknown
    readonly name?: unknown
  }
  const word = [code, name].find((each) => typeof each === "string" && /^[\w.-]{1,80}$/.test(each))
  return word === undefined || word === "Error" ? "" : ` (${word as string})`
}

export interface ErrorReply {
  readonly circumstances: Circumstances
  readonly family: HttpFamily
  readonly reply: HttpReply
  /** Texts that must not get into a message, such as the key. */
  readonly secrets: readonly string[]
}

const maxErrorBytes = 65_536
const maxMessage = 1000

/** The error of a failed reply. The family reads it first, then the status decides. */
export const statusError = (error: ErrorReply): ImageError => {
  const { circumstances, family, reply, secrets } = error
  const { statusCode: status, headers } = reply
  const isHtml = /^text\/html/i.test(headers["content-type"] ?? "")
  const known = isHtml ? undefined : family.failure?.(status, readError(reply, secrets))
  const row = rowOf(status, isHtml)
  const requestId = requestIdOf(headers, family)
  const retryAfterMs = retryAfterOf(status, headers, Date.now()) ?? known?.retryAfterMs
  return new ImageError({
    code: known?.code ?? row.code,
    message: known ? messageOf(known, secrets) : fill(row.message, circumstances),
    ...(known ? retryableOf(known) : { retryable: row.retryable ?? false }),
    maybeBilled: row.maybeBilled ?? false,
    status,
    ...(known?.stage && { stage: known.stage }),
    ...(requestId && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** Left out, the error's own default by its code applies. */
const retryableOf = ({ retryable }: { readonly retryable?: boolean }) =>
  retryable === undefined ? {} : { retryable }

/** The error of a stream whose last event is an error. Pictures may have come before it. */
export const eventError = ({ circumstances, family, reply, secrets }: ErrorReply): ImageError => {
  const known = family.failure?.(reply.statusCode, readError(reply, secrets))
  const requestId = requestIdOf(reply.headers, family)
  return new ImageError({
    code: known?.code ?? "provider_failed",
    message: known
      ? messageOf(known, secrets)
      : fill("{provider} ended the stream of {model} with an error", circumstances),
    retryable: known?.retryable ?? false,
    maybeBilled: known?.code !== "content_filtered",
    status: reply.statusCode,
    ...(known?.stage && { stage: known.stage }),
    ...(requestId && { requestId }),
  })
}

/** JSON escapes can hide a secret in the reply's text, so the message is searched too. */
const messageOf = ({ message }: { readonly message: string }, secrets: readonly string[]): string =>
  withoutSecrets(message, secrets).slice(0, maxMessage)

export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((left, secret) => left.replaceAll(secret, "[removed]"), text)

/** JSON, or the text of a reply that is none. A secret that the provider repeats is taken out. */
const readError = ({ body }: HttpReply, secrets: readonly string[]): unknown => {
  if (body.length > maxErrorBytes) return undefined
  const text = withoutSecrets(new TextDecoder().decode(body), secrets)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const labelOf = ({ model, modelId }: Circumstances["call"]): string =>
  model === modelId ? model : `${model} (called as ${modelId})`

const fill = (message: string, { call, family, host }: Circumstances): string =>
  message
    .replace("{model}", () => labelOf(call))
    .replace("{provider}", () => family.provider)
    .replace("{host}", () => host)

/** The error of an ordered call whose result cannot be fetched. */
export const lostResult = (
  code: "invalid_response" | "provider_failed" | "timeout" | "unavailable",
  message: string,
): ImageError => new ImageError({ code, message, maybeBilled: true, retryable: false })
