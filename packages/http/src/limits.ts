/** Why a step ended before its result. */
export type Ending = "aborted" | "timeout"

/** A timer with a larger time fires at once. */
export const maxTimerMs = 2_147_483_647

export interface Limits {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs: number
}

/**
 * Runs a step under a signal and a time limit, and ends with them even if the step ignores its own
 * signal. `fail` turns every error into the one that is thrown.
 */
export const runLimited = async <Out>(
  { signal, timeoutMs }: Limits,
  step: (signal: AbortSignal) => Promise<Out>,
  fail: (error: unknown, ended?: Ending) => Error,
): Promise<Out> => {
  if (signal?.aborted) throw fail(undefined, "aborted")
  if (timeoutMs <= 0) throw fail(undefined, "timeout")
  const controller = new AbortController()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  let ended: Ending | undefined
  const end = (reason: Ending): void => {
    ended ??= reason
    reject(new Error("The step ended before its result"))
    controller.abort()
  }
  const abort = (): void => end("aborted")
  const timer = setTimeout(() => end("timeout"), Math.min(timeoutMs, maxTimerMs))
  signal?.addEventListener("abort", abort, { once: true })
  try {
    return await Promise.race([step(controller.signal), stopped])
  } catch (error) {
    throw fail(error, ended)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", abort)
  }
}

/** Rejects when the signal aborts. */
export const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(new Error("The wait was aborted"))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort)
      resolve()
    }, milliseconds)
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
  })

/** The smallest of these limits. */
export const least = (...limits: readonly (number | undefined)[]): number =>
  Math.min(...limits.map((limit) => limit ?? Number.POSITIVE_INFINITY))
