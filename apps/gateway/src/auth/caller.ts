import { isImageError } from "@pictor/core"
import { type Problem, problems } from "../http/errors.ts"

/** Why nobody is let in, as the caller is told. */
export const refusal = (thrown: unknown): Problem => {
  if (!isImageError(thrown)) return problems.broken
  const { code, message, retryAfterMs } = thrown
  if (code === "unauthenticated") return { status: 401, code: "invalid_api_key", message }
  if (code === "forbidden") return { status: 403, code: "forbidden", message }
  return {
    status: 503,
    code: "unavailable",
    message,
    retryAfterSeconds: Math.ceil((retryAfterMs ?? 1000) / 1000),
  }
}

export const isProblem = (value: object): value is Problem =>
  "status" in value && "code" in value && "message" in value
