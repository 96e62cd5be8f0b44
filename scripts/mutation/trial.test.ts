import { describe, expect, it, vi } from "vitest"
import { type Ending, endingOf, tryStages } from "./trial.ts"

describe("endingOf", () => {
  it.each<readonly [Ending, Parameters<typeof endingOf>[0]]>([
    ["passed", { status: 0, isKilled: false, output: "1 passed" }],
    ["failed", { status: 1, isKilled: false, output: "AssertionError: expected 1 to be 2" }],
    ["timeout", { status: 1, isKilled: false, output: "Error: Test timed out in 30000ms." }],
    ["timeout", { status: 1, isKilled: false, output: "Error: Hook timed out in 30000ms." }],
    ["timeout", { status: null, isKilled: true, output: "" }],
  ])("is %s for %j", (ending, run) => {
    expect(endingOf(run)).toBe(ending)
  })
})

describe("tryStages", () => {
  it.each<readonly [string, readonly Ending[], number]>([
    ["found", ["passed", "failed"], 2],
    ["found", ["timeout", "failed"], 2],
    ["timeout", ["timeout", "timeout"], 2],
    ["found", ["timeout", "passed", "failed"], 3],
    ["survived", ["timeout", "passed", "passed", "passed"], 4],
    ["survived", ["passed", "passed"], 2],
  ])("is %s after %j", async (outcome, endings, runs) => {
    const queue = [...endings]
    const run = vi.fn(() => Promise.resolve(queue.shift() ?? "failed"))
    expect(await tryStages([["a", "b"], ["c"]], run)).toBe(outcome)
    expect(run).toHaveBeenCalledTimes(runs)
  })
})
