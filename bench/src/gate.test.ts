import { expect, test } from "vitest"
import { gateText, holds, ratioOf, summarize } from "./gate.ts"

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[9, 1, 5], { median: 5, min: 1, max: 9 }],
  [[4, 1, 2, 100], { median: 3, min: 1, max: 100 }],
  [[10, 9, 100, 1], { median: 9.5, min: 1, max: 100 }],
])("summarizes %j as median, minimum and maximum", (values, summary) => {
  expect(summarize(values)).toEqual(summary)
})

test.each([
  [{ atMost: 1.25 }, 10, 8, 1.25, true],
  [{ atMost: 1.25 }, 10.1, 8, 1.2625, false],
  [{ timesFaster: 3 }, 2, 6, 3, true],
  [{ timesFaster: 3 }, 2, 5.9, 2.95, false],
  [{ atMost: 1.25 }, Number.NaN, 8, Number.NaN, false],
  [{ timesFaster: 3 }, Number.NaN, 8, Number.NaN, false],
] as const)("gate %j compares %d with %d as %d", (gate, subject, baseline, ratio, passes) => {
  expect(ratioOf(subject, baseline, gate)).toEqual(ratio)
  expect(holds(gate, ratioOf(subject, baseline, gate))).toBe(passes)
})

test("misses a gate without a median", () => {
  expect(holds({ atMost: 1 }, summarize([]).median)).toBe(false)
})

test("prints a gate", () => {
  expect([gateText({ atMost: 0.5 }), gateText({ timesFaster: 20 })]).toEqual([
    "≤ 0.5",
    "≥ 20× faster",
  ])
})
