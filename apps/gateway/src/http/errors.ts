import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { HttpResponse } from "@pictor/openai-http"

/** Something that the server itself refuses, in OpenAI's words: https://platform.openai.com/docs/guides/error-codes. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly type?: string
  readonly param?: string
  readonly retryAfterSeconds?: number
  /** The methods that there are, of a 405. */
  readonly allow?: string
  /** The connection is not to be used again. */
  readonly close?: true
}

const typeOf = (status: number): string => {
  if (status === 401) return "authentication_error"
  if (status === 403) return "permission_error"
  return status >= 500 ? "server_error" : "invalid_request_error"
}

/** The body of OpenAI's error envelope. */
export const envelope = ({ status, code, message, type = typeOf(status), param }: Problem) => ({
  error: { message, type, param: param ?? null, code },
})

export const headersOf = ({
  retryAfterSeconds,
  allow,
  close,
}: Problem): Readonly<Record<string, string>> => ({
  ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
  ...(allow === undefined ? {} : { allow }),
  ...(close ? { connection: "close" } : {}),
})

/** A problem as a whole answer. */
export const toAnswer = (problem: Problem): HttpResponse => {
  const body = Buffer.from(JSON.stringify(envelope(problem)))
  return {
    status: problem.status,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.byteLength),
      ...headersOf(problem),
    },
    parts: [body],
  }
}

export const problems = {
  busy: {
    status: 503,
    code: "overloaded",
    message: "The gateway has as many requests under way as it takes. Try again in a second.",
    retryAfterSeconds: 1,
  },
  draining: {
    status: 503,
    code: "shutting_down",
    message:
      "The gateway is shutting down. Try again: another one takes over, or this one comes back.",
    retryAfterSeconds: 1,
    close: true,
  },
  broken: {
    status: 500,
    code: "internal_error",
    message: "The gateway failed to answer. Its log has the reason under this request's id.",
  },
  incomplete: {
    status: 400,
    code: "incomplete_body",
    message: "The request ended before its body was whole.",
  },
} as const satisfies Readonly<Record<string, Problem>>

export const tooLarge = (limitBytes: number): Problem => ({
  status: 413,
  code: "request_too_large",
  message: `The request's body is larger than the ${limitBytes} bytes that the gateway takes. Send fewer or smaller images.`,
})

const notHttp: Problem = {
  status: 400,
  code: "invalid_http",
  message:
    "What came is no valid HTTP/1.1 request: its request line, a header, its Host or the frame of its body is broken, or it ended early.",
}

/** By the code of Node's error. */
const known: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: "headers_too_large",
    message: "The request's headers are larger than the 16 KiB that the gateway takes.",
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: "request_timeout",
    message: "The request did not come in time. Send it again, faster.",
  },
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
}

const problemOf = ({ code = "" }: NodeJS.ErrnoException): Problem =>
  (Object.hasOwn(known, code) ? known[code] : undefined) ?? notHttp

const written = (problem: Problem): string => {
  const body = JSON.stringify(envelope(problem))
  const head = [
    `HTTP/1.1 ${problem.status} ${reasons[problem.status]}`,
    "connection: close",
    "content-type: application/json",
  ]
  return `${[...head, `content-length: ${Buffer.byteLength(body)}`].join("\r\n")}\r\n\r\n${body}`
}

/** What of a request cannot be read at all, though it is HTTP. */
export const unreadable = (): Response =>
  Response.json(envelope(notHttp), { status: notHttp.status })

/** For how long what is left is let go by, so that its sender comes to read why; one who then holds on is cut off. */
const letGoMs = 500

const refuse = (socket: Duplex, problem: Problem): void => {
  const timer = setTimeout(() => socket.destroy(), letGoMs).unref()
  socket.once("close", () => clearTimeout(timer)).end(written(problem))
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** Answers what never becomes a request in OpenAI's envelope too: after the answers to whole requests before it, and where none has begun to the one that it is part of. */
export const answerBrokenHttp = (server: Server): void => {
  const last = new WeakMap<Duplex, Exchange>()
  // Whatever comes after what cannot be read is told of again.
  const broken = new WeakSet<Duplex>()
  server.prependListener("request", (request, response) =>
    last.set(request.socket, { request, response }),
  )
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const { request, response } = last.get(socket) ?? {}
    const end = (): void =>
      socket.writable ? refuse(socket, problemOf(error)) : void socket.destroy()
    if (!socket.writable || error.code === "ECONNRESET") socket.destroy()
    else if (broken.has(socket)) return
    else if (!response || response.writableFinished || !(request?.complete || response.headersSent))
      end()
    else if (request?.complete) response.once("close", end)
    else socket.destroy()
    broken.add(socket)
  })
  // Whatever is expected beside 100-continue is served as if it were not: nobody waits for it.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response))
}
