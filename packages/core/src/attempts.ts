import type { Outcome } from "./adapter.ts"
import type { Booking } from "./booking.ts"
import { ImageError, isImageError } from "./errors.ts"
import { asImageError } from "./invoke.ts"
import type { PlannedCall } from "./plan.ts"
import type { Planned } from "./planner.ts"
import type { CallAnswer, CallAttempt } from "./ports.ts"
import { type Cost, maybeCostOf } from "./price.ts"
import type { Runtime } from "./runtime.ts"
import type { Stopping } from "./stopping.ts"

export interface RetryOptions {
  /** In all. Default 3. */
  readonly attempts?: number
  /** Also repeat what may have been charged; its price is reserved again and the first one held. */
  readonly maybeBilled?: boolean
}

/** How one planned call went. */
export interface CallEnd {
  readonly outcomes: readonly (Outcome | { readonly status: "not-attempted" })[]
  readonly attempts: number
  readonly requestIds: readonly string[]
  readonly providerMs: number
  /** Of attempts that were repeated although they may have been charged. */
  readonly heldCosts: readonly Cost[]
  /** It would be the same for every other call. */
  readonly fatal: boolean
}

export interface Calling {
  readonly planned: Planned
  readonly stopping: Stopping
  readonly runtime: Runtime
  readonly retry: Required<RetryOptions>
  readonly send: (attempt: CallAttempt) => Promise<CallAnswer>
}

const baseMs = 200
const capMs = 20_000

/** Full jitter over an exponential, and never before the provider's own word. */
const waitOf = (attempt: number, error: ImageError, random: () => number): number =>
  Math.max(error.retryAfterMs ?? 0, Math.round(random() * Math.min(capMs, baseMs * 2 ** attempt)))

/** Nothing came, and the same call may succeed. */
const failureOf = (outcomes: readonly Outcome[]): ImageError | undefined => {
  const failed = outcomes.flatMap((outcome) => (outcome.status === "failed" ? [outcome.error] : []))
  return failed.length === outcomes.length ? failed.find(({ retryable, maybeBilled }) => retryable && !maybeBilled) : undefined
}

const outcomesOf = (error: ImageError, count: number): readonly Outcome[] =>
  Array.from({ length: count }, () =>
    error.code === "content_filtered"
      ? { status: "filtered", stage: error.stage ?? "unknown", reason: error.message, ...(error.maybeBilled ? { billed: "maybe" as const } : {}) }
      : { status: "failed", error },
  )

const fatalCodes: ReadonlySet<string> = new Set(["unauthenticated", "forbidden", "model_not_found", "model_retired"])

const stops = (error: ImageError): boolean => fatalCodes.has(error.code) || error.status === 401 || error.status === 403 || error.status === 404

const mayRepeat = (error: ImageError, { retry, stopping }: Calling, attempt: number): boolean =>
  attempt < retry.attempts &&
  !stopping.signal.aborted &&
  (error.maybeBilled ? retry.maybeBilled && error.code !== "aborted" && error.code !== "invalid_response" : error.retryable)

/** Makes one planned call, again where that may help. Never throws: what went wrong is in the outcomes. */
export const makeCall = async (calling: Calling, call: PlannedCall, booking: Booking): Promise<CallEnd> => {
  const { planned, stopping, runtime, send } = calling
  const count = call.slots.length
  const requestIds: string[] = []
  const heldCosts: Cost[] = []
  let providerMs = 0
  let attempt = 0
  const end = (outcomes: CallEnd["outcomes"], fatal = false): CallEnd => ({ outcomes, attempts: attempt, requestIds, providerMs, heldCosts, fatal })
  for (;;) {
    if (stopping.signal.aborted && attempt === 0) return end(Array.from({ length: count }, () => ({ status: "not-attempted" as const })))
    attempt++
    let failure: ImageError
    let outcomes: readonly Outcome[]
    const startedMs = runtime.now()
    try {
      await booking.sent().catch((cause: unknown) => {
        throw isImageError(cause)
          ? cause
          : new ImageError({ code: "unavailable", message: "The ledger could not be written; nothing was sent.", retryable: false, cause })
      })
      const answer = await send({ plan: planned.plan, call, attempt, signal: stopping.signal })
      providerMs += runtime.now() - startedMs
      if (answer.requestId !== undefined) requestIds.push(answer.requestId)
      const repeatable = failureOf(answer.outcomes)
      if (!repeatable) return end(answer.outcomes)
      failure = repeatable
      outcomes = answer.outcomes
    } catch (thrown) {
      providerMs += runtime.now() - startedMs
      failure = asImageError(thrown, call.modelId, stopping)
      outcomes = outcomesOf(failure, count)
      if (failure.requestId !== undefined) requestIds.push(failure.requestId)
    }
    if (!mayRepeat(failure, calling, attempt)) return end(outcomes, stops(failure))
    try {
      if (failure.maybeBilled) {
        const cost = maybeCostOf(planned.price, count)
        await booking.again({ cost, delivered: 0 })
        heldCosts.push(cost)
      }
      await runtime.sleep(waitOf(attempt, failure, runtime.random), stopping.signal)
    } catch {
      return end(outcomes)
    }
  }
}
