import { type ErrorCode, type ImageError, isImageError } from "@pictor/core"
import { HTTPException } from "hono/http-exception"

/** Of those that these routes come to; whatever else goes wrong is this gateway's own fault. */
const statuses: { readonly [Code in ErrorCode]?: 400 | 401 | 403 | 429 | 503 } = {
  invalid_request: 400,
  unsupported: 400,
  unauthenticated: 401,
  forbidden: 403,
  rate_limited: 429,
  unavailable: 503,
}

const types = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "invalid_request_error",
} as const

const typeOf = (status: number): string => types[status as keyof typeof types] ?? (status === 429 ? "rate_limit_error" : "server_error")

/** A database that may not be written is no matter of the caller's rights. */
const statusOf = ({ code, cause }: ImageError): number => (cause !== undefined && code !== "unavailable" ? 500 : (statuses[code] ?? 500))

const codeOf = ({ code }: ImageError): string => (code === "unauthenticated" ? "invalid_api_key" : code)

const envelope = (status: number, message: string, code: string, error?: ImageError): Response => {
  const issues = error?.issues ?? []
  const body = { message, type: typeOf(status), param: issues[0]?.path || null, code, ...(issues.length > 1 && { issues }) }
  const retry = error?.retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(error.retryAfterMs / 1000)) }
  return Response.json({ error: body }, { status, headers: retry })
}

/** An error as OpenAI answers it; of what nobody expected it says nothing. */
export const problem = (error: Error): Response => {
  if (isImageError(error)) return envelope(statusOf(error), error.message, codeOf(error), error)
  if (error instanceof HTTPException) return envelope(error.status, error.message, error.status === 404 ? "not_found" : "invalid_request")
  return envelope(500, "This gateway failed; its log says why.", "internal_error")
}
