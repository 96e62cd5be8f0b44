import { imageError, isImageError } from "../contract/errors.ts"
import type { Job, Reply, ResumedCall, Transport } from "../contract/transport.ts"
import { defined } from "../lib/object.ts"
import { type Cancellation, cancelledMessage } from "./cancellation.ts"
import type { SentRow } from "./reservation.ts"

/** The job of one attempt of a call, if its transport reports one. */
export interface SubmittedJob {
  /** A call that was submitted is never sent again. */
  readonly isSubmitted: () => boolean
  /** For the transport. Never throws: whoever cannot record a job still gets its images. */
  readonly onSubmitted: (job: Job) => Promise<void>
  /** The reply, or the error that says what is known of the charge. */
  readonly outcomeOf: (sending: Promise<Reply>) => Promise<Reply>
}

interface Attempt {
  readonly transport: Transport
  readonly call: ResumedCall
  readonly row: SentRow | undefined
  readonly cancellation: Cancellation
  /** Also has what is left to do after the caller was answered. */
  readonly pending: Set<Promise<unknown>>
}

/**
 * Records the job of a call as soon as it is known, even after the caller has left, and cancels it
 * when the caller leaves.
 */
export const watchJob = ({
  transport,
  call,
  row,
  cancellation,
  pending,
}: Attempt): SubmittedJob => {
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
  const { code, message, retryAfterMs, requestId, status } = error
  return imageError(code, message, {
    maybeBilled: true,
    retryable: false,
    cause: error,
    ...defined({ retryAfterMs, requestId, status }),
  })
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
