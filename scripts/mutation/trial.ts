/** How one run of tests ended. */
export type Ending = "passed" | "failed" | "timeout"

/** `timeout`: the tests timed out twice, which an endless loop does. It counts as found. */
export type Outcome = "found" | "timeout" | "survived"

/** What a test process left behind. */
export interface TestRun {
  readonly status: number | null
  readonly isKilled: boolean
  /** The end of what the tests printed. */
  readonly output: string
}

// Vitest's words for a test and for a hook that took too long.
const timedOut = /\b(?:Test|Hook) timed out in \d+/

export const endingOf = ({ status, isKilled, output }: TestRun): Ending => {
  if (status === 0) return "passed"
  return isKilled || timedOut.test(output) ? "timeout" : "failed"
}

/**
 * Runs the stages until one fails. A stage that times out runs once more, because the load of the
 * machine alone can cause a timeout.
 */
export const tryStages = async <Stage>(
  stages: readonly Stage[],
  run: (stage: Stage) => Promise<Ending>,
): Promise<Outcome> => {
  for (const stage of stages) {
    const first = await run(stage)
    const ending = first === "timeout" ? await run(stage) : first
    if (ending === "failed") return "found"
    if (ending === "timeout") return "timeout"
  }
  return "survived"
}
