import type { Outcome } from "./trial.ts"

/** Where a fault was planted, and what became of it. */
export interface Scored {
  readonly file: string
  readonly outcome: Outcome
}

export interface Score {
  readonly name: string
  readonly planted: number
  readonly found: number
  /** How many of those found are timeouts. */
  readonly timeouts: number
}

/** False for the test tools: the emulators, the contract kit and the example. */
export const isShipped = (file: string): boolean =>
  /^(packages|apps\/gateway)\//.test(file) && !file.startsWith("packages/testing/")

const scoreOf = (name: string, verdicts: readonly Scored[]): Score => ({
  name,
  planted: verdicts.length,
  found: verdicts.filter(({ outcome }) => outcome !== "survived").length,
  timeouts: verdicts.filter(({ outcome }) => outcome === "timeout").length,
})

/** The score of what ships, then the score of the test tools. */
export const scoresOf = (verdicts: readonly Scored[]): readonly [Score, Score] => [
  scoreOf(
    "shipped",
    verdicts.filter(({ file }) => isShipped(file)),
  ),
  scoreOf(
    "test tools",
    verdicts.filter(({ file }) => !isShipped(file)),
  ),
]

export const scoreText = ({ name, planted, found, timeouts }: Score): string => {
  if (planted === 0) return `${name}: no faults planted`
  const share = ((found / planted) * 100).toFixed(1)
  const late = timeouts === 0 ? "" : `, ${timeouts} of them by timeout`
  return `${name}: ${found} of ${planted} found (${share} %)${late}`
}
