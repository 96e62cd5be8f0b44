import { type ErrorCode, isImageError } from "@pictor/core"
import type { FailureKind } from "../config/types.ts"

/** LiteLLM's name of each code; undefined: the code does not concern the deployment. */
const kinds = {
  invalid_request: "BadRequestError",
  unsupported: "BadRequestError",
  model_not_found: "NotFoundError",
  model_retired: "NotFoundError",
  unauthenticated: "AuthenticationError",
  // A repeated call fails in the same way, as without credentials.
  misconfigured: "AuthenticationError",
  forbidden: "AuthenticationError",
  rate_limited: "RateLimitError",
  quota_exceeded: "RateLimitError",
  content_filtered: "ContentPolicyViolationError",
  timeout: "TimeoutError",
  unavailable: "InternalServerError",
  provider_failed: "InternalServerError",
  invalid_response: "InternalServerError",
  budget_exceeded: undefined,
  aborted: undefined,
  idempotency_in_progress: undefined,
  idempotency_replayed: undefined,
  idempotency_unresolved: undefined,
  idempotency_mismatch: undefined,
} as const satisfies Readonly<Record<ErrorCode, FailureKind | undefined>>

/** An unexpected error of a transport counts as a failure of its provider. */
export const kindOf = (error: unknown): FailureKind | undefined =>
  isImageError(error) ? kinds[error.code] : "InternalServerError"
