import { longestTimerMs } from "../contract/runtime.ts"

/** Ends after so many milliseconds; rejects when the signal fires. */
export const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", stop)
        resolve()
      },
      Math.min(delayMs, longestTimerMs),
    )
    if (signal?.aborted) stop()
    else signal?.addEventListener("abort", stop, { once: true })
  })
