import { type ImageError, imageError, invalidRequest, isImageError } from "../contract/errors.ts"
import type { GenerateOptions } from "../contract/generate.ts"
import type { Plan } from "../contract/plan.ts"
import type { Slot } from "../contract/result.ts"
import { longestTimerMs } from "../lib/system-runtime.ts"

type Code = "aborted" | "timeout"

/** What follows once a request is stopped. */
interface Stopped {
  readonly code: Code
  /** What a call ended with, as an {@link ImageError}; what a transport throws unawares may have been sent. */
  readonly errorOf: (error: unknown, model: string) => ImageError
  /** What became of the request, for messages. */
  readonly summaryOf: (plan: Plan, slots: readonly Slot[]) => string
}

/** The caller's abort and the request's deadline, as one signal. */
export interface Stopping {
  readonly signal: AbortSignal
  /** Undefined until the signal has fired. */
  readonly stopped: () => Stopped | undefined
  /** The promise's end, or soon after the signal fires an error that leaves open whether the provider charges. */
  readonly orStopped: <Out>(promise: Promise<Out>, model: string) => Promise<Out>
}

/** What became of a call when the time was up. */
const messageOf = (code: Code, model: string): string =>
  code === "timeout"
    ? `${model} did not answer before the request's deadline.`
    : `The call to ${model} was aborted.`

const stoppedBy = (code: Code): Stopped => ({
  code,
  errorOf: (error, model) => {
    if (!isImageError(error))
      return imageError(code, messageOf(code, model), { maybeBilled: true, cause: error })
    if (error.code !== "aborted" || code === "aborted") return error
    return imageError(code, messageOf(code, model), {
      maybeBilled: error.maybeBilled,
      cause: error,
    })
  },
  summaryOf: (plan, slots) => {
    const delivered = slots.filter(({ status }) => status === "delivered").length
    const begun = slots.filter(({ status }) => status !== "not-attempted").length - delivered
    const why = code === "timeout" ? "The request's deadline has passed" : "The request was aborted"
    return `${why}: ${delivered} of ${plan.n} images of ${plan.model} were delivered, ${begun} had been begun.`
  },
})

// A transport that honours the signal says itself whether it had sent anything; it has this long to say so.
const graceMs = 250

/** What is not stopped yet, and the way to stop it: once, by whatever comes first. */
const createStop = () => {
  const controller = new AbortController()
  const { signal } = controller
  // Not listeners of the signal: one is added and removed for every call, and that takes longer than all else here.
  const waiting = new Set<() => void>()
  let code: Code = "aborted"
  const stop = (why: Code, reason: unknown): void => {
    if (signal.aborted) return
    code = why
    controller.abort(reason)
    for (const give of waiting) give()
  }
  const orStopped: Stopping["orStopped"] = (promise, model) =>
    new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const give = (): void => {
        timer = setTimeout(
          () => reject(imageError(code, messageOf(code, model), { maybeBilled: true })),
          graceMs,
        )
      }
      if (signal.aborted) give()
      else waiting.add(give)
      const end = (): void => {
        clearTimeout(timer)
        waiting.delete(give)
      }
      promise.finally(end).then(resolve, reject)
    })
  const stopping: Stopping = {
    signal,
    stopped: () => (signal.aborted ? stoppedBy(code) : undefined),
    orStopped,
  }
  return { stop, stopping }
}

/** One caller's own. */
export interface OwnStopping extends Stopping {
  readonly done: () => void
}

export const createStopping = ({ signal: caller, timeoutMs }: GenerateOptions): OwnStopping => {
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw invalidRequest("timeoutMs must be a number of milliseconds above 0.")
  const { stop, stopping } = createStop()
  const abort = (): void => stop("aborted", caller?.reason)
  if (caller?.aborted) abort()
  caller?.addEventListener("abort", abort, { once: true })
  const late = (): void =>
    stop("timeout", imageError("timeout", `The request's deadline of ${timeoutMs} ms has passed.`))
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(late, Math.min(timeoutMs, longestTimerMs))
  return {
    ...stopping,
    done: () => {
      clearTimeout(timer)
      caller?.removeEventListener("abort", abort)
    },
  }
}

/** What is left of the whole request's time, of which a ring may have taken some. */
export const inTime = (running: GenerateOptions, passedMs: number): GenerateOptions => {
  const { timeoutMs } = running
  if (timeoutMs === undefined || !(timeoutMs > 0) || passedMs <= 0) return running
  if (passedMs < timeoutMs) return { ...running, timeoutMs: timeoutMs - passedMs }
  throw imageError(
    "timeout",
    `The request's deadline of ${timeoutMs} ms has passed; nothing more was sent.`,
  )
}

/** What several callers wait for: it stops once the last of them has. */
export interface SharedStopping extends Stopping {
  readonly enter: () => void
  /** True: nobody waits any more. */
  readonly leave: (own: Stopping) => boolean
}

export const createSharedStopping = (): SharedStopping => {
  const { stop, stopping } = createStop()
  let waiting = 0
  return {
    ...stopping,
    enter: () => {
      waiting += 1
    },
    leave: (own) => {
      waiting -= 1
      if (waiting > 0) return false
      stop(own.stopped()?.code ?? "aborted", own.signal.reason)
      return true
    },
  }
}
