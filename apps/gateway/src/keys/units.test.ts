import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { endMs, parseDuration, parseWindow, toMicroUsd, toUsd } from "./units.ts"

const end = (text: string, from: string): string => {
  const duration = parseDuration(text)
  return duration ? new Date(endMs(duration, Date.parse(from))).toISOString() : "none"
}

describe("endMs", () => {
  it.each([
    ["30s", "2026-11-20T12:00:00.500Z", "2026-11-20T12:00:30.500Z"],
    ["30m", "2026-11-20T12:00:00.000Z", "2026-11-20T12:30:00.000Z"],
    ["30h", "2026-11-20T12:00:00.000Z", "2026-11-21T18:00:00.000Z"],
    ["30d", "2026-11-20T12:00:00.000Z", "2026-12-20T12:00:00.000Z"],
    ["2w", "2026-11-20T12:00:00.000Z", "2026-12-04T12:00:00.000Z"],
    ["1mo", "2027-01-31T23:59:59.000Z", "2027-02-28T23:59:59.000Z"],
    ["1mo", "2028-01-31T00:00:00.000Z", "2028-02-29T00:00:00.000Z"],
    ["13mo", "2026-12-15T06:00:00.000Z", "2028-01-15T06:00:00.000Z"],
  ])("ends %s from %s at %s", (text, from, to) => expect(end(text, from)).toBe(to))
})

describe("parseDuration", () => {
  it.each(["", "30", "d", "0d", "-1d", "1.5h", "1y", "30 d", "1MO", "999999999w"])(
    "returns undefined for %j",
    (text) => expect(parseDuration(text)).toBeUndefined(),
  )
})

describe("parseWindow", () => {
  it.each([
    [undefined, "total"],
    ["1d", "day"],
    ["24h", "day"],
    ["86400s", "day"],
    ["7d", "week"],
    ["1w", "week"],
    ["1mo", "month"],
    ["30d", { rollingMs: 2_592_000_000 }],
    ["90s", { rollingMs: 90_000 }],
    ["2mo", undefined],
  ])("maps %s to the window %j", (text, window) => expect(parseWindow(text)).toEqual(window))
})

describe("toMicroUsd", () => {
  it.each([
    [0, 0],
    [0.1, 100_000],
    [0.000001, 1],
    [1.1, 1_100_000],
    [4_503_599_627.370495, 4_503_599_627_370_495],
  ])("converts $%d to %d micro-USD", (usd, microUsd) => expect(toMicroUsd(usd)).toBe(microUsd))

  it.each([
    -0.01,
    0.0000005,
    1.0000001,
    1e16,
    9_007_199_254.740993,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])("returns undefined for %d", (usd) => expect(toMicroUsd(usd)).toBeUndefined())

  it("round-trips with toUsd", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 51 }), (microUsd) => {
        expect(toMicroUsd(toUsd(microUsd))).toBe(microUsd)
      }),
      { seed: 7, numRuns: 2000 },
    )
  })
})
