/** Clock, randomness and timers; injected in tests. */
export interface Runtime {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 ≤ random < 1. */
  readonly random: () => number
  /** Rejects when the signal aborts. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>
}
