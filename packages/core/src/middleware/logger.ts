import type { Cost } from "../contract/cost.ts"
import { isImageError } from "../contract/errors.ts"
import type { Middleware } from "../contract/middleware.ts"
import type { Task } from "../contract/request.ts"
import { defined } from "../lib/object.ts"

/** A finished call or request. Never contains a prompt, an image or a credential. */
export type LogEvent = {
  readonly model: string
  readonly durationMs: number
  readonly error?: string
} & (
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

type Write = (event: LogEvent) => void

const logPlan =
  (write: Write, now: () => number): NonNullable<Middleware["plan"]> =>
  async (plan, next) => {
    const startedMs = now()
    const { model, task, n: images, estimate } = plan
    const changes = plan.changes.map(({ field, action }) => `${field} ${action}`)
    const common = { event: "request", model, task, images, changes, estimate } as const
    try {
      const result = await next(plan)
      write({
        ...common,
        durationMs: now() - startedMs,
        delivered: result.images.length,
        cost: result.cost,
      })
      return result
    } catch (thrown) {
      const {
        code: error,
        slots = [],
        cost,
      } = isImageError(thrown) ? thrown : { code: "unexpected" }
      const delivered = slots.filter(({ status }) => status === "delivered").length
      write({ ...common, durationMs: now() - startedMs, delivered, error, ...defined({ cost }) })
      throw thrown
    }
  }

const logCall =
  (write: Write, now: () => number): NonNullable<Middleware["call"]> =>
  async (attempt, next) => {
    const startedMs = now()
    const { model, modelId, slots } = attempt.call
    const common = {
      event: "call",
      model,
      modelId,
      attempt: attempt.attempt,
      images: slots.length,
    } as const
    try {
      const answer = await next(attempt)
      const { status, requestId, bytes } = answer
      const outcomes = answer.outcomes.map((outcome) => outcome.status)
      write({
        ...common,
        durationMs: now() - startedMs,
        status,
        bytes,
        outcomes,
        ...defined({ requestId }),
      })
      return answer
    } catch (thrown) {
      const {
        code: error,
        status,
        requestId,
      } = isImageError(thrown) ? thrown : { code: "unexpected" }
      write({
        ...common,
        durationMs: now() - startedMs,
        error,
        outcomes: [],
        ...defined({ status, requestId }),
      })
      throw thrown
    }
  }

const ignoringErrors =
  (write: Write): Write =>
  (event) => {
    try {
      write(event)
    } catch {
      // A log that cannot be written must not lose an image that is paid for.
    }
  }

/** Writes an event for every ended attempt and request. Errors of `write` are ignored. */
export const logger = (write: Write, now: () => number = Date.now): Middleware => ({
  name: "logger",
  plan: logPlan(ignoringErrors(write), now),
  call: logCall(ignoringErrors(write), now),
})
