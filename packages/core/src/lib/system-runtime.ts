/** The longest delay of a timer; a longer one would fire at once. */
export const longestTimerMs = 2 ** 31 - 1

/** Resolves after the delay; rejects when the signal fires. */
const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
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

export const systemRuntime = { now: Date.now, random: Math.random, sleep }
