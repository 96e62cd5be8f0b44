import { describe, expect, it } from "vitest"
import { cost } from "./__fixtures__/outcome.ts"
import { costText, decimalsOf, sumCosts } from "./money.ts"

describe("costText", () => {
  it.each([
    [cost(0), "$0.00"],
    [cost(40_000), "$0.04"],
    [cost(8_000), "$0.008"],
    [cost(1), "$0.000001"],
    [cost(0, 80_000), "maybe $0.08"],
    [cost(40_000, 80_000), "$0.04 + maybe $0.08"],
    [cost(0, 0, 1), "unknown"],
    [cost(0, 0, 3), "3 unknown"],
    [cost(40_000, 0, 1), "$0.04 + 1 unknown"],
  ])("shows %j as %s, and what is unknown never as 0", (given, text) => {
    expect(costText(given)).toBe(text)
  })
})

describe("decimalsOf", () => {
  it("is what shows every amount exactly", () => {
    expect(decimalsOf([cost(40_000), cost(0, 8_000)])).toBe(3)
    expect(decimalsOf([])).toBe(2)
  })
})

describe("sumCosts", () => {
  it("keeps what is charged, maybe charged and unknown apart", () => {
    expect(sumCosts([cost(1, 2, 3), cost(10, 20, 30)])).toEqual(cost(11, 22, 33))
  })
})
