import { decodedOf } from "../bytes/decode-reply.ts"
import { lift } from "../bytes/lift.ts"
import type { Outcome } from "../contract/adapter.ts"
import { type ImageError, imageError, isImageError } from "../contract/errors.ts"
import type { CallAnswer, CallAttempt } from "../contract/middleware.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Reply } from "../contract/transport.ts"
import { defined, isRecord, times } from "../lib/object.ts"
import type { Target } from "../models/registry.ts"
import { type Cancellation, cancelledMessage } from "./cancellation.ts"
import type { CallReservation } from "./reservation.ts"
import { throughCallMiddleware } from "./run-middleware.ts"
import type { CallOutcome, PlanRun } from "./types.ts"

export interface AttemptEnd {
  readonly outcomes: readonly CallOutcome[]
  /** The error, if there was no readable reply. */
  readonly failure?: ImageError
  readonly requestId?: string
  readonly providerMs: number
}

/** Makes one attempt of a call. Never throws: a failure becomes the outcome of every slot. */
export const attemptCall = async (
  { planned: { plan, target }, cancellation, rules: { runtime, middleware } }: PlanRun,
  call: PlannedCall,
  reservation: CallReservation | undefined,
  attempt: number,
): Promise<AttemptEnd> => {
  let startedMs = runtime.now()
  try {
    await reservation?.sent()
    startedMs = runtime.now()
    const { outcomes, requestId } = await throughCallMiddleware(
      middleware,
      { plan, call, attempt, signal: cancellation.signal },
      (given) => sendAndDecode(given, target, cancellation),
    )
    return {
      outcomes: outcomes.map(withError),
      providerMs: runtime.now() - startedMs,
      ...defined({ requestId }),
    }
  } catch (thrown) {
    const failure = toImageError(thrown, call.modelId, cancellation)
    return {
      outcomes: times(call.slots.length, () => outcomeOf(failure)),
      failure,
      providerMs: runtime.now() - startedMs,
      ...defined({ requestId: failure.requestId }),
    }
  }
}

const sendAndDecode = async (
  { call, signal }: CallAttempt,
  target: Target,
  cancellation: Cancellation,
): Promise<CallAnswer> => {
  const { model, modelId, region, body } = call
  if (signal.aborted)
    throw imageError(
      cancellation.code() ?? "aborted",
      `The call to ${modelId} was stopped before it was sent.`,
    )
  const sending = target.adapter.transport.invoke({
    ...defined({ http: target.adapter.http }),
    model,
    modelId,
    body,
    signal,
    ...defined({ region, streaming: target.card.streaming }),
  })
  const reply = await cancellation.raceAbort(sending, modelId).catch((error: unknown) => {
    throw withSuccessor(error, target)
  })
  const { status, requestId } = reply
  const chunks = reply.body instanceof Uint8Array ? [reply.body] : reply.body
  return {
    outcomes: decode(target, reply, call.slots.length),
    status,
    bytes: chunks.reduce((sum, { byteLength }) => sum + byteLength, 0),
    ...defined({ requestId }),
  }
}

/** A reply may have up to this many times the ordered images: a budget is for what was ordered. */
const maxSurplus = 10

const decode = (
  { adapter, modelId }: Target,
  { body, status, requestId }: Reply,
  count: number,
): readonly Outcome[] => {
  const { guardrail } = adapter
  try {
    const lifted = lift(body)
    if (guardrail && isRecord(lifted) && lifted[guardrail.key] === guardrail.value)
      return times(count, () => ({
        status: "filtered",
        stage: "guardrail",
        reason: `${guardrail.key}: ${guardrail.value}`,
        billed: "maybe",
      }))
    const { outcomes } = decodedOf(adapter.decode(lifted, count))
    if (outcomes.length > maxSurplus * count) throw new RangeError("The reply has too many images.")
    const missing = times(Math.max(0, count - outcomes.length), () => ({
      status: "failed" as const,
      code: "invalid_response" as const,
      message: `${modelId} sent fewer images than requested.`,
    }))
    return [...outcomes, ...missing]
  } catch (cause) {
    throw imageError(
      "invalid_response",
      `${modelId} sent an unreadable reply with status ${status}. It may have been charged.`,
      { maybeBilled: true, cause, ...defined({ status, requestId }) },
    )
  }
}

/** A call that was sent counts as maybe charged unless an {@link ImageError} says otherwise. */
const toImageError = (error: unknown, model: string, cancellation: Cancellation): ImageError => {
  const code = cancellation.code()
  if (!isImageError(error))
    return imageError(
      code ?? "provider_failed",
      code
        ? cancelledMessage(code, model)
        : `The transport to ${model} failed unexpectedly. The call may have been charged.`,
      { maybeBilled: true, cause: error },
    )
  // A transport reports the deadline's signal as an abort.
  if (code === "timeout" && error.code === "aborted")
    return imageError(code, cancelledMessage(code, model), {
      maybeBilled: error.maybeBilled,
      cause: error,
    })
  return error
}

const withSuccessor = (error: unknown, { card, modelId }: Target): unknown => {
  const { successor } = card.lifecycle
  if (!isImageError(error, "model_retired") || successor === undefined) return error
  const { code, status, requestId } = error
  return imageError(
    code,
    `${modelId} is retired and its provider rejected the call. Use ${successor} instead.`,
    { cause: error, ...defined({ status, requestId }) },
  )
}

const withError = (outcome: Outcome): CallOutcome => {
  if (outcome.status !== "failed") return outcome
  const { code, message, retryable } = outcome
  return { status: "failed", error: imageError(code, message, defined({ retryable })) }
}

const outcomeOf = (failure: ImageError): CallOutcome =>
  failure.code === "content_filtered"
    ? {
        status: "filtered",
        stage: failure.stage ?? "unknown",
        reason: failure.message,
        ...(failure.maybeBilled && { billed: "maybe" as const }),
      }
    : { status: "failed", error: failure }
