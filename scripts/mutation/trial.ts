/** How one run of tests ended. */
export type Ending = "passed" | "failed" | "timeout"

/** `timeout`: a test file timed out twice, which an endless loop does. It counts as found. */
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

type Files = readonly string[]

/**
 * Runs the stages until one fails. The files of a stage that times out run once more, each alone,
 * because the load of the machine or the number of files can cause a timeout.
 */
export const tryStages = async (
  stages: readonly Files[],
  run: (files: Files) => Promise<Ending>,
): Promise<Outcome> => {
  for (const stage of stages) {
    const ending = await run(stage)
    if (ending === "failed") return "found"
    if (ending === "passed") continue
    for (const file of stage) {
      const again = await run([file])
      if (again === "failed") return "found"
      if (again === "timeout") return "timeout"
    }
  }
  return "survived"
}
