import { isImageError } from "./errors.ts"
import type { Middleware } from "./ports.ts"
import type { Cost } from "./price.ts"
import type { Task } from "./request.ts"

/** One thing that happened. Holds no prompt, image or credential. */
export type LogEvent = { readonly model: string; readonly durationMs: number; readonly error?: string } & (
  | {
      readonly event: "call"
      readonly modelId: string
      readonly attempt: number
      readonly images: number
      readonly status?: number
      readonly requestId?: string
      readonly bytes?: number
      readonly outcomes: readonly string[]
    }
  | {
      readonly event: "request"
      readonly task: Task
      readonly images: number
      readonly delivered: number
      readonly changes: readonly string[]
      readonly estimate: Cost
      readonly cost?: Cost
    }
)

/** Tells of every attempt and every request once it has ended. `now`: a clock in milliseconds. */
export const logger = (write: (event: LogEvent) => void, now: () => number = Date.now): Middleware => ({
  name: "logger",
  plan: async (plan, next) => {
    const startedMs = now()
    const common = {
      event: "request",
      model: plan.model,
      task: plan.task,
      images: plan.n,
      changes: plan.changes.map(({ field, action }) => `${field} ${action}`),
      estimate: plan.estimate,
    } as const
    try {
      const result = await next(plan)
      write({ ...common, durationMs: now() - startedMs, delivered: result.images.length, cost: result.cost })
      return result
    } catch (error) {
      const { code, slots = [], cost } = isImageError(error) ? error : { code: "unexpected" }
      write({
        ...common,
        durationMs: now() - startedMs,
        delivered: slots.filter(({ status }) => status === "delivered").length,
        error: code,
        ...(cost === undefined ? {} : { cost }),
      })
      throw error
    }
  },
  call: async (attempt, next) => {
    const startedMs = now()
    const { model, modelId, slots } = attempt.call
    const common = { event: "call", model, modelId, attempt: attempt.attempt, images: slots.length } as const
    try {
      const { status, requestId, bytes, outcomes } = await next(attempt)
      write({
        ...common,
        durationMs: now() - startedMs,
        status,
        bytes,
        outcomes: outcomes.map((outcome) => outcome.status),
        ...(requestId === undefined ? {} : { requestId }),
      })
      return { status, bytes, outcomes, ...(requestId === undefined ? {} : { requestId }) }
    } catch (error) {
      const { code, status, requestId } = isImageError(error) ? error : { code: "unexpected" }
      write({
        ...common,
        durationMs: now() - startedMs,
        error: code,
        outcomes: [],
        ...(status === undefined ? {} : { status }),
        ...(requestId === undefined ? {} : { requestId }),
      })
      throw error
    }
  },
})
