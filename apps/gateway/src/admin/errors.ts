import { isImageError } from "@pictor/core"
import { HTTPException } from "hono/http-exception"
import { ApiError, errorBody, errorResponse, toApiError } from "../http/errors.ts"

/** An error in OpenAI's envelope, with all `issues` if there are several. Rethrows unexpected ones. */
export const problem = (error: Error): Response => {
  if (error instanceof HTTPException) {
    const code = error.status === 404 ? "not_found" : "forbidden"
    return errorResponse(new ApiError(error.status, code, error.message))
  }
  if (!isImageError(error)) throw error
  const apiError = toApiError(error)
  const issues = (error.issues ?? []).map(({ path, ...issue }) => ({ ...issue, param: path }))
  if (issues.length < 2) return errorResponse(apiError)
  const { status, headers } = apiError
  return Response.json({ error: { ...errorBody(apiError).error, issues } }, { status, headers })
}
