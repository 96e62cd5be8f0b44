import type { Outcome } from "../contract/adapter.ts"
import type { ImageError } from "../contract/errors.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { CallAnswer, CallAttempt } from "../contract/ports.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Planned } from "../planning/planner.ts"
import { type Cost, maybeCostOf } from "../planning/price.ts"
import { defined } from "../tools/defined.ts"
import type { Booking } from "./booking.ts"
import { asImageError } from "./invoke.ts"
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

/** Nothing came, nothing may have been charged, and the same call may succeed. */
const repeatableIn = (outcomes: readonly Outcome[]): ImageError | undefined => {
  const errors = outcomes.flatMap((outcome) => (outcome.status === "failed" && !outcome.error.maybeBilled ? [outcome.error] : []))
  return errors.length === outcomes.length ? errors.find(({ retryable }) => retryable) : undefined
}

const outcomesOf = (error: ImageError, count: number): readonly Outcome[] =>
  Array.from({ length: count }, () =>
    error.code === "content_filtered"
      ? { status: "filtered", stage: error.stage ?? "unknown", reason: error.message, ...(error.maybeBilled ? { billed: "maybe" as const } : {}) }
      : { status: "failed", error },
  )

const fatal: readonly unknown[] = ["unauthenticated", "forbidden", "model_not_found", "model_retired", 401, 403, 404]

const stops = ({ code, status }: ImageError): boolean => fatal.includes(code) || fatal.includes(status)

const mayRepeat = (error: ImageError, { retry, stopping }: Calling, attempt: number): boolean =>
  attempt < retry.attempts &&
  !stopping.signal.aborted &&
  (error.maybeBilled ? retry.maybeBilled && error.code !== "aborted" && error.code !== "invalid_response" : error.retryable)

interface Tried {
  readonly outcomes: readonly Outcome[]
  /** What may be tried again. */
  readonly failure?: ImageError
  readonly requestId?: string
  readonly providerMs: number
}

const tryOnce = async (
  { planned: { plan }, stopping, runtime, send }: Calling,
  call: PlannedCall,
  booking: Booking,
  attempt: number,
): Promise<Tried> => {
  let startedMs = runtime.now()
  const providerMs = (): number => runtime.now() - startedMs
  try {
    await booking.sent()
    startedMs = runtime.now()
    const { outcomes, requestId } = await send({ plan, call, attempt, signal: stopping.signal })
    return { outcomes, providerMs: providerMs(), ...defined({ requestId, failure: repeatableIn(outcomes) }) }
  } catch (thrown) {
    const failure = asImageError(thrown, call.modelId, stopping)
    return { outcomes: outcomesOf(failure, call.slots.length), failure, providerMs: providerMs(), ...defined({ requestId: failure.requestId }) }
  }
}

/** The end of a call that was never begun. */
export const notAttempted = ({ slots }: PlannedCall): CallEnd => ({
  outcomes: slots.map(() => ({ status: "not-attempted" })),
  attempts: 0,
  requestIds: [],
  providerMs: 0,
  heldCosts: [],
  fatal: false,
})

/** Makes one planned call, again where that may help. Never throws: what went wrong is in the outcomes. */
export const makeCall = async (calling: Calling, call: PlannedCall, booking: Booking): Promise<CallEnd> => {
  const { planned, stopping, runtime } = calling
  let end = notAttempted(call)
  if (stopping.signal.aborted) return end
  for (let attempts = 1; ; attempts++) {
    const { outcomes, failure, requestId, providerMs } = await tryOnce(calling, call, booking, attempts)
    const requestIds = requestId === undefined ? end.requestIds : [...end.requestIds, requestId]
    end = { ...end, outcomes, attempts, requestIds, providerMs: end.providerMs + providerMs }
    if (!failure || !mayRepeat(failure, calling, attempts)) return { ...end, fatal: failure !== undefined && stops(failure) }
    try {
      await runtime.sleep(waitOf(attempts, failure, runtime.random), stopping.signal)
      if (!failure.maybeBilled) continue
      const cost = maybeCostOf(planned.price, call.slots.length)
      await booking.again({ cost, delivered: 0 })
      end = { ...end, heldCosts: [...end.heldCosts, cost] }
    } catch {
      return end
    }
  }
}
