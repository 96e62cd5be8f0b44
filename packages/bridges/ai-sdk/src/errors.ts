import {
  APICallError,
  InvalidArgumentError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider"
import type { ErrorCode, ImageError } from "@pictor/core"

/** For errors that no provider answered with a status. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unsupported: 400,
  content_filtered: 400,
  unauthenticated: 401,
  forbidden: 403,
  model_not_found: 404,
  model_retired: 404,
  timeout: 408,
  aborted: 499,
  idempotency_in_progress: 409,
  idempotency_replayed: 409,
  idempotency_unresolved: 409,
  idempotency_mismatch: 422,
  rate_limited: 429,
  quota_exceeded: 429,
  budget_exceeded: 429,
  provider_failed: 502,
  invalid_response: 502,
  misconfigured: 503,
  unavailable: 503,
}

/** The same error as one of the AI SDK's classes, with the original as its `cause`. */
export const toSdkError = (error: ImageError, modelId: string, n: number): Error =>
  toRequestError(error, modelId) ??
  new APICallError({
    message: error.message,
    url: `pictor:${modelId}`,
    requestBodyValues: { model: modelId, n },
    statusCode: error.status ?? statuses[error.code],
    isRetryable: error.retryable && !error.maybeBilled,
    ...(error.retryAfterMs !== undefined && {
      responseHeaders: { "retry-after-ms": String(error.retryAfterMs) },
    }),
    data: error.toJSON(),
    cause: error,
  })

/** A request that was rejected before anything was sent. */
const toRequestError = (error: ImageError, modelId: string): Error | undefined => {
  const { code, message, status, maybeBilled, issues = [] } = error
  if (status !== undefined || maybeBilled) return undefined
  const path = issues[0]?.path ?? "request"
  if (code === "invalid_request")
    return new InvalidArgumentError({ argument: path, message, cause: error })
  if (code === "unsupported")
    return withCause(new UnsupportedFunctionalityError({ functionality: path, message }), error)
  if (code === "model_not_found")
    return withCause(new NoSuchModelError({ modelId, modelType: "imageModel", message }), error)
  return undefined
}

const withCause = (error: Error, cause: ImageError): Error => Object.assign(error, { cause })

export const isAbort = ({ code }: ImageError, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && (code === "aborted" || code === "timeout")

/** The AI SDK recognizes the end of a signal by the error's name. */
export const toAbortError = (error: ImageError, signal: AbortSignal | undefined): Error => {
  const reason: unknown = signal?.reason
  const isTimeout = reason instanceof Error && reason.name === "TimeoutError"
  const aborted = new Error(error.message, { cause: error })
  return Object.assign(aborted, { name: isTimeout ? "TimeoutError" : "AbortError" })
}
