import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import { createNotes, type Notes } from "./diagnostics.ts"
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
): { readonly seeds: readonly number[]; readonly notes: Notes } => {
  const notes = createNotes(false)
  return { seeds: planSeeds(task, given, calls, random, notes), notes }
}

describe("given seeds", () => {
  it.each([
    ["0 is a seed like any other", grid, 0, [0, 5, 10]],
    ["call 0 has it as given, call k is k x imagesPerCall further", grid, 7, [7, 12, 17]],
    ["derived ones wrap within the narrowest range", grid, 858_993_459, [858_993_459, 4, 9]],
    [
      "one beyond the narrowest range is sent as given",
      grid,
      2_147_483_646,
      [2_147_483_646, (2_147_483_646 + 5) % 858_993_460, (2_147_483_646 + 10) % 858_993_460],
    ],
    ["where 0 is random, derived ones start at 1", ratio, 4_294_967_294, [4_294_967_294, 1, 2]],
    ["an asked 0 that means random is sent as 0, what follows from it is not", ratio, 0, [0, 1, 2]],
    ["the widest range is accepted", weighted, 4_294_967_295, [4_294_967_295, 2, 3]],
  ] as const)("%s", (_, task, given, expected) => {
    expect(plan(task, given, 3).seeds).toEqual(expected)
  })

  it("warns where 0 means that the model draws one, and only there", () => {
    expect(plan(ratio, 0).notes.warnings).toEqual([expect.stringContaining("seed 0")])
    expect(plan(ratio, 1).notes.warnings).toEqual([])
    expect(plan(grid, 0).notes.warnings).toEqual([])
    expect(plan(ratio, undefined).notes.warnings).toEqual([])
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
  ] as const)("refuses one that is out of range: case %#", (task, given) => {
    const { seeds, notes } = plan(task, given)
    expect(seeds).toEqual([])
    expect(notes.issues).toMatchObject([
      { code: "invalid_request", path: "seed", allowed: expect.stringContaining("whole number") },
    ])
  })

  it("reports the loss of a seed that the model does not take", () => {
    const { seeds, notes } = plan(plain, 7)
    expect(seeds).toEqual([])
    expect(notes.changes).toMatchObject([{ field: "seed", action: "dropped", from: 7 }])
    expect(plan(plain, undefined).notes.changes).toEqual([])
  })

  it.each([Number.NaN, "7", 0.5, null])(
    "refuses %j even where the model takes no seed",
    (given) => {
      const { notes } = plan(plain, given)
      expect(notes.changes).toEqual([])
      expect(notes.issues).toMatchObject([{ code: "invalid_request", path: "seed" }])
    },
  )
})

describe("drawn seeds", () => {
  it.each<readonly [string, TaskCard, () => number, number]>([
    ["the least", grid, () => 0, 0],
    ["the largest is the narrowest maximum", grid, () => 1 - Number.EPSILON / 2, 858_993_459],
    ["never 0 where that is random", ratio, () => 0, 1],
    ["the largest where 0 is random", ratio, () => 1 - Number.EPSILON / 2, 4_294_967_294],
    [
      "the narrowest maximum where the given one is larger",
      list,
      () => 1 - Number.EPSILON / 2,
      214_783_647,
    ],
  ])("%s", (_, task, random, expected) => {
    expect(plan(task, undefined, 1, random).seeds).toEqual([expected])
  })
})

describe("seeds of a split", () => {
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

  it("follow the formula, and no two of them are the same", () => {
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

  it("stay within the narrowest range when drawn", () => {
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
