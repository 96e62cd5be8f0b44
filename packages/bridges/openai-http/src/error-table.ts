import type { ErrorCode, ImageError } from "@pictor/core"

/** How an error is answered. */
export interface Row {
  readonly status: number
  readonly type: string
  readonly code: string
  /** What is said in place of the error's own message, which tells of the host's affairs. */
  readonly message?: string
}

const request = "invalid_request_error"
const server = "server_error"

/** How each of Pictor's errors is answered. What a provider has against the host's credentials is not the caller's fault. */
const rows: Readonly<Record<ErrorCode, Row>> = {
  invalid_request: { status: 400, type: request, code: "invalid_request" },
  unsupported: { status: 400, type: request, code: "unsupported_parameter" },
  model_not_found: { status: 404, type: request, code: "model_not_found" },
  model_retired: { status: 404, type: request, code: "model_retired" },
  content_filtered: {
    status: 400,
    type: "image_generation_user_error",
    code: "moderation_blocked",
  },
  rate_limited: { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  quota_exceeded: { status: 429, type: "rate_limit_error", code: "quota_exceeded" },
  budget_exceeded: { status: 429, type: "budget_exceeded", code: "budget_exceeded" },
  unauthenticated: {
    status: 502,
    type: server,
    code: "provider_unauthenticated",
    message:
      "The model's provider does not accept this server's credentials. Tell whoever runs this server.",
  },
  misconfigured: {
    status: 503,
    type: server,
    code: "misconfigured",
    message:
      "This server is not fully configured: it lacks a region, a key or an endpoint. Tell whoever runs it.",
  },
  forbidden: { status: 403, type: "permission_error", code: "permission_denied" },
  timeout: { status: 504, type: server, code: "timeout" },
  aborted: { status: 499, type: request, code: "request_aborted" },
  unavailable: { status: 503, type: server, code: "unavailable" },
  provider_failed: { status: 502, type: server, code: "provider_failed" },
  invalid_response: { status: 502, type: server, code: "invalid_response" },
  idempotency_in_progress: {
    status: 409,
    type: "idempotency_error",
    code: "idempotency_in_progress",
  },
  idempotency_replayed: { status: 409, type: "idempotency_error", code: "idempotency_replayed" },
  idempotency_mismatch: { status: 422, type: "idempotency_error", code: "idempotency_mismatch" },
}

const refusedByProvider: Row = {
  status: 502,
  type: server,
  code: "provider_forbidden",
  message:
    "The model's provider does not let this server use the model. Tell whoever runs this server.",
}

/** A provider's refusal comes with its status; without one it is the host that refuses. */
export const rowOf = (error: ImageError): Row =>
  error.code === "forbidden" && error.status !== undefined ? refusedByProvider : rows[error.code]
