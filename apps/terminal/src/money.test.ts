import { describe, expect, it } from "vitest"
import { decimalsOf, sumCosts } from "./money.ts"

const cost = (microUsd: number, maybeMicroUsd = 0, unpricedImages = 0) => ({
  microUsd,
  maybeMicroUsd,
  unpricedImages,
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
