import type { Outcome } from "./adapter.ts"
import { ImageError, isImageError } from "./errors.ts"
import { lift } from "./lift.ts"
import type { CallAnswer, CallAttempt } from "./ports.ts"
import type { Target } from "./registry.ts"
import { orStopped, type Stopping } from "./stopping.ts"
import type { Reply } from "./transport.ts"
import { isRecord } from "./wire.ts"

const unreadable = (modelId: string, { requestId, status }: Reply, cause: unknown): ImageError =>
  new ImageError({
    code: "invalid_response",
    message: `${modelId} answered ${status} with something that cannot be read. It may have been charged.`,
    maybeBilled: true,
    status,
    cause,
    ...(requestId === undefined ? {} : { requestId }),
  })

const read = (target: Target, reply: Reply, count: number): readonly Outcome[] => {
  const { guardrail } = target.adapter
  let lifted: unknown
  try {
    lifted = lift(reply.body)
  } catch (cause) {
    throw unreadable(target.modelId, reply, cause)
  }
  if (guardrail && isRecord(lifted) && lifted[guardrail.key] === guardrail.value)
    return Array.from({ length: count }, () => ({
      status: "filtered",
      stage: "guardrail",
      reason: `${guardrail.key}: ${guardrail.value}`,
      billed: "maybe",
    }))
  let outcomes: readonly Outcome[]
  try {
    outcomes = target.adapter.decode(lifted, count)
  } catch (cause) {
    throw unreadable(target.modelId, reply, cause)
  }
  const missing = (): Outcome => ({
    status: "failed",
    error: new ImageError({ code: "invalid_response", message: `${target.modelId} sent fewer images than were ordered.` }),
  })
  return outcomes.length >= count ? outcomes : [...outcomes, ...Array.from({ length: count - outcomes.length }, missing)]
}

/** Any failure as an {@link ImageError}; what a transport throws unawares may have been sent. */
export const asImageError = (error: unknown, model: string, stopping: Stopping): ImageError => {
  const stopped = stopping.signal.aborted
  if (isImageError(error)) {
    if (!stopped || error.code !== "aborted" || stopping.code() === "aborted") return error
    return new ImageError({
      code: "timeout",
      message: `${model} did not answer before the request's deadline.`,
      maybeBilled: error.maybeBilled,
      cause: error,
    })
  }
  const message = stopped ? `The call to ${model} was aborted.` : `The transport to ${model} failed unexpectedly. It may have been charged.`
  return new ImageError({ code: stopped ? stopping.code() : "provider_failed", message, maybeBilled: true, cause: error })
}

/** A retired model's error names what to use instead. */
const withSuccessor = (error: unknown, { card, modelId }: Target): unknown => {
  const { successor } = card.lifecycle
  if (!isImageError(error, "model_retired") || successor === undefined) return error
  const { code, status, requestId } = error
  const message = `${modelId} is retired and was refused by its provider. Its successor is ${successor}.`
  return new ImageError({
    code,
    message,
    cause: error,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
  })
}

/** One attempt: body out, reply in, lifted and decoded. */
export const invoke =
  (target: Target, stopping: Stopping) =>
  async ({ call, signal }: CallAttempt): Promise<CallAnswer> => {
    const { model, modelId, region, body } = call
    if (signal.aborted) throw new ImageError({ code: stopping.code(), message: `The call to ${modelId} was stopped before it was sent.` })
    const { streaming } = target.card
    const sending = target.adapter.transport.invoke({
      model,
      modelId,
      body,
      signal,
      ...(region === undefined ? {} : { region }),
      ...(streaming ? { streaming } : {}),
    })
    const reply = await orStopped(sending, stopping, modelId).catch((error: unknown) => {
      throw withSuccessor(error, target)
    })
    const chunks = reply.body instanceof Uint8Array ? [reply.body] : reply.body
    return {
      outcomes: read(target, reply, call.slots.length),
      ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
      status: reply.status,
      bytes: chunks.reduce((sum, { byteLength }) => sum + byteLength, 0),
    }
  }
