import { describe, expect, it } from "vitest"
import { ulids } from "./ulid.ts"

describe("ulids", () => {
  it("encodes the time in ten characters and randomness in sixteen", () => {
    // The specification's own example: 1469918176385 is written 01ARYZ6S41.
    expect(
      ulids(
        () => 1_469_918_176_385,
        () => 0,
      )(),
    ).toBe("01ARYZ6S410000000000000000")
    expect(
      ulids(
        () => 0,
        () => 0.999,
      )(),
    ).toBe("0000000000ZZZZZZZZZZZZZZZZ")
  })

  it("generates increasing, unique ids while the clock stands still or steps back", () => {
    const times = [5, 5, 5, 3, 6, 6, 2]
    const next = ulids(
      () => times.shift() ?? 2,
      () => 0.999,
    )
    const ids = Array.from({ length: 2000 }, next)
    expect(new Set(ids).size).toBe(2000)
    expect(ids.toSorted()).toEqual(ids)
    for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  })

  it("carries over trailing highest digits", () => {
    const randoms = [...Array.from({ length: 13 }, () => 0), 0.99, 0.99, 0.99]
    const next = ulids(
      () => 0,
      () => randoms.shift() ?? 0,
    )
    expect([next(), next()]).toEqual(["00000000000000000000000ZZZ", "00000000000000000000001000"])
  })
})
