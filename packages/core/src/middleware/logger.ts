import type { Units } from "../contract/card.ts"
import type { Cost } from "../contract/cost.ts"
import { type ImageError, isImageError } from "../contract/errors.ts"
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
      readonly usage?: Units
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

const factsOf = (thrown: unknown): Partial<Omit<ImageError, "code">> & { readonly code: string } =>
  isImageError(thrown) ? thrown : { code: "unexpected" }

const logPlan =
  (write: Write, now: () => number): NonNullable<Middleware["plan"]> =>
  async (plan, next) => {
    const startedMs = now()
    const { model, task, n: images, estimate } = plan
    const changes = plan.changes.map(({ field, action }) => `${field} ${action}`)
    const common = { event: "request", model, task, images, changes, estimate } as const
    try {
      const result = await next(plan)
      const { images: delivered, cost } = result
      write({ ...common, durationMs: now() - startedMs, delivered: delivered.length, cost })
      return result
    } catch (thrown) {
      const { code: error, slots = [], cost } = factsOf(thrown)
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
    const facts = { model, modelId, attempt: attempt.attempt, images: slots.length }
    const common = { event: "call", ...facts } as const
    try {
      const answer = await next(attempt)
      const { status, requestId, bytes, usage } = answer
      const outcomes = answer.outcomes.map((outcome) => outcome.status)
      const durationMs = now() - startedMs
      write({ ...common, durationMs, status, bytes, outcomes, ...defined({ requestId, usage }) })
      return answer
    } catch (thrown) {
      const { code: error, status, requestId } = factsOf(thrown)
      const durationMs = now() - startedMs
      write({ ...common, durationMs, error, outcomes: [], ...defined({ status, requestId }) })
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
