import { type ErrorCode, type FilterStage, ImageError, isImageError } from "@pictor/core"
import { costHeaders, toCost } from "./cost.ts"
import { rowOf } from "./error-table.ts"
import { allWrong, type Problem } from "./fault.ts"
import { type Asked, toFaults } from "./names.ts"
import { lostSlots } from "./slots.ts"

const moderationStages: Readonly<Record<FilterStage, string>> = {
  prompt: "input",
  "input-image": "input",
  output: "output",
  guardrail: "unknown",
  unknown: "unknown",
}

const isWaiting = (code: ErrorCode): boolean =>
  code === "rate_limited" || code === "unavailable" || code === "idempotency_in_progress"

/** Clients repeat what fails with a 409, 429 or 5xx by themselves: only what may succeed then, and costs nothing twice, is worth it. */
const retryHeaders = ({
  code,
  retryable,
  maybeBilled,
  retryAfterMs,
}: ImageError): Readonly<Record<string, string>> => {
  const again = (retryable || code === "idempotency_in_progress") && !maybeBilled
  const waitMs = retryAfterMs ?? (again && isWaiting(code) ? 1000 : undefined)
  return {
    "x-should-retry": String(again),
    ...(waitMs === undefined
      ? {}
      : { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) }),
  }
}

const moreOf = (error: ImageError): Readonly<Record<string, unknown>> => {
  const { code, stage = "unknown", slots, cost, maybeBilled } = error
  const made = slots || cost || maybeBilled
  return {
    ...(code === "content_filtered"
      ? { moderation_details: { categories: [], moderation_stage: moderationStages[stage] } }
      : {}),
    ...(made
      ? {
          pictor: {
            maybe_billed: maybeBilled,
            ...(cost && { cost: toCost(cost) }),
            ...(slots && { slots: lostSlots(slots) }),
          },
        }
      : {}),
  }
}

/** A failure of Pictor's as the API answers it. */
export const toProblem = (error: ImageError, asked: Asked): Problem => {
  const row = rowOf(error)
  const [first, ...rest] =
    error.code === "invalid_request" || error.code === "unsupported" ? toFaults(error, asked) : []
  const wrong = first && allWrong([first, ...rest])
  return {
    status: row.status,
    type: row.type,
    code: wrong?.code ?? row.code,
    message: row.message ?? wrong?.message ?? error.message,
    ...(wrong?.param === undefined ? {} : { param: wrong.param }),
    ...(wrong?.faults === undefined ? {} : { faults: wrong.faults }),
    more: moreOf(error),
    headers: { ...retryHeaders(error), ...(error.cost ? costHeaders(error.cost) : {}) },
  }
}

/** Whatever was thrown, as an `ImageError`: what is none is a fault of ours, told to the host in `cause` and to nobody else. */
export const toImageError = (error: unknown): ImageError =>
  isImageError(error)
    ? error
    : new ImageError({
        code: "provider_failed",
        message: "The server failed to answer this request.",
        retryable: false,
        cause: error,
      })

export const internal: Problem = {
  status: 500,
  type: "server_error",
  code: "internal_error",
  message: "The server failed to answer this request.",
  headers: { "x-should-retry": "false" },
}
