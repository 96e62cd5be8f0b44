import { describe, expect, it } from "vitest"
import { hash, randomNumbers } from "./random.ts"

describe("hash", () => {
  it.each([
    ["", 2_872_998_923],
    ["a", 444_641_715],
    ["Sri lanka tea plantation.", 2_659_392_362],
  ])("of %j is the same on every machine", (text, expected) => {
    expect(hash(text)).toBe(expected)
  })
})

describe("randomNumbers", () => {
  it("are the same for a seed on every machine", () => {
    const next = randomNumbers(12)
    expect([next(), next(), next()]).toEqual([
      0.2881509135477245, 0.07566750887781382, 0.5801610664930195,
    ])
  })
})
