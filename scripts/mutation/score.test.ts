import { describe, expect, it } from "vitest"
import { type Scored, scoresOf, scoreText } from "./score.ts"

const verdicts: readonly Scored[] = [
  { file: "packages/core/src/a.ts", outcome: "found" },
  { file: "packages/adapters/echo/src/a.ts", outcome: "timeout" },
  { file: "apps/gateway/src/a.ts", outcome: "survived" },
  { file: "packages/testing/emulator-kit/src/a.ts", outcome: "survived" },
  { file: "apps/example/src/a.ts", outcome: "found" },
]

describe("scoresOf", () => {
  it("separates what ships from the test tools", () => {
    expect(scoresOf(verdicts)).toEqual([
      { name: "shipped", planted: 3, found: 2, timeouts: 1 },
      { name: "test tools", planted: 2, found: 1, timeouts: 0 },
    ])
  })
})

describe("scoreText", () => {
  it("states the share and the timeouts", () => {
    expect(scoresOf(verdicts).map(scoreText)).toEqual([
      "shipped: 2 of 3 found (66.7 %), 1 of them by timeout",
      "test tools: 1 of 2 found (50.0 %)",
    ])
  })

  it("states that nothing was planted", () => {
    expect(scoresOf([]).map(scoreText)).toEqual([
      "shipped: no faults planted",
      "test tools: no faults planted",
    ])
  })
})
