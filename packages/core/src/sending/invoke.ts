import { lift } from "../bytes/lift.ts"
import type { Outcome } from "../contract/adapter.ts"
import { type ImageError, imageError, isImageError } from "../contract/errors.ts"
import type { CallAnswer, CallAttempt } from "../contract/ports.ts"
import type { Reply } from "../contract/transport.ts"
import type { Target } from "../models/registry.ts"
import { isRecord } from "../planning/wire.ts"
import { defined } from "../tools/defined.ts"
import { times } from "../tools/records.ts"
import type { Stopping } from "./stopping.ts"

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
      error: imageError(
        "invalid_response",
        `${target.modelId} sent fewer images than were ordered.`,
      ),
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
