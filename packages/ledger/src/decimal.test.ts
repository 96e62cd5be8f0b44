import { describe, expect, it } from "vitest"
import { addDecimals, type Decimal, decimalText, readDecimal, roundDecimal } from "./decimal.ts"

const read = (text: string): Decimal => readDecimal(text) ?? { digits: -1n, places: 99 }

describe("decimals", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["0", "0", 0],
    ["", "0", 0],
    ["0.04", "0.04", 40_000],
    ["-0.0400000", "-0.04", -40_000],
    ["12", "12", 12_000_000],
    [".5", "0.5", 500_000],
    ["1.5E-7", "0.00000015", 0],
    ["0.0000005", "0.0000005", 1],
    ["-0.0000005", "-0.0000005", -1],
    ["0.00000049999", "0.00000049999", 0],
    ["1e3", "1000", 1_000_000_000],
    ["9007199254.740991", "9007199254.740991", Number.MAX_SAFE_INTEGER],
  ]
  for (const [text, shortest, microUsd] of cases)
    it(`reads ${JSON.stringify(text)} as ${shortest}, which is ${microUsd} millionths`, () => {
      expect(decimalText(read(text))).toBe(shortest)
      expect(roundDecimal(read(text), 6)).toBe(microUsd)
    })

  it("refuses what is no number", () => {
    for (const text of ["x", "1,5", "0x10", "-", ".", "NaN", "1e9999"])
      expect(readDecimal(text), text).toBeUndefined()
  })

  it("adds without losing a digit", () => {
    const sum = Array.from({ length: 1000 }, () => read("0.0000000001")).reduce(
      addDecimals,
      read("0.1"),
    )
    expect(decimalText(sum)).toBe("0.1000001")
    expect(decimalText(addDecimals(read("0.1"), read("-0.1")))).toBe("0")
  })
})
