import { type ImageError, imageError, invalidRequest } from "../contract/errors.ts"
import type { GenerateOptions } from "../contract/generate.ts"
import { longestTimerMs } from "../lib/system-runtime.ts"

export type CancelCode = "aborted" | "timeout"

/** The caller's abort and the deadline of the request, as one signal. */
export interface Cancellation {
  readonly signal: AbortSignal
  /** Undefined until the signal aborts. */
  readonly code: () => CancelCode | undefined
  /** The promise; soon after the signal aborts, a maybe-billed error instead. */
  readonly raceAbort: <Out>(promise: Promise<Out>, model: string) => Promise<Out>
}

export const cancelledMessage = (code: CancelCode, model: string): string =>
  code === "timeout"
    ? `${model} did not answer before the request's deadline.`
    : `The call to ${model} was aborted.`

// A transport that supports the signal reports within this time whether it had sent anything.
const graceMs = 250

const createCancel = () => {
  const controller = new AbortController()
  const { signal } = controller
  // A set, because adding and removing a listener of the signal for every call is slower.
  const waiting = new Set<() => void>()
  let code: CancelCode = "aborted"
  const cancel = (why: CancelCode, reason: unknown): void => {
    if (signal.aborted) return
    code = why
    controller.abort(reason)
    for (const giveUp of waiting) giveUp()
  }
  const raceAbort: Cancellation["raceAbort"] = (promise, model) =>
    new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const giveUp = (): void => {
        timer = setTimeout(
          () => reject(imageError(code, cancelledMessage(code, model), { maybeBilled: true })),
          graceMs,
        )
      }
      if (signal.aborted) giveUp()
      else waiting.add(giveUp)
      const end = (): void => {
        clearTimeout(timer)
        waiting.delete(giveUp)
      }
      promise.finally(end).then(resolve, reject)
    })
  const cancellation: Cancellation = {
    signal,
    code: () => (signal.aborted ? code : undefined),
    raceAbort,
  }
  return { cancel, cancellation }
}

export interface OwnCancellation extends Cancellation {
  /** Removes the timer and the listener. */
  readonly done: () => void
}

export const createCancellation = ({
  signal: caller,
  timeoutMs,
}: GenerateOptions): OwnCancellation => {
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw invalidRequest("timeoutMs must be a number of milliseconds above 0.")
  const { cancel, cancellation } = createCancel()
  const abort = (): void => cancel("aborted", caller?.reason)
  if (caller?.aborted) abort()
  caller?.addEventListener("abort", abort, { once: true })
  const expire = (): void => cancel("timeout", deadlinePassed(timeoutMs))
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(expire, Math.min(timeoutMs, longestTimerMs))
  return {
    ...cancellation,
    done: () => {
      clearTimeout(timer)
      caller?.removeEventListener("abort", abort)
    },
  }
}

const deadlinePassed = (timeoutMs: number | undefined, note = ""): ImageError =>
  imageError("timeout", `The request's deadline of ${timeoutMs} ms has passed.${note}`)

/** The options with the time that is left after middleware and planning. */
export const withTimeLeft = (options: GenerateOptions, passedMs: number): GenerateOptions => {
  const { timeoutMs } = options
  if (timeoutMs === undefined || !(timeoutMs > 0) || passedMs <= 0) return options
  if (passedMs < timeoutMs) return { ...options, timeoutMs: timeoutMs - passedMs }
  throw deadlinePassed(timeoutMs, " Nothing more was sent.")
}

/** The cancellation of a shared run: it is cancelled once its last caller leaves. */
export interface SharedCancellation extends Cancellation {
  readonly enter: () => void
  /** Returns true if this was the last caller. */
  readonly leave: (own: Cancellation) => boolean
}

export const createSharedCancellation = (): SharedCancellation => {
  const { cancel, cancellation } = createCancel()
  let callers = 0
  return {
    ...cancellation,
    enter: () => {
      callers += 1
    },
    leave: (own) => {
      callers -= 1
      if (callers > 0) return false
      cancel(own.code() ?? "aborted", own.signal.reason)
      return true
    },
  }
}
