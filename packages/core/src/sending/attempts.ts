import type { Outcome } from "../contract/adapter.ts"
import type { ImageError } from "../contract/errors.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { CallAnswer, CallAttempt } from "../contract/ports.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Planned } from "../planning/planner.ts"
import type { Cost } from "../planning/price.ts"
import { defined } from "../tools/defined.ts"
import { onDemand } from "../tools/load.ts"
import { times } from "../tools/records.ts"
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

const outcomesOf = (error: ImageError, count: number): readonly Outcome[] =>
  times(count, () =>
    error.code === "content_filtered"
      ? {
          status: "filtered",
          stage: error.stage ?? "unknown",
          reason: error.message,
          ...(error.maybeBilled ? { billed: "maybe" as const } : {}),
        }
      : { status: "failed", error },
  )

const fatal: readonly unknown[] = [
  "unauthenticated",
  "forbidden",
  "model_not_found",
  "model_retired",
  401,
  403,
  404,
]

const stops = ({ code, status }: ImageError): boolean =>
  fatal.includes(code) || fatal.includes(status)

interface Tried {
  readonly outcomes: readonly Outcome[]
  readonly failure?: ImageError
  readonly requestId?: string
  readonly providerMs: number
}

const tryOnce = async (
  { planned: { plan }, stopping, runtime, send }: Calling,
  call: PlannedCall,
  booking: Booking | undefined,
  attempt: number,
): Promise<Tried> => {
  let startedMs = runtime.now()
  const providerMs = (): number => runtime.now() - startedMs
  try {
    await booking?.sent()
    startedMs = runtime.now()
    const { outcomes, requestId } = await send({ plan, call, attempt, signal: stopping.signal })
    return { outcomes, providerMs: providerMs(), ...defined({ requestId }) }
  } catch (thrown) {
    const failure = asImageError(thrown, call.modelId, stopping)
    return {
      outcomes: outcomesOf(failure, call.slots.length),
      failure,
      providerMs: providerMs(),
      ...defined({ requestId: failure.requestId }),
    }
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
export const makeCall = async (
  calling: Calling,
  call: PlannedCall,
  booking: Booking | undefined,
): Promise<CallEnd> => {
  let end = notAttempted(call)
  if (calling.stopping.signal.aborted) return end
  for (let attempts = 1; ; attempts++) {
    const { outcomes, failure, requestId, providerMs } = await tryOnce(
      calling,
      call,
      booking,
      attempts,
    )
    const requestIds = requestId === undefined ? end.requestIds : [...end.requestIds, requestId]
    end = {
      ...end,
      outcomes,
      attempts,
      requestIds,
      providerMs: end.providerMs + providerMs,
      fatal: failure !== undefined && stops(failure),
    }
    if (!failure && outcomes.some(({ status }) => status !== "failed")) return end
    try {
      const held = await (await onDemand()).beforeRepeat(calling, call, booking, {
        attempts,
        outcomes,
        failure,
      })
      if (!held) return end
      end = { ...end, heldCosts: [...end.heldCosts, ...held] }
    } catch {
      // Stopped while it waited, refused by the ledger, or not to be loaded: the call came to what it came to.
      return end
    }
  }
}
