/** Gives turns to the polls of all jobs, evenly spaced, in the order in which they ask. */
export interface PollBudget {
  /** Resolves when it is this poll's turn. Rejects on the signal. */
  turn(signal: AbortSignal): Promise<void>
}

export const createPollBudget = (perSecond: number): PollBudget => {
  const spacingMs = 1000 / perSecond
  const waiting = new Set<() => void>()
  let isSpacing = false
  const next = (): void => {
    const [first] = waiting
    isSpacing = first !== undefined
    if (!first) return
    waiting.delete(first)
    first()
    setTimeout(next, spacingMs)
  }
  return {
    turn: (signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(go)
          reject(new Error("The poll was aborted"))
        }
        const go = (): void => {
          signal.removeEventListener("abort", leave)
          resolve()
        }
        if (signal.aborted) return leave()
        signal.addEventListener("abort", leave, { once: true })
        waiting.add(go)
        if (!isSpacing) next()
      }),
  }
}
