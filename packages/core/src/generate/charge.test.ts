import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { png, reply } from "../__fixtures__/client.ts"
import { counted, countedClient, delivered } from "../__fixtures__/counted.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { runs } from "../__fixtures__/scale.ts"
import type { Decoded, Outcome } from "../contract/adapter.ts"
import type { ConfiguredPrice, PriceRow, Units } from "../contract/card.ts"
import { ImageError } from "../contract/errors.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"
import { noCost } from "../planning/price.ts"

const tokens = {
  units: { inputTextToken: 5, outputImageToken: 30 },
  most: { image: { outputImageToken: 1000 }, textByte: { inputTextToken: 1 } },
  source: "page",
} as const satisfies PriceRow
const bound = 30_005

const filtered = { status: "filtered", stage: "output", reason: "held back" } as const
const failed = { status: "failed", code: "provider_failed", message: "No image." } as const

const usage = { inputTextToken: 1, outputImageToken: 400 }

/** Costs, warnings and the ledger's row of one call. */
const run = async (
  row: PriceRow | undefined,
  answer: Decoded,
  { n = 1, prices = [] }: { n?: number; prices?: readonly ConfiguredPrice[] } = {},
) => {
  const { ledger, settlements, entries } = ledgerSpy()
  const { pictor } = countedClient(row ? [row] : [], answer, { ledger, prices })
  const end = await pictor
    .generate({ model: counted, prompt: "a", n })
    .catch((error: unknown) => error as ImageError)
  const warnings = end instanceof ImageError ? [] : end.warnings
  return { cost: end.cost, slots: end.slots ?? [], warnings, settlements, entries, end }
}

describe("the charge of a call", () => {
  const own = { ...tokens, model: counted, units: { ...tokens.units, outputImageToken: 20 } }
  const perImage = { microUsd: 40_000, source: "page" } as const
  const ownImage = { ...perImage, model: counted, microUsd: 39_000 }
  const cases: readonly (readonly [
    string,
    number,
    PriceRow | undefined,
    Omit<Decoded, "outcomes">,
    ConfiguredPrice?,
  ])[] = [
    ["the row's prices of what was counted", 12_005, tokens, { usage }],
    ["the stated amount before the row", 777, tokens, { usage, microUsd: 777 }],
    ["the stated amount, rounded half up", 3, tokens, { microUsd: 2.5 }],
    ["a stated 0", 0, tokens, { usage, microUsd: 0 }],
    ["the stated amount before a price per image", 777, perImage, { microUsd: 777 }],
    ["the stated amount where no price is known", 777, undefined, { microUsd: 777 }],
    ["a price per image, whatever was counted", 40_000, perImage, { usage }],
    ["a configured price per image before all", 39_000, tokens, { usage, microUsd: 777 }, ownImage],
    ["configured prices by usage before all", 8005, tokens, { usage, microUsd: 777 }, own],
    ["the stated amount if nothing was counted", 777, tokens, { microUsd: 777 }, own],
    [
      "a row marked as configured before the stated amount",
      12_005,
      { ...tokens, configured: true },
      { usage, microUsd: 777 },
    ],
    ["counts of 0 without a price", 12_005, tokens, { usage: { ...usage, outputTextToken: 0 } }],
    [
      "a started megapixel whole",
      200,
      { units: { outputMegapixel: 100 }, source: "page" },
      { usage: { outputMegapixel: 1.1 } },
    ],
    ["a row without an upper bound", 12_005, { units: tokens.units, source: "page" }, { usage }],
    [
      "delivered images that a row prices besides",
      52_005,
      { ...tokens, units: { ...tokens.units, image: 40_000 } },
      { usage },
    ],
    [
      "half a micro-USD as one",
      11,
      { units: { credit: 0.1 }, source: "page" },
      { usage: { credit: 105 } },
    ],
    [
      "less than half a micro-USD as none",
      10,
      { units: { credit: 0.1 }, source: "page" },
      { usage: { credit: 104 } },
    ],
  ]
  for (const [name, microUsd, row, answer, price] of cases)
    it(`is ${name}: ${microUsd} micro-USD`, async () => {
      const prices = price ? [price] : []
      const { cost, settlements } = await run(row, { outcomes: [delivered], ...answer }, { prices })
      expect(cost).toEqual({ ...noCost, microUsd })
      const counts = answer.usage ? { usage: answer.usage } : {}
      expect(settlements).toEqual([{ cost, delivered: 1, ...counts }])
    })

  it.each([
    ["nothing was counted", {}, "did not report what it counted"],
    ["the count has a wrong number", { usage: { outputImageToken: -1 } }, "did not report"],
    ["the amount has a wrong number", { microUsd: Number.NaN }, "did not report what it counted"],
    ["a counted unit has no price", { usage: { ...usage, credit: 4 } }, "without a price, credit"],
  ])("is the upper bound, marked and warned of, if %s", async (_, answer, why) => {
    const { cost, settlements, warnings } = await run(tokens, { outcomes: [delivered], ...answer })
    expect(cost).toEqual({ ...noCost, microUsd: bound })
    expect(settlements).toMatchObject([{ estimated: true }])
    expect(warnings).toEqual([expect.stringContaining(why)])
    expect(warnings[0]).toContain("The upper bound, $0.030005, is charged.")
  })

  it("is unknown if a counted unit has no price and the row no upper bound", async () => {
    const row = { units: tokens.units, source: "page" }
    const { cost } = await run(row, { outcomes: [delivered], usage: { credit: 4 } })
    expect(cost).toEqual({ ...noCost, unpricedImages: 1 })
  })

  it("is booked above the reservation, with a warning", async () => {
    const { cost, settlements, warnings } = await run(tokens, {
      outcomes: [delivered],
      usage: { outputImageToken: 2000 },
    })
    expect(settlements).toMatchObject([{ cost: { microUsd: 60_000 } }])
    expect(cost?.microUsd).toBe(60_000)
    expect(warnings).toEqual([
      `A call of ${counted} costs $0.06, more than the $0.030005 that were planned.`,
    ])
  })

  const shares: readonly (readonly [string, readonly Outcome[], readonly number[]])[] = [
    ["delivered images, the remainder in the last", [delivered, delivered, delivered], [3, 3, 4]],
    ["images, not filtered ones", [delivered, filtered, delivered], [5, 0, 5]],
    ["a filtered image that is billed", [{ ...filtered, billed: true }, failed], [10, 0]],
    ["a failed image that is billed", [{ ...failed, billed: true }, delivered], [5, 5]],
    ["surplus images", [delivered, delivered, delivered, delivered], [2, 2, 2, 4]],
    ["nobody if nothing is billed", [filtered, failed, failed], [0, 0, 0]],
  ]
  it.each(shares)("is shared by %s", async (_, outcomes, wanted) => {
    const n = Math.min(3, outcomes.length)
    const { slots, cost } = await run(tokens, { outcomes, microUsd: 10 }, { n })
    expect(slots.map((slot) => slot.cost.microUsd)).toEqual(wanted)
    expect(cost).toEqual({ ...noCost, microUsd: wanted.reduce((sum, each) => sum + each, 0) })
  })

  it.each([
    ["what was counted", { usage }, 12_005],
    ["the upper bound", {}, bound],
  ])("is maybe %s if it is not known whether images are billed", async (_, answer, microUsd) => {
    const outcomes = [{ ...filtered, billed: "maybe" as const }]
    const { cost, entries } = await run(tokens, { outcomes, ...answer })
    expect(cost).toEqual({ ...noCost, maybeMicroUsd: microUsd })
    expect(entries.at(-1)).toBe("hold row-1")
  })

  it("is held at the upper bound without a reply", async () => {
    const lost = new ImageError({ code: "timeout", message: "Too late.", maybeBilled: true })
    const { ledger, settlements } = ledgerSpy()
    const answer = () => Promise.reject(lost)
    const { pictor } = countedClient([tokens], answer, {
      ledger,
      retry: { attempts: 2, maybeBilled: true },
    })
    await expect(pictor.generate({ model: counted, prompt: "a", n: 3 })).rejects.toMatchObject({
      cost: { microUsd: 0, maybeMicroUsd: 2 * 90_005 },
    })
    expect(settlements.map(({ cost }) => cost.maybeMicroUsd)).toEqual([90_005, 90_005])
  })

  it("counts the charged images, where the row prices images", async () => {
    const row = { ...tokens, units: { ...tokens.units, image: 40_000 } }
    const { cost } = await run(row, { outcomes: [delivered, filtered], usage }, { n: 2 })
    expect(cost).toEqual({ ...noCost, microUsd: 52_005 })
  })

  it("does not order again a call of which one failed image was billed", async () => {
    const outcomes: readonly Outcome[] = [
      { ...failed, retryable: true },
      { ...failed, billed: true },
    ]
    const { pictor, calls } = countedClient([tokens], { outcomes, usage })
    await expect(pictor.generate({ model: counted, prompt: "a", n: 2 })).rejects.toMatchObject({
      cost: { microUsd: 12_005 },
    })
    expect(calls).toHaveLength(1)
  })

  it("does not order again what failed and was billed", async () => {
    const outcomes: readonly Outcome[] = [{ ...failed, retryable: true, billed: true }]
    const { ledger, settlements } = ledgerSpy()
    const { pictor, calls } = countedClient(
      [tokens],
      { outcomes, usage },
      { ledger, retry: { maybeBilled: true } },
    )
    await expect(pictor.generate({ model: counted, prompt: "a" })).rejects.toMatchObject({
      code: "provider_failed",
      maybeBilled: true,
      cost: { microUsd: 12_005 },
    })
    expect(calls).toHaveLength(1)
    expect(settlements).toEqual([{ cost: { ...noCost, microUsd: 12_005 }, delivered: 0, usage }])
  })
})

describe("what the provider counted", () => {
  it("is in the result, added over calls", async () => {
    const answer = { outcomes: Array.from({ length: 5 }, () => delivered), usage }
    const { pictor } = countedClient([tokens], (call) =>
      reply({ ...answer, outcomes: answer.outcomes.slice(0, Number(call.body["count"])) }),
    )
    const result = await pictor.generate({ model: counted, prompt: "a", n: 7 })
    expect(result.usage).toEqual({ inputTextToken: 2, outputImageToken: 800 })
    expect(result.cost.microUsd).toBe(24_010)
  })

  it("is kept of free attempts that were repeated", async () => {
    const { ledger, settlements } = ledgerSpy()
    const { pictor } = countedClient(
      [tokens],
      (_, index) =>
        reply({ outcomes: [index === 0 ? { ...failed, retryable: true } : delivered], usage }),
      { ledger },
    )
    const result = await pictor.generate({ model: counted, prompt: "a" })
    expect(result).toMatchObject({
      attempts: 2,
      usage: { outputImageToken: 800 },
      cost: { microUsd: 12_005 },
    })
    expect(settlements).toMatchObject([{ usage: result.usage, cost: result.cost }])
  })

  it("is kept of a free call: its row is settled at $0", async () => {
    const { settlements, entries } = await run(tokens, { outcomes: [filtered], usage })
    expect(settlements).toEqual([{ cost: noCost, delivered: 0, usage }])
    expect(entries.at(-1)).toBe("settle row-1")
    const { entries: others } = await run(tokens, { outcomes: [filtered] })
    expect(others.at(-1)).toBe("release row-1")
  })

  it("is absent where the reply has none", async () => {
    const { end } = await run(tokens, { outcomes: [delivered] })
    expect(end).not.toHaveProperty("usage")
  })
})

describe("the provider", () => {
  it.each([
    [{ provider: "Acme" }, "Acme"],
    [{}, undefined],
  ])("of a transport %j is in the ledger's row", async (transport, provider) => {
    const { ledger, reservations } = ledgerSpy()
    const { pictor } = countedClient([], { outcomes: [delivered] }, { ledger }, transport)
    await pictor.generate({ model: counted, prompt: "a" })
    expect(reservations[0]?.rows[0]?.provider).toBe(provider)
  })
})

const names = ["inputTextToken", "outputTextToken", "outputImageToken", "credit"] as const

type Counts = Readonly<Partial<Record<(typeof names)[number], number>>>

const unitCounts = (max: number): fc.Arbitrary<Counts> =>
  fc.record(
    Object.fromEntries(names.map((name) => [name, fc.nat({ max })])) as Record<
      (typeof names)[number],
      fc.Arbitrary<number>
    >,
    { requiredKeys: [] },
  )

/** Micro-USD with up to six decimals. */
const decimal = fc.nat({ max: 120_000_000 }).map((millionths) => millionths / 1_000_000)

const unitPrices: fc.Arbitrary<Units> = fc.record({
  inputTextToken: decimal,
  outputTextToken: decimal,
  outputImageToken: decimal,
  credit: decimal,
})

const scenario = fc.record({
  units: unitPrices,
  most: fc.record({
    call: unitCounts(50),
    image: unitCounts(5000),
    textByte: fc.constantFrom<Units>({}, { inputTextToken: 1 }),
  }),
  n: fc.integer({ min: 1, max: 12 }),
  prompt: fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }),
  /** Of each image, whether it is delivered. */
  isDelivered: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  /** The part of the most that is counted; undefined for replies without a count. */
  part: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer Each> ? Each : never

const usageOf = ({ most, prompt }: Scenario, count: number, part: number): Counts =>
  Object.fromEntries(
    names.map((name) => {
      const bytes = new TextEncoder().encode(prompt).length
      const all =
        (most.call[name] ?? 0) +
        count * (most.image[name] ?? 0) +
        bytes * (most.textByte[name] ?? 0)
      return [name, Math.floor(all * part)]
    }),
  )

const clientFor = (each: Scenario, options: Parameters<typeof countedClient>[2] = {}) =>
  countedClient(
    [{ units: each.units, most: each.most, source: "page" }],
    ({ body }) => {
      const count = Number(body["count"])
      const outcomes = each.isDelivered
        .slice(0, count)
        .map((isDelivered) => (isDelivered ? { status: "delivered", data: png } : filtered))
      const { part } = each
      return reply(
        part === undefined ? { outcomes } : { outcomes, usage: usageOf(each, count, part) },
      )
    },
    { retry: false, ...options },
  )

describe("any prices by usage", () => {
  it("charge at most the estimate, and the slots share the charge", async () => {
    const play = fc.asyncProperty(scenario, async (each) => {
      const { pictor } = clientFor(each)
      const plan = await pictor.plan({ model: counted, prompt: each.prompt, n: each.n })
      const end = await pictor.run(plan).catch((error: unknown) => error as ImageError)
      const { cost = noCost, slots = [] } = end
      expect(plan.estimate.basis).toBe("upper-bound")
      expect(cost.microUsd).toBeLessThanOrEqual(plan.estimate.microUsd)
      expect(cost).toMatchObject({ maybeMicroUsd: 0, unpricedImages: 0 })
      expect(slots.every((slot) => Number.isSafeInteger(slot.cost.microUsd))).toBe(true)
      expect(slots.reduce((sum, slot) => sum + slot.cost.microUsd, 0)).toBe(cost.microUsd)
      for (const slot of slots) if (slot.status === "filtered") expect(slot.cost).toEqual(noCost)
    })
    await fc.assert(play, { seed: 20_261_130, numRuns: runs(10_000) })
  })

  it("never exceed a budget of concurrent requests", async () => {
    const play = fc.asyncProperty(
      fc.array(scenario, { minLength: 2, maxLength: 12 }),
      fc.nat({ max: 5_000_000 }),
      async (all, microUsd) => {
        const ledger = memoryLedger()
        await ledger.setBudget({ scope: { everything: true }, window: "total", hard: { microUsd } })
        const spent = await Promise.all(
          all.map(async (each) => {
            const { pictor } = clientFor(each, { ledger })
            const request = { model: counted, prompt: each.prompt, n: each.n }
            return pictor.generate(request).then(
              ({ cost }) => cost.microUsd,
              (error: ImageError) => error.cost?.microUsd ?? 0,
            )
          }),
        )
        const [sums] = await ledger.spend()
        expect(sums?.microUsd ?? 0).toBe(spent.reduce((sum, each) => sum + each, 0))
        expect(sums?.microUsd ?? 0).toBeLessThanOrEqual(microUsd)
      },
    )
    await fc.assert(play, { seed: 20_261_130, numRuns: runs(1000) })
  })
})
