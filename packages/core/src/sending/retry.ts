import type { Outcome } from "../contract/adapter.ts"
import type { ImageError } from "../contract/errors.ts"
import type { PlannedCall } from "../contract/plan.ts"
import { type Cost, maybeCostOf } from "../planning/price.ts"
import type { Calling } from "./attempts.ts"
import type { Booking } from "./booking.ts"

const baseMs = 200
const capMs = 20_000

/** Full jitter over an exponential, and never before the provider's own word. */
const waitOf = (attempt: number, error: ImageError, random: () => number): number =>
  Math.max(error.retryAfterMs ?? 0, Math.round(random() * Math.min(capMs, baseMs * 2 ** attempt)))

/** Nothing came, nothing may have been charged, and the same call may succeed. */
const repeatableIn = (outcomes: readonly Outcome[]): ImageError | undefined => {
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === "failed" && !outcome.error.maybeBilled ? [outcome.error] : [],
  )
  return errors.length === outcomes.length ? errors.find(({ retryable }) => retryable) : undefined
}

const mayRepeat = (error: ImageError, { retry, stopping }: Calling, attempt: number): boolean =>
  attempt < retry.attempts &&
  !stopping.signal.aborted &&
  (error.maybeBilled
    ? retry.maybeBilled && error.code !== "aborted" && error.code !== "invalid_response"
    : error.retryable)

interface Tried {
  /** So far. */
  readonly attempts: number
  readonly outcomes: readonly Outcome[]
  readonly failure: ImageError | undefined
}

/** Waits until a call may be made again, with its price reserved once more where it may have been charged: the costs that are held. Undefined: it may not. */
export const beforeRepeat = async (
  calling: Calling,
  call: PlannedCall,
  booking: Booking | undefined,
  { attempts, outcomes, failure = repeatableIn(outcomes) }: Tried,
): Promise<readonly Cost[] | undefined> => {
  const { planned, stopping, runtime } = calling
  if (!failure || !mayRepeat(failure, calling, attempts)) return undefined
  await runtime.sleep(waitOf(attempts, failure, runtime.random), stopping.signal)
  if (!failure.maybeBilled) return []
  const cost = maybeCostOf(planned.price, call.slots.length)
  await booking?.again({ cost, delivered: 0 })
  return [cost]
}
