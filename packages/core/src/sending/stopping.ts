import { imageError, invalidRequest } from "../contract/errors.ts"
import { longestTimerMs } from "../contract/runtime.ts"

/** The caller's abort and the request's deadline, as one signal. */
export interface Stopping {
  readonly signal: AbortSignal
  /** What to throw once it has fired. */
  readonly code: () => "aborted" | "timeout"
  readonly done: () => void
}

export const createStopping = (caller: AbortSignal | undefined, timeoutMs: number | undefined): Stopping => {
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw invalidRequest("timeoutMs must be a number of milliseconds above 0.")
  const controller = new AbortController()
  let code: "aborted" | "timeout" = "aborted"
  const abort = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) abort()
  caller?.addEventListener("abort", abort, { once: true })
  const late = (): void => {
    if (controller.signal.aborted) return
    code = "timeout"
    controller.abort(imageError("timeout", `The request's deadline of ${timeoutMs} ms has passed.`))
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, Math.min(timeoutMs, longestTimerMs))
  return {
    signal: controller.signal,
    code: () => code,
    done: () => {
      clearTimeout(timer)
      caller?.removeEventListener("abort", abort)
    },
  }
}

/** What several callers wait for: it stops once the last of them has. */
export interface SharedStopping extends Stopping {
  readonly enter: () => void
  /** True: nobody waits any more. */
  readonly leave: (own: Stopping) => boolean
}

export const createSharedStopping = (): SharedStopping => {
  const controller = new AbortController()
  let waiting = 0
  let code: Stopping["code"] = () => "aborted"
  return {
    signal: controller.signal,
    code: () => code(),
    done: () => {},
    enter: () => {
      waiting += 1
    },
    leave: (own) => {
      waiting -= 1
      if (waiting > 0) return false
      code = own.code
      controller.abort(own.signal.reason)
      return true
    },
  }
}

/** What became of a call when the time was up. */
export const stoppedMessage = ({ code }: Stopping, model: string): string =>
  code() === "timeout" ? `${model} did not answer before the request's deadline.` : `The call to ${model} was aborted.`

// A transport that honours the signal says itself whether it had sent anything; it has this long to say so.
const graceMs = 250

/** The promise's end, or soon after the signal fires an error that leaves open whether the provider charges. */
export const orStopped = <Out>(promise: Promise<Out>, stopping: Stopping, model: string): Promise<Out> =>
  new Promise((resolve, reject) => {
    const { signal } = stopping
    let timer: ReturnType<typeof setTimeout> | undefined
    const give = (): void => {
      timer = setTimeout(() => reject(imageError(stopping.code(), stoppedMessage(stopping, model), { maybeBilled: true })), graceMs)
    }
    if (signal.aborted) give()
    else signal.addEventListener("abort", give, { once: true })
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener("abort", give)
    }
    promise.finally(end).then(resolve, reject)
  })
