import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import { createDiagnostics, type Diagnostics } from "./diagnostics.ts"
import { planSeeds } from "./settings.ts"

const seed = 20_261_120
const grid: TaskCard = gridCard.tasks["text-to-image"]
const list: TaskCard = listCard.tasks["text-to-image"]
const ratio: TaskCard = ratioCard.tasks["text-to-image"]
const weighted: TaskCard = weightedCard.tasks["text-to-image"]
const plain: TaskCard = plainCard.tasks["text-to-image"]
const half = (): number => 0.5

const plan = (
  task: TaskCard,
  given: unknown,
  calls = 1,
  random = half,
): { readonly seeds: readonly number[]; readonly diagnostics: Diagnostics } => {
  const diagnostics = createDiagnostics(false)
  return { seeds: planSeeds(task, given, calls, random, diagnostics), diagnostics }
}

describe("planSeeds with a given seed", () => {
  it.each([
    ["sends 0 as a literal seed", grid, 0, [0, 5, 10]],
    ["adds k x imagesPerCall for call k", grid, 7, [7, 12, 17]],
    ["wraps derived seeds within the narrowest range", grid, 858_993_459, [858_993_459, 4, 9]],
    [
      "sends a given seed beyond the narrowest range",
      grid,
      2_147_483_646,
      [2_147_483_646, (2_147_483_646 + 5) % 858_993_460, (2_147_483_646 + 10) % 858_993_460],
    ],
    ["starts derived seeds at 1 when 0 is random", ratio, 4_294_967_294, [4_294_967_294, 1, 2]],
    ["sends a random 0 only in the first call", ratio, 0, [0, 1, 2]],
    ["accepts the widest range", weighted, 4_294_967_295, [4_294_967_295, 2, 3]],
  ] as const)("%s", (_, task, given, expected) => {
    expect(plan(task, given, 3).seeds).toEqual(expected)
  })

  it("warns for 0 only when the model draws a seed for it", () => {
    expect(plan(ratio, 0).diagnostics.warnings).toEqual([expect.stringContaining("seed 0")])
    expect(plan(ratio, 1).diagnostics.warnings).toEqual([])
    expect(plan(grid, 0).diagnostics.warnings).toEqual([])
    expect(plan(ratio, undefined).diagnostics.warnings).toEqual([])
  })

  it.each([
    [grid, 2_147_483_647],
    [grid, -1],
    [ratio, 4_294_967_295],
    [weighted, 4_294_967_296],
    [grid, 1.5],
    [grid, "7"],
    [grid, null],
    [grid, Number.NaN],
  ] as const)("rejects a seed out of range: case %#", (task, given) => {
    const { seeds, diagnostics } = plan(task, given)
    expect(seeds).toEqual([])
    expect(diagnostics.issues).toMatchObject([
      { code: "invalid_request", path: "seed", allowed: expect.stringContaining("whole number") },
    ])
  })

  it("drops a seed that the model does not take", () => {
    const { seeds, diagnostics } = plan(plain, 7)
    expect(seeds).toEqual([])
    expect(diagnostics.changes).toMatchObject([{ field: "seed", action: "dropped", from: 7 }])
    expect(plan(plain, undefined).diagnostics.changes).toEqual([])
  })

  it.each([Number.NaN, "7", 0.5, null])("rejects %j even when the model takes no seed", (given) => {
    const { diagnostics } = plan(plain, given)
    expect(diagnostics.changes).toEqual([])
    expect(diagnostics.issues).toMatchObject([{ code: "invalid_request", path: "seed" }])
  })
})

describe("planSeeds without a seed", () => {
  it.each<readonly [string, TaskCard, () => number, number]>([
    ["draws the minimum", grid, () => 0, 0],
    ["draws at most the narrowest maximum", grid, () => 1 - Number.EPSILON / 2, 858_993_459],
    ["never draws 0 when it is random", ratio, () => 0, 1],
    ["draws the maximum when 0 is random", ratio, () => 1 - Number.EPSILON / 2, 4_294_967_294],
    [
      "draws at most the narrowest maximum when more may be given",
      list,
      () => 1 - Number.EPSILON / 2,
      214_783_647,
    ],
  ])("%s", (_, task, random, expected) => {
    expect(plan(task, undefined, 1, random).seeds).toEqual([expected])
  })
})

describe("planSeeds for a split", () => {
  const cards = fc.constantFrom(grid, list, ratio, weighted)
  const boundsOf = (task: TaskCard) => {
    const parameter = task.fields.seed
    if (parameter?.kind !== "seed") throw new Error("no seed")
    return {
      low: parameter.zero === "random" ? 1 : parameter.min,
      high: parameter.narrowMax ?? parameter.max,
      max: parameter.max,
    }
  }

  it("follows the formula without repeating a seed", () => {
    fc.assert(
      fc.property(
        cards,
        fc.nat({ max: 4_294_967_295 }),
        fc.integer({ min: 1, max: 100 }),
        (task, any, calls) => {
          const { low, high, max } = boundsOf(task)
          const given = Math.min(any, max)
          const step = task.imagesPerCall ?? 1
          const { seeds } = plan(task, given, calls)
          expect(seeds).toEqual(
            Array.from({ length: calls }, (_, call) =>
              call === 0 ? given : low + ((given - low + call * step) % (high - low + 1)),
            ),
          )
          expect(new Set(seeds).size).toBe(calls)
          expect(seeds.slice(1).every((derived) => derived >= low && derived <= high)).toBe(true)
        },
      ),
      { seed, numRuns: 10_000 },
    )
  })

  it("draws within the narrowest range", () => {
    fc.assert(
      fc.property(
        cards,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (task, dice, calls) => {
          const { low, high } = boundsOf(task)
          const { seeds } = plan(task, undefined, calls, () => dice)
          expect(
            seeds.every((drawn) => Number.isInteger(drawn) && drawn >= low && drawn <= high),
          ).toBe(true)
          expect(new Set(seeds).size).toBe(calls)
        },
      ),
      { seed, numRuns: 10_000 },
    )
  })
})
