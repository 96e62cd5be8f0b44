import type { TransportCall } from "@pictor/core/adapter"
import type { Attempt, Attempts } from "./attempt.ts"
import { startClock } from "./clock.ts"
import { toImageError } from "./failure.ts"

export interface Run<Out> {
  readonly call: Pick<TransportCall, "model" | "modelId" | "signal" | "timeoutMs">
  readonly region: string
  readonly attempt: Attempt
  readonly attempts: Attempts
  readonly limitMs: number
  readonly step: (signal: AbortSignal) => Promise<Out>
}

/** Runs one attempt against its clock, whichever of its steps hangs. Throws `ImageError`s only. */
export const runAttempt = async <Out>({
  call,
  region,
  attempt,
  attempts,
  limitMs,
  step,
}: Run<Out>): Promise<Out> => {
  if (call.signal?.aborted)
    throw toImageError(undefined, { call, region, attempt, ended: "aborted", now: Date.now() })
  const clock = startClock(call, limitMs)
  attempts.set(clock.signal, attempt)
  try {
    return await Promise.race([step(clock.signal), clock.ended])
  } catch (error) {
    const ended = clock.reason()
    throw toImageError(error, { call, region, attempt, now: Date.now(), ...(ended && { ended }) })
  } finally {
    clock.stop()
  }
}
