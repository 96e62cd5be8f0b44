import { lift } from "../bytes/lift.ts"
import type { Outcome } from "../contract/adapter.ts"
import type { Cost } from "../contract/cost.ts"
import { type ImageError, imageError, isImageError } from "../contract/errors.ts"
import type { RetryOptions } from "../contract/generate.ts"
import type { CallAnswer, CallAttempt } from "../contract/middleware.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Reply } from "../contract/transport.ts"
import { defined, isRecord, times } from "../lib/object.ts"
import type { Target } from "../models/registry.ts"
import { maybeCostOf } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import type { Stopping } from "./cancellation.ts"
import type { Booking } from "./reservation.ts"

/** What came of one slot of a call. */
export type CallOutcome =
  | Exclude<Outcome, { readonly status: "failed" }>
  | { readonly status: "failed"; readonly error: ImageError }
  | { readonly status: "not-attempted" }

/** How one planned call went. */
export interface CallEnd {
  readonly outcomes: readonly CallOutcome[]
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

/** Gives a failed outcome its error. */
const withError = (outcome: Outcome): CallOutcome => {
  if (outcome.status !== "failed") return outcome
  const { code, message, retryable } = outcome
  return { status: "failed", error: imageError(code, message, defined({ retryable })) }
}

const outcomesOf = (error: ImageError, count: number): readonly CallOutcome[] =>
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
  "misconfigured",
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
  readonly outcomes: readonly CallOutcome[]
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
    return {
      outcomes: outcomes.map(withError),
      providerMs: providerMs(),
      ...defined({ requestId }),
    }
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
      const held = await beforeRepeat(calling, call, booking, {
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

const baseMs = 200
const capMs = 20_000

/** Full jitter over an exponential, and never before the provider's own word. */
const waitOf = (attempt: number, error: ImageError, random: () => number): number =>
  Math.max(error.retryAfterMs ?? 0, Math.round(random() * Math.min(capMs, baseMs * 2 ** attempt)))

/** A readable reply without any image charges nothing: its call may be repeated where one of its errors is retryable. */
const repeatableIn = (outcomes: readonly CallOutcome[]): ImageError | undefined => {
  const errors = outcomes.flatMap((outcome) => (outcome.status === "failed" ? [outcome.error] : []))
  return errors.length === outcomes.length ? errors.find(({ retryable }) => retryable) : undefined
}

const mayRepeat = (error: ImageError, { retry, stopping }: Calling, attempt: number): boolean =>
  attempt < retry.attempts &&
  !stopping.signal.aborted &&
  (error.maybeBilled
    ? retry.maybeBilled && error.code !== "aborted" && error.code !== "invalid_response"
    : error.retryable)

interface FailedAttempt {
  /** So far. */
  readonly attempts: number
  readonly outcomes: readonly CallOutcome[]
  readonly failure: ImageError | undefined
}

/** Waits until a call may be made again, with its price reserved once more where it may have been charged: the costs that are held. Undefined: it may not. */
export const beforeRepeat = async (
  calling: Calling,
  call: PlannedCall,
  booking: Booking | undefined,
  { attempts, outcomes, failure = repeatableIn(outcomes) }: FailedAttempt,
): Promise<readonly Cost[] | undefined> => {
  const { planned, stopping, runtime } = calling
  if (!failure || !mayRepeat(failure, calling, attempts)) return undefined
  await runtime.sleep(waitOf(attempts, failure, runtime.random), stopping.signal)
  if (!failure.maybeBilled) return []
  const cost = maybeCostOf(planned.price, call.slots.length)
  await booking?.again({ cost, delivered: 0 })
  return [cost]
}

const read = (target: Target, reply: Reply, count: number): readonly Outcome[] => {
  const { guardrail } = target.adapter
  try {
    const lifted = lift(reply.body)
    if (guardrail && isRecord(lifted) && lifted[guardrail.key] === guardrail.value) {
      const reason = `${guardrail.key}: ${guardrail.value}`
      return times(count, () => ({
        status: "filtered",
        stage: "guardrail",
        reason,
        billed: "maybe",
      }))
    }
    const outcomes = target.adapter.decode(lifted, count)
    const missing = (): Outcome => ({
      status: "failed",
      code: "invalid_response",
      message: `${target.modelId} sent fewer images than were ordered.`,
    })
    return outcomes.length < count
      ? [...outcomes, ...times(count - outcomes.length, missing)]
      : outcomes
  } catch (cause) {
    const { status, requestId } = reply
    const message = `${target.modelId} answered ${status} with something that cannot be read. It may have been charged.`
    throw imageError("invalid_response", message, {
      maybeBilled: true,
      cause,
      ...defined({ status, requestId }),
    })
  }
}

/** Any failure as an {@link ImageError}; what a transport throws unawares may have been sent. */
export const asImageError = (error: unknown, model: string, stopping: Stopping): ImageError => {
  const stopped = stopping.stopped()
  if (stopped) return stopped.errorOf(error, model)
  if (isImageError(error)) return error
  return imageError(
    "provider_failed",
    `The transport to ${model} failed unexpectedly. It may have been charged.`,
    {
      maybeBilled: true,
      cause: error,
    },
  )
}

/** A retired model's error names what to use instead. */
const withSuccessor = (error: unknown, { card, modelId }: Target): unknown => {
  const { successor } = card.lifecycle
  if (!isImageError(error, "model_retired") || successor === undefined) return error
  const { code, status, requestId } = error
  const message = `${modelId} is retired and was refused by its provider. Its successor is ${successor}.`
  return imageError(code, message, { cause: error, ...defined({ status, requestId }) })
}

/** One attempt: body out, reply in, lifted and decoded. */
export const invoke =
  (target: Target, stopping: Stopping) =>
  async ({ call, signal }: CallAttempt): Promise<CallAnswer> => {
    const { model, modelId, region, body } = call
    if (signal.aborted)
      throw imageError(
        stopping.stopped()?.code ?? "aborted",
        `The call to ${modelId} was stopped before it was sent.`,
      )
    const { streaming } = target.card
    const sending = target.adapter.transport.invoke({
      model,
      modelId,
      body,
      signal,
      ...defined({ region, streaming }),
    })
    const reply = await stopping.orStopped(sending, modelId).catch((error: unknown) => {
      throw withSuccessor(error, target)
    })
    const { status, requestId } = reply
    const chunks = reply.body instanceof Uint8Array ? [reply.body] : reply.body
    const bytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return {
      outcomes: read(target, reply, call.slots.length),
      status,
      bytes,
      ...defined({ requestId }),
    }
  }
