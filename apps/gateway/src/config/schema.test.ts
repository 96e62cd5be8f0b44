import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { toMillionths } from "./schema.ts"

const runs = { seed: 20_261_120, numRuns: process.env["PICTOR_SCALE"] === "full" ? 100_000 : 5000 }

describe("toMillionths", () => {
  it("is exact for every number of millionths in every notation", () => {
    const property = fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (millionths) => {
      const text = `${Math.floor(millionths / 1_000_000)}.${String(millionths % 1_000_000).padStart(6, "0")}`
      expect([
        toMillionths(text),
        toMillionths(String(Number(text))),
        toMillionths(`${millionths}e-6`),
      ]).toEqual([millionths, millionths, millionths])
    })
    fc.assert(property, runs)
  })

  it.each<readonly [string, number | undefined]>([
    ["0", 0],
    ["0.04", 40_000],
    ["4e-2", 40_000],
    ["1e-7", 0],
    ["5e-7", 1],
    ["0.0000004999", 0],
    [".5", 500_000],
    ["2.", 2_000_000],
    ["1E2", 100_000_000],
    ["", undefined],
    [".", undefined],
    ["-1", undefined],
    ["1,5", undefined],
    ["0x10", undefined],
    ["NaN", undefined],
    ["1e300", undefined],
  ])("maps %j to %s", (written, millionths) => {
    expect(toMillionths(written)).toBe(millionths)
  })
})
