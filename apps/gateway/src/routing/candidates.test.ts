import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { pick } from "./candidates.ts"

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c. */
const seeded = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const share = fc.record({
  order: fc.integer({ min: -2, max: 2 }),
  weight: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 100, noNaN: true })),
})
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const runs = { seed: 20_261_120, numRuns: process.env["PICTOR_SCALE"] === "full" ? 20_000 : 1000 }

describe("pick", () => {
  it("picks from the lowest order, and weight 0 only if all have it", () => {
    const property = fc.property(
      fc.array(share, { minLength: 1, maxLength: 8 }),
      random,
      (shares, point) => {
        const picked = pick(shares, () => point)
        const first = shares.filter(
          ({ order }) => order === Math.min(...shares.map((each) => each.order)),
        )
        expect(first).toContain(picked)
        if (first.some(({ weight }) => weight > 0)) expect(picked?.weight).toBeGreaterThan(0)
      },
    )
    fc.assert(property, runs)
  })

  it("picks in proportion to the weights", () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      fc.integer(),
      (weights, seed) => {
        const shares = weights.map((weight, index) => ({ index, weight, order: 0 }))
        const dice = seeded(seed)
        const draws = 4000
        const counts = weights.map(() => 0)
        for (let draw = 0; draw < draws; draw++) {
          const { index } = pick(shares, dice) ?? expect.unreachable()
          counts[index] = (counts[index] ?? 0) + 1
        }
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        for (const [index, weight] of weights.entries()) {
          const expected = weight / total
          const deviation = Math.sqrt((expected * (1 - expected)) / draws)
          expect(Math.abs((counts[index] ?? 0) / draws - expected)).toBeLessThanOrEqual(
            5 * deviation + 1e-9,
          )
        }
      },
    )
    fc.assert(property, { ...runs, numRuns: runs.numRuns / 20 })
  })

  it("picks nothing from an empty list", () => {
    expect(pick([], () => 0)).toBeUndefined()
  })
})
