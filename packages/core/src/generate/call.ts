import { decodedOf } from "../bytes/decode-reply.ts"
import { isImageData } from "../bytes/image.ts"
import { joined, lift } from "../bytes/lift.ts"
import type {
  AdapterDefinition,
  Decoded,
  ImageAdapter,
  Outcome,
  PartialImage,
} from "../contract/adapter.ts"
import { errorAfter, type ImageError, imageError, isImageError } from "../contract/errors.ts"
import type { CallAnswer, CallAttempt } from "../contract/middleware.ts"
import type { PlannedCall, Size } from "../contract/plan.ts"
import type { Job, Reply, ResumedCall, Transport, TransportCall } from "../contract/transport.ts"
import { defined, isObject, isRecord, place, times, valueAt } from "../lib/object.ts"
import type { Target } from "../models/registry.ts"
import { copyUnits, isAmount } from "../planning/price.ts"
import { type Cancellation, cancelledMessage } from "./cancellation.ts"
import type { CallReservation, SentRow } from "./reservation.ts"
import { throughCallMiddleware } from "./run-middleware.ts"
import type { CallOutcome, PlanRun } from "./types.ts"

export interface AttemptEnd {
  /** The cost and usage in the reply. */
  readonly answer: Omit<Decoded, "outcomes">
  readonly outcomes: readonly CallOutcome[]
  /** The error, if there was no readable reply. */
  readonly failure?: ImageError
  /** It was a job: it is never sent again. */
  readonly isSubmitted: boolean
  readonly requestId?: string
  readonly providerMs: number
}

/** Makes one attempt of a call. Never throws: a failure becomes the outcome of every slot. */
export const attemptCall = async (
  run: PlanRun,
  call: PlannedCall,
  reservation: CallReservation | undefined,
  attempt: number,
): Promise<AttemptEnd> => {
  const { cancellation, rules } = run
  const { plan, target } = run.planned
  const { runtime, middleware, pending } = rules
  let startedMs = runtime.now()
  let job: SubmittedJob | undefined
  try {
    const row = await reservation?.sent()
    const { transport } = target.adapter
    job = watchJob({ transport, call: resumedCall(target, call), row, cancellation, pending })
    const listeners = defined({
      onSubmitted: job.onSubmitted,
      onEvent: createPartialReporter(run, call),
    })
    const watched = job
    startedMs = runtime.now()
    const { outcomes, requestId, usage, microUsd } = await throughCallMiddleware(
      middleware,
      { plan, call, attempt, signal: cancellation.signal },
      (given) => sendAndDecode(given, target, { cancellation, job: watched, listeners }),
    )
    return {
      outcomes: outcomes.map(withError),
      answer: defined({ usage, microUsd }),
      isSubmitted: job.isSubmitted(),
      providerMs: runtime.now() - startedMs,
      ...defined({ requestId }),
    }
  } catch (thrown) {
    const failure = toImageError(thrown, call.modelId, cancellation)
    return {
      outcomes: times(call.slots.length, () => outcomeOf(failure)),
      answer: {},
      failure,
      isSubmitted: job?.isSubmitted() ?? false,
      providerMs: runtime.now() - startedMs,
      ...defined({ requestId: failure.requestId }),
    }
  }
}

/** The call as its transport needs it to poll or cancel its job. */
const resumedCall = (
  { adapter }: Target,
  { model, modelId, region }: PlannedCall,
): ResumedCall => ({ model, modelId, ...defined({ region, http: adapter.http }) })

interface Sending {
  readonly cancellation: Cancellation
  readonly job: SubmittedJob
  readonly listeners: Pick<TransportCall, "onSubmitted" | "onEvent">
}

const sendAndDecode = async (
  { call, plan, signal }: CallAttempt,
  target: Target,
  { cancellation, job, listeners }: Sending,
): Promise<CallAnswer> => {
  const { modelId, body, endpoint, encoding } = call
  if (signal.aborted)
    throw imageError(
      cancellation.code() ?? "aborted",
      `The call to ${modelId} was aborted. Nothing was sent.`,
    )
  const sending = target.adapter.transport.invoke({
    ...resumedCall(target, call),
    body,
    signal,
    maxReplyBytes: maxReplyBytes(plan.outputSize, call.slots.length),
    ...defined({ endpoint, encoding, streaming: target.card.streaming }),
    ...listeners,
  })
  const answered = job.outcomeOf(sending)
  const reply = await cancellation.raceAbort(answered, modelId).catch((error: unknown) => {
    throw withSuccessor(error, target)
  })
  const { status, requestId } = reply
  const chunks = reply.body instanceof Uint8Array ? [reply.body] : reply.body
  return {
    ...decode(target, reply, call.slots.length),
    status,
    bytes: chunks.reduce((sum, { byteLength }) => sum + byteLength, 0),
    ...defined({ requestId }),
  }
}

/** The job of one attempt of a call, if its transport reports one. */
interface SubmittedJob {
  /** A call that was submitted is never sent again. */
  readonly isSubmitted: () => boolean
  /** For the transport. Never throws: a job that cannot be recorded still delivers its images. */
  readonly onSubmitted: (job: Job) => Promise<void>
  /** The reply, or an error that states whether the call may have been charged. */
  readonly outcomeOf: (sending: Promise<Reply>) => Promise<Reply>
}

interface JobAttempt {
  readonly transport: Transport
  readonly call: ResumedCall
  readonly row: SentRow | undefined
  readonly cancellation: Cancellation
  /** Collects work that goes on after the caller was answered. */
  readonly pending: Set<Promise<unknown>>
}

/**
 * Records the job of a call as soon as it is known, even after the caller has left, and cancels it
 * when the caller leaves.
 */
const watchJob = ({ transport, call, row, cancellation, pending }: JobAttempt): SubmittedJob => {
  const { signal } = cancellation
  let job: Job | undefined
  let cancelling: Promise<boolean> | undefined

  const cancel = (): void => {
    if (!job) return
    cancelling ??= cancelJob(transport, job, call)
    void keep(
      pending,
      cancelling.then((isCancelled) => (isCancelled ? row?.cancelled() : undefined)),
    )
  }

  const record = async (submitted: Job): Promise<void> => {
    job = submitted
    await row?.submitted(submitted)
    if (signal.aborted) cancel()
    else signal.addEventListener("abort", cancel, { once: true })
  }

  return {
    isSubmitted: () => job !== undefined,
    onSubmitted: (submitted) => keep(pending, record(submitted)),
    outcomeOf: async (sending) => {
      try {
        return await sending
      } catch (error) {
        const code = cancellation.code()
        if (code && job && (await cancelling))
          throw imageError(code, `${cancelledMessage(code, call.model)} Its job was cancelled.`, {
            cause: error,
          })
        // A transport may pass on the reason of the abort, which says nothing about the call.
        if (code && error === signal.reason)
          throw imageError(code, cancelledMessage(code, call.model), {
            maybeBilled: true,
            cause: error,
          })
        throw job ? asSubmitted(error) : error
      } finally {
        signal.removeEventListener("abort", cancel)
      }
    },
  }
}

/** The job may still end and be charged, unless the provider has rejected its content. */
const asSubmitted = (error: unknown): unknown => {
  if (!isImageError(error) || error.maybeBilled || error.code === "content_filtered") return error
  return errorAfter(error, { maybeBilled: true, retryable: false })
}

const cancelJob = async (transport: Transport, job: Job, call: ResumedCall): Promise<boolean> => {
  try {
    return (await transport.cancel?.(job, call)) === "cancelled"
  } catch {
    return false
  }
}

const keep = <Out>(pending: Set<Promise<unknown>>, work: Promise<Out>): Promise<Out> => {
  const ended = work.finally(() => pending.delete(ended))
  pending.add(ended)
  return ended
}

/** Twice four bytes a pixel, as base64. A compressed image stays far below that. */
const bytesPerPixel = 12
/** Assumed where only the reply tells the size: 4096x4096, more than any model returns. */
const maxPixels = 16_777_216
/** For metadata, and for everything in the reply that is not an image. */
const spareBytes = 4 * 1024 * 1024

const maxReplyBytes = (size: Size | undefined, images: number): number =>
  spareBytes + images * bytesPerPixel * (size ? size.width * size.height : maxPixels)

/** Makes the function that passes the preliminary pictures of a call to `onPartial`. */
const createPartialReporter = (
  { planned: { plan, target }, cancellation, listeners: { onPartial }, warnings }: PlanRun,
  { slots }: PlannedCall,
): TransportCall["onEvent"] => {
  const { adapter } = target
  if (!onPartial || !adapter.partial) return undefined
  let hasThrown = false
  return (event) => {
    // The caller has left.
    if (cancellation.signal.aborted) return
    const partial = readPartial(adapter, event)
    const slot = partial && slots[partial.index]
    if (!partial || slot === undefined) return
    try {
      onPartial({ plan, slot, step: partial.step, data: partial.data })
    } catch {
      if (!hasThrown) warnings.push("onPartial threw an error. The images are in the result.")
      hasThrown = true
    }
  }
}

const readPartial = (adapter: ImageAdapter, event: unknown): PartialImage | undefined => {
  try {
    const partial = adapter.partial?.(event)
    return isImageData(partial?.data) ? partial : undefined
  } catch {
    return undefined
  }
}

/** The most images of a reply, per ordered image. The budget reserves only ordered images. */
const maxSurplus = 10

export const decode = (
  { adapter, modelId }: Pick<Target, "adapter" | "modelId">,
  reply: Reply,
  count: number,
): Decoded => {
  const { guardrail } = adapter
  const { status, requestId } = reply
  try {
    const content = contentOf(reply)
    const isBlocked = guardrail && isRecord(content) && content[guardrail.key] === guardrail.value
    const { outcomes: decoded, usage, microUsd } = decodedOf(adapter.decode(content, count))
    const outcomes = isBlocked ? times(count, () => intervened(guardrail)) : decoded
    if (outcomes.length > maxSurplus * count) throw new RangeError("The reply has too many images.")
    const missing = times(Math.max(0, count - outcomes.length), () => ({
      status: "failed" as const,
      code: "invalid_response" as const,
      message: `${modelId} sent fewer images than requested.`,
    }))
    return {
      outcomes: [...outcomes, ...missing],
      ...defined({
        usage: isObject(usage) ? copyUnits(usage) : undefined,
        microUsd: isAmount(microUsd) ? microUsd : undefined,
      }),
    }
  } catch (cause) {
    throw imageError(
      "invalid_response",
      `${modelId} sent an unreadable reply with status ${status}. It may have been charged.`,
      { maybeBilled: true, cause, status, requestId },
    )
  }
}

const intervened = ({ key, value }: NonNullable<AdapterDefinition["guardrail"]>): Outcome => ({
  status: "filtered",
  stage: "guardrail",
  reason: `${key}: ${value}`,
  billed: "maybe",
})

/** What `decode` gets: JSON with fetched files in place of their URLs, or a picture's own bytes. */
const contentOf = ({ body, headers, files = {} }: Reply): unknown => {
  const [, type = ""] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type") ?? []
  if (/^\s*image\//i.test(type)) return { bytes: joined(body), headers }
  const content = lift(body)
  if (isRecord(content))
    for (const [path, bytes] of Object.entries(files))
      if (valueAt(content, path) !== undefined) place(content, path, { bytes })
  return content
}

/** A call that was sent counts as maybe charged unless an {@link ImageError} says otherwise. */
const toImageError = (error: unknown, model: string, cancellation: Cancellation): ImageError => {
  const code = cancellation.code()
  if (!isImageError(error))
    return imageError(
      code ?? "provider_failed",
      code
        ? cancelledMessage(code, model)
        : `The transport to ${model} failed unexpectedly. It may have been charged.`,
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
  return errorAfter(error, {
    message: `${modelId} is retired and its provider rejected the call. Use ${successor} instead.`,
  })
}

export const withError = (outcome: Outcome): CallOutcome => {
  if (outcome.status !== "failed") return outcome
  const { code, message, retryable, billed } = outcome
  const more = billed ? { maybeBilled: true, retryable: false } : { retryable }
  return {
    status: "failed",
    error: imageError(code, message, more),
    ...(billed && { billed }),
  }
}

export const outcomeOf = (failure: ImageError): CallOutcome =>
  failure.code === "content_filtered"
    ? {
        status: "filtered",
        stage: failure.stage ?? "unknown",
        reason: failure.message,
        ...(failure.maybeBilled && { billed: "maybe" as const }),
      }
    : { status: "failed", error: failure }
