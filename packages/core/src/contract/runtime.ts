/** The clock, the dice and the wait; tests bring their own. */
export interface Runtime {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 ≤ random < 1. */
  readonly random: () => number
  /** Rejects when the signal fires. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>
}
