import { type ErrorCode, type ImageError, isImageError } from "@pictor/core"
import { HTTPException } from "hono/http-exception"
import { envelope, headersOf, type Problem } from "../http/errors.ts"

/** Of those that these routes come to; whatever else goes wrong is this gateway's own fault. */
const statuses: { readonly [Code in ErrorCode]?: number } = {
  invalid_request: 400,
  unsupported: 400,
  unauthenticated: 401,
  forbidden: 403,
}

/** What the database says has its cause, and is no fault of the caller's. */
const statusOf = ({ code, cause }: ImageError): number =>
  cause === undefined ? (statuses[code] ?? 503) : 503

const problemOf = (error: ImageError): Problem => {
  const status = statusOf(error)
  const param = error.issues?.[0]?.path
  const code =
    status === 503
      ? "unavailable"
      : error.code === "unauthenticated"
        ? "invalid_api_key"
        : error.code
  const wait =
    status === 503 ? { retryAfterSeconds: Math.ceil((error.retryAfterMs ?? 1000) / 1000) } : {}
  return { status, code, message: error.message, ...(param && { param }), ...wait }
}

/** An error as OpenAI answers it, with all `issues` where there are several. Throws what nobody expected. */
export const problem = (error: Error): Response => {
  if (error instanceof HTTPException) {
    const code = error.status === 404 ? "not_found" : "forbidden"
    return Response.json(envelope({ status: error.status, code, message: error.message }), {
      status: error.status,
    })
  }
  if (!isImageError(error)) throw error
  const found = problemOf(error)
  const body = envelope(found)
  const issues = (error.issues ?? []).map(({ path, ...issue }) => ({ ...issue, param: path }))
  const headers = headersOf(found)
  return Response.json(issues.length > 1 ? { error: { ...body.error, issues } } : body, {
    status: found.status,
    headers,
  })
}
