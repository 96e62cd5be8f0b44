import { ImageError } from "./errors.ts"
import { longestTimerMs } from "./runtime.ts"

/** The caller's abort and the request's deadline, as one signal. */
export interface Stopping {
  readonly signal: AbortSignal
  /** What to throw once it has fired. */
  readonly code: () => "aborted" | "timeout"
  readonly done: () => void
}

export const createStopping = (caller: AbortSignal | undefined, timeoutMs: number | undefined): Stopping => {
  if (timeoutMs !== undefined && !(timeoutMs > 0))
    throw new ImageError({ code: "invalid_request", message: "timeoutMs must be a number of milliseconds above 0." })
  const controller = new AbortController()
  let code: "aborted" | "timeout" = "aborted"
  const abort = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) abort()
  caller?.addEventListener("abort", abort, { once: true })
  const late = (): void => {
    if (controller.signal.aborted) return
    code = "timeout"
    controller.abort(new ImageError({ code: "timeout", message: `The request's deadline of ${timeoutMs} ms has passed.` }))
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

// A transport that honours the signal says itself whether it had sent anything; it has this long to say so.
const graceMs = 250

/** The promise's end, or soon after the signal fires an error that leaves open whether the provider charges. */
export const orStopped = <Out>(promise: Promise<Out>, { signal, code }: Stopping, model: string): Promise<Out> =>
  new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const give = (): void => {
      const message = code() === "timeout" ? `${model} did not answer before the request's deadline.` : `The call to ${model} was aborted.`
      timer = setTimeout(() => reject(new ImageError({ code: code(), message, maybeBilled: true })), graceMs)
    }
    if (signal.aborted) give()
    else signal.addEventListener("abort", give, { once: true })
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener("abort", give)
    }
    promise.finally(end).then(resolve, reject)
  })
