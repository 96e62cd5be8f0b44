import type { TransportCall } from "@pictor/core/adapter"

export interface Clock {
  /** Aborted by the caller's signal or by the time limit. */
  readonly signal: AbortSignal
  /** Rejects when `signal` aborts, so that steps which do not look at it are not waited for. */
  readonly ended: Promise<never>
  reason(): "aborted" | "timeout" | undefined
  stop(): void
}

/** Watches the caller's signal and the smaller time limit of the call and the transport. */
export const startClock = (
  {
    signal: asked,
    timeoutMs = Number.POSITIVE_INFINITY,
  }: Pick<TransportCall, "signal" | "timeoutMs">,
  limitMs: number,
): Clock => {
  const controller = new AbortController()
  const { signal } = controller
  let reason: "aborted" | "timeout" | undefined
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const end = (because: "aborted" | "timeout"): void => {
    reason ??= because
    reject(new Error("ended before a reply"))
    controller.abort()
  }
  const abort = (): void => end("aborted")
  const timer = setTimeout(() => end("timeout"), Math.min(timeoutMs, limitMs))
  asked?.addEventListener("abort", abort, { once: true })
  return {
    signal,
    ended,
    reason: () => reason,
    stop: () => {
      clearTimeout(timer)
      asked?.removeEventListener("abort", abort)
    },
  }
}
