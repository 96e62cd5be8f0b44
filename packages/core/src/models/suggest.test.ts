import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatNumber, givenAs, nearest, quote } from "./suggest.ts"

describe("nearest", () => {
  it.each([
    ["promt", "prompt"],
    ["cfgscale", "config.cfgScale"],
    ["SEED", "seed"],
  ])("of %j starts with %s", (given, first) => {
    expect(nearest(given, ["negativePrompt", "prompt", "seed", "config.cfgScale", "n"])[0]).toBe(
      first,
    )
  })

  it("returns at most three of the names for any text", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.array(fc.string(), { maxLength: 6 }),
        (given, names) => {
          const found = nearest(given, names)
          expect(found).toHaveLength(Math.min(3, names.length))
          expect(found.every((each) => names.includes(each))).toBe(true)
        },
      ),
      { seed: 20_261_120, numRuns: 1000 },
    )
  })
})

describe("quote and givenAs", () => {
  it.each([
    ["a\nb", '"a\\nb"', "a\nb"],
    ["x".repeat(61), `"${"x".repeat(57)}..."`, `${"x".repeat(57)}...`],
    [5, "5", 5],
    [Number.NaN, "NaN", Number.NaN],
    [true, "true", true],
    [null, "null", null],
    [[1], "a value of type array", "a value of type array"],
    [{ a: 1 }, "a value of type object", "a value of type object"],
  ])("of %j is %s", (given, quoted, kept) => {
    expect(quote(given)).toBe(quoted)
    expect(givenAs(given)).toEqual(kept)
  })
})

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [12_192_768, "12,192,768"],
    [-1234.5678, "-1,234.5678"],
    [Number.POSITIVE_INFINITY, "Infinity"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})
