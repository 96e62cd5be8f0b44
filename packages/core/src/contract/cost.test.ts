import { describe, expect, it } from "vitest"
import { formatUsd } from "./cost.ts"

const cost = (microUsd: number, maybeMicroUsd = 0, unpricedImages = 0) => ({
  microUsd,
  maybeMicroUsd,
  unpricedImages,
})

describe("formatUsd", () => {
  it.each([
    ["$0.00", cost(0)],
    ["$0.04", cost(40_000)],
    ["$0.0425", cost(42_500)],
    ["$0.000001", cost(1)],
    ["$1,250.00", cost(1_250_000_000)],
    ["$0.04 to $0.08", cost(40_000, 40_000)],
    ["$0.00 to $0.04", cost(0, 40_000)],
    ["1 unpriced image", cost(0, 0, 1)],
    ["$0.04 + 2 unpriced images", cost(40_000, 0, 2)],
    ["$0.00 to $0.04 + 1 unpriced image", cost(0, 40_000, 1)],
  ])("writes %s", (text, amount) => {
    expect(formatUsd(amount)).toBe(text)
  })

  it("pads every amount to the decimals of a column", () => {
    expect(formatUsd(cost(40_000, 8000), 4)).toBe("$0.0400 to $0.0480")
  })
})
