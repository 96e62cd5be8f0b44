import type { Answer } from "@pictor/openai-http"

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
export const toAnswer = (problem: Problem): Answer => {
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
