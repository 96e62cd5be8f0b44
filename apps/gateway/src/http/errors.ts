import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { type ErrorCode, isImageError } from "@pictor/core"
import type { HttpResponse } from "@pictor/openai-http"

interface ApiErrorOptions {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly param?: string | null | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** An error that the HTTP layer reports: https://platform.openai.com/docs/guides/error-codes. */
export class ApiError extends Error {
  override readonly name = "ApiError"
  readonly status: number
  readonly code: string
  readonly param: string | null
  readonly headers: Readonly<Record<string, string>>

  constructor({ status, code, message, param = null, headers = {} }: ApiErrorOptions) {
    super(message)
    this.status = status
    this.code = code
    this.param = param
    this.headers = headers
  }
}

const typeOf = (status: number): string => {
  if (status === 401) return "authentication_error"
  if (status === 403) return "permission_error"
  return status >= 500 ? "server_error" : "invalid_request_error"
}

/** The body of OpenAI's error envelope. */
export const errorBody = ({ status, code, message, param }: ApiError) => ({
  error: { message, type: typeOf(status), param, code },
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
  new ApiError({
    status: 503,
    code: "overloaded",
    message: "The gateway is at its limit of concurrent requests or bytes. Retry in 1 s.",
    headers: { "retry-after": "1" },
  })

export const shuttingDown = (): ApiError =>
  new ApiError({
    status: 503,
    code: "shutting_down",
    message: "The gateway is shutting down. Retry in 1 s.",
    headers: { "retry-after": "1", connection: "close" },
  })

export const incompleteBody = (): ApiError =>
  new ApiError({
    status: 400,
    code: "incomplete_body",
    message: "The connection closed before the request body was complete.",
  })

export const bodyTooLarge = (limitBytes: number): ApiError =>
  new ApiError({
    status: 413,
    code: "request_too_large",
    message: `The request body exceeds the limit of ${limitBytes.toLocaleString("en-US")} bytes. Send fewer or smaller images.`,
  })

const internal = (): ApiError =>
  new ApiError({
    status: 500,
    code: "internal_error",
    message: "The gateway failed to answer. Its log has the reason under this request's id.",
  })

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
  if (!isImageError(thrown)) return internal()
  const { message, cause, issues, retryAfterMs = 1000 } = thrown
  const known = cause === undefined ? statuses[thrown.code] : undefined
  if (known)
    return new ApiError({
      status: known[0],
      code: known[1],
      message,
      param: issues?.[0]?.path || null,
    })
  const headers = { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }
  return new ApiError({ status: 503, code: "unavailable", message, headers })
}

const invalidHttp = (): ApiError =>
  new ApiError({
    status: 400,
    code: "invalid_http",
    message:
      "The request is not valid HTTP/1.1: the request line, a header, the host or the body's framing is malformed, or it ended early.",
  })

/** By the code of Node's error. */
const parseErrors: Readonly<Record<string, ApiErrorOptions>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: "headers_too_large",
    message: "The request headers exceed the limit of 16 KiB.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: "request_timeout",
    message: "The request did not arrive in time. Send it again, faster.",
  },
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
}

const toParseError = ({ code = "" }: NodeJS.ErrnoException): ApiError => {
  const options = Object.hasOwn(parseErrors, code) ? parseErrors[code] : undefined
  return options ? new ApiError(options) : invalidHttp()
}

const serialize = (error: ApiError): string => {
  const body = JSON.stringify(errorBody(error))
  const head = [
    `HTTP/1.1 ${error.status} ${reasons[error.status]}`,
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
 * Answers malformed HTTP in OpenAI's envelope: after the answers to the complete requests before
 * it on the connection, and not inside an answer that has begun.
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
