import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { type ErrorCode, isImageError } from "@pictor/core"
import type { HttpResponse } from "@pictor/openai-http"

interface ApiErrorOptions {
  readonly param?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * An error that the HTTP layer reports: https://developers.openai.com/api/docs/guides/error-codes.
 */
export class ApiError extends Error {
  override readonly name = "ApiError"
  readonly status: number
  readonly code: string
  readonly param: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, options: ApiErrorOptions = {}) {
    super(message)
    this.status = status
    this.code = code
    this.param = options.param
    this.headers = options.headers ?? {}
  }
}

const typeOf = (status: number): string => {
  if (status === 401) return "authentication_error"
  if (status === 403) return "permission_error"
  return status >= 500 ? "server_error" : "invalid_request_error"
}

export const errorBody = ({ status, code, message, param }: ApiError) => ({
  error: { message, type: typeOf(status), param: param ?? null, code },
})

export const errorResponse = (error: ApiError): Response =>
  Response.json(errorBody(error), { status: error.status, headers: error.headers })

export const errorAnswer = (error: ApiError): HttpResponse => {
  const body = Buffer.from(JSON.stringify(errorBody(error)))
  return {
    status: error.status,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.byteLength),
      ...error.headers,
    },
    parts: [body],
  }
}

export const overloaded = (): ApiError =>
  new ApiError(
    503,
    "overloaded",
    "The gateway is at its limit of concurrent requests or bytes. Retry in 1 s.",
    { headers: { "retry-after": "1" } },
  )

export const keyOverloaded = (limitBytes: number): ApiError =>
  new ApiError(
    429,
    "overloaded",
    `The requests of this key hold ${limitBytes.toLocaleString("en-US")} bytes, the limit of one key. Retry in 1 s, or send fewer requests at once.`,
    { headers: { "retry-after": "1" } },
  )

export const shuttingDown = (): ApiError =>
  new ApiError(503, "shutting_down", "The gateway is shutting down. Retry in 1 s.", {
    headers: { "retry-after": "1", connection: "close" },
  })

export const incompleteBody = (): ApiError =>
  new ApiError(
    400,
    "incomplete_body",
    "The connection closed before the request body was complete.",
  )

export const bodyTooLarge = (limitBytes: number): ApiError => {
  const limit = limitBytes.toLocaleString("en-US")
  const message = `The request body exceeds the limit of ${limit} bytes. Send fewer or smaller images.`
  return new ApiError(413, "request_too_large", message)
}

const internalMessage =
  "The gateway failed to answer. Its log has the reason under this request's id."

/** Errors of authentication and of the key routes; any other code is a failure of the gateway. */
const statuses: { readonly [Code in ErrorCode]?: readonly [status: number, code: string] } = {
  invalid_request: [400, "invalid_request"],
  unsupported: [400, "unsupported"],
  unauthenticated: [401, "invalid_api_key"],
  forbidden: [403, "forbidden"],
}

/** Is it an error that a route may throw on purpose? */
export const isExpected = (thrown: unknown): boolean =>
  thrown instanceof ApiError || isImageError(thrown)

/** An `ImageError` with a cause comes from the database and is not the caller's fault. */
export const toApiError = (thrown: unknown): ApiError => {
  if (thrown instanceof ApiError) return thrown
  if (!isImageError(thrown)) return new ApiError(500, "internal_error", internalMessage)
  const { message, cause, issues, retryAfterMs = 1000 } = thrown
  const known = cause === undefined ? statuses[thrown.code] : undefined
  if (known) return new ApiError(...known, message, { param: issues?.[0]?.path || undefined })
  const headers = { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }
  return new ApiError(503, "unavailable", message, { headers })
}

const invalidHttp = (): ApiError =>
  new ApiError(
    400,
    "invalid_http",
    "The request is not valid HTTP/1.1: the request line, a header, the host or the body's framing is malformed, or it ended early.",
  )

const toParseError = ({ code }: NodeJS.ErrnoException): ApiError => {
  if (code === "HPE_HEADER_OVERFLOW")
    return new ApiError(431, "headers_too_large", "The request headers exceed the limit of 16 KiB.")
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new ApiError(
      408,
      "request_timeout",
      "The request did not arrive in time. Send it again, faster.",
    )
  return invalidHttp()
}

const serialize = (error: ApiError): string => {
  const body = JSON.stringify(errorBody(error))
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    "connection: close",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join("\r\n")}\r\n\r\n${body}`
}

/** For a request that Node parses and that is no valid `Request`, such as one with a bad host. */
export const unreadableRequest = (): Response => errorResponse(invalidHttp())

/** How long a client that sends on after an error may read the answer before it is cut off. */
const lingerMs = 500

const endWith = (socket: Duplex, error: ApiError): void => {
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref()
  socket.once("close", () => clearTimeout(timer)).end(serialize(error))
}

interface LastExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Answers malformed HTTP in OpenAI's envelope: after the answers to the complete requests before it
 * on the connection, and not inside an answer that has begun.
 */
export const answerParseErrors = (server: Server): void => {
  const last = new WeakMap<Duplex, LastExchange>()
  // Node reports every further chunk of a connection that it cannot parse.
  const reported = new WeakSet<Duplex>()
  server.prependListener("request", (request, response) =>
    last.set(request.socket, { request, response }),
  )
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const { request, response } = last.get(socket) ?? {}
    const end = (): void =>
      socket.writable ? endWith(socket, toParseError(error)) : void socket.destroy()
    if (!socket.writable || error.code === "ECONNRESET") socket.destroy()
    else if (reported.has(socket)) return
    else if (!response || response.writableFinished || !(request?.complete || response.headersSent))
      end()
    else if (request?.complete) response.once("close", end)
    else socket.destroy()
    reported.add(socket)
  })
  // An unknown Expect header is ignored.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response))
}
