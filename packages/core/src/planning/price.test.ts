import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { errorOf, scripted, stillRuntime, testClient } from "../__fixtures__/client.ts"
import { ratio } from "../__fixtures__/families.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { createPictor } from "../client.ts"
import type { ConfiguredPrice, PriceRow } from "../contract/card.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"
import {
  addCosts,
  asMaybe,
  costOf,
  findPrice,
  microUsdOf,
  noCost,
  type PriceFacts,
} from "./price.ts"

const grid = "acme.grid-v1:0"
const row = (more: Partial<Extract<PriceRow, { microUsd: number }>>): PriceRow => ({
  microUsd: 1,
  source: "page",
  ...more,
})
const estimate = async (
  request: Parameters<ReturnType<typeof testClient>["pictor"]["plan"]>[0],
  prices: readonly ConfiguredPrice[] = [],
) => (await testClient(undefined, { prices }).pictor.plan(request)).estimate

describe("the price of an image", () => {
  it.each([
    [{ quality: "hd" }, 60_000],
    [{ quality: "low" }, 40_000],
    [{ size: "1024x1040" }, 60_000],
    [{ size: "2048x512" }, 40_000],
    [{ size: "1040x1024", quality: "premium" }, 80_000],
    [{ n: 100 }, 4_000_000],
  ] as const)("goes by the card's rows: %j costs %d", async (request, microUsd) => {
    expect(await estimate({ model: grid, prompt: "a", ...request })).toEqual({
      ...noCost,
      microUsd,
    })
  })

  it.each([
    [10, 40_000],
    [50, 40_000],
    [51, 80_000],
    [150, 80_000],
  ])("depends on steps: %d steps cost %d", async (steps, microUsd) => {
    expect(await estimate({ model: "acme.weighted-v1", prompt: "a", steps })).toEqual({
      ...noCost,
      microUsd,
    })
  })

  it.each([
    ["acme.ratio-v1:0", 40_000, undefined],
    ["wire/south-1/acme.ratio-v1:0", 44_000, "south-1"],
  ])("depends on the called region: %s", async (model, microUsd, asked) => {
    const askedOf: (string | undefined)[] = []
    const region = async (given?: string) => {
      askedOf.push(given)
      return given ?? "north-1"
    }
    const client = createPictor({
      adapters: [ratio(scripted(undefined, { region }).transport)],
      runtime: stillRuntime(),
    })
    expect((await client.plan({ model, prompt: "a" })).estimate).toEqual({ ...noCost, microUsd })
    expect(askedOf).toEqual([asked])
  })

  it("uses the region of the model string when the transport reports none", async () => {
    const { region: _, ...transport } = scripted().transport
    const client = createPictor({ adapters: [ratio(transport)], runtime: stillRuntime() })
    expect(
      (await client.plan({ model: "wire/south-1/acme.ratio-v1:0", prompt: "a" })).estimate.microUsd,
    ).toBe(44_000)
    expect((await client.plan({ model: "acme.ratio-v1:0", prompt: "a" })).estimate).toEqual({
      ...noCost,
      unpricedImages: 1,
    })
  })

  it("is unknown, not 0, without a price row", async () => {
    const plan = await testClient().pictor.plan({ model: "acme.plain-v1:0", prompt: "a", n: 3 })
    expect(plan.estimate).toEqual({ microUsd: 0, maybeMicroUsd: 0, unpricedImages: 3 })
    expect(plan.warnings).toEqual([expect.stringContaining("price of acme.plain-v1:0")])
  })

  const provisioned = "arn:wire:south-1:provisioned/abc"
  const profile = "arn:wire:south-1:profile/abc"
  it("is unknown for an opaque ARN unless configured", async () => {
    const request = { model: grid, modelId: provisioned, prompt: "a" }
    expect(await estimate(request)).toEqual({ ...noCost, unpricedImages: 1 })
    expect(await estimate(request, [{ model: grid, microUsd: 5, source: "contract" }])).toEqual({
      ...noCost,
      unpricedImages: 1,
    })
    expect(
      await estimate(request, [{ model: provisioned, microUsd: 5, source: "contract" }]),
    ).toEqual({ ...noCost, microUsd: 5 })
  })
  it("is the base model's for an application profile", async () => {
    expect(await estimate({ model: grid, modelId: profile, prompt: "a" })).toEqual({
      ...noCost,
      microUsd: 40_000,
    })
    expect(
      await estimate({ model: grid, modelId: profile, prompt: "a" }, [
        { model: grid, microUsd: 7, source: "contract" },
      ]),
    ).toEqual({
      ...noCost,
      microUsd: 7,
    })
  })

  it("prefers the first matching configured row", async () => {
    const prices: readonly ConfiguredPrice[] = [
      { model: grid, quality: "premium", microUsd: 1, source: "contract" },
      { model: grid, task: "erase", microUsd: 2, source: "contract" },
      { model: grid, maxPixels: 500_000, microUsd: 3, source: "contract" },
      { model: "acme.list-v1:0", microUsd: 4, source: "contract" },
    ]
    expect((await estimate({ model: grid, prompt: "a", quality: "hd" }, prices)).microUsd).toBe(1)
    expect((await estimate({ model: grid, prompt: "a", size: "512x512" }, prices)).microUsd).toBe(3)
    expect((await estimate({ model: grid, prompt: "a" }, prices)).microUsd).toBe(40_000)
  })

  it.each([
    [0.4, 0],
    [0.5, 1],
    [10_000.5, 10_001],
    [10_000.499_999, 10_000],
    [0.499_999_999_999_999_94, 0],
    [0, 0],
  ])("is rounded half up per image before multiplying: %d", async (microUsd, rounded) => {
    expect(
      await estimate({ model: grid, prompt: "a", n: 3 }, [
        { model: grid, microUsd, source: "contract" },
      ]),
    ).toEqual({
      ...noCost,
      microUsd: 3 * rounded,
    })
  })

  it.each([
    ["2026-11-20", undefined, true],
    ["2026-11-21", undefined, false],
    [undefined, "2026-11-20", false],
    [undefined, "2026-11-21", true],
    ["2026-01-01", "2026-11-20", false],
  ])("is valid from %s (inclusive) to %s (exclusive): %s", async (validFrom, validTo, holds) => {
    const dates = { ...(validFrom && { validFrom }), ...(validTo && { validTo }) }
    expect(
      (
        await estimate({ model: grid, prompt: "a" }, [
          { model: grid, microUsd: 5, source: "contract", ...dates },
        ])
      ).microUsd,
    ).toBe(holds ? 5 : 40_000)
  })
})

describe("a price in another currency", () => {
  const euros = { model: grid, currency: "EUR", source: "contract" } as const

  it("is in no sum, counts as unknown, and is named in a warning", async () => {
    const { pictor } = testClient(undefined, { prices: [{ ...euros, microUsd: 36_500 }] })
    const plan = await pictor.plan({ model: grid, prompt: "a", n: 3 })
    expect(plan.estimate).toEqual({ ...noCost, unpricedImages: 3 })
    expect(plan.warnings).toContainEqual(
      `The price of ${grid} is unknown in USD: 0.0365 EUR per image.`,
    )
    expect((await pictor.run(plan)).cost).toEqual({ ...noCost, unpricedImages: 3 })
  })

  it("comes before the card's price, and USD equals no currency", async () => {
    expect(
      await estimate({ model: grid, prompt: "a" }, [{ ...euros, microUsd: 1, quality: "premium" }]),
    ).toEqual({ ...noCost, microUsd: 40_000 })
    expect(
      await estimate({ model: grid, prompt: "a", quality: "hd" }, [{ ...euros, microUsd: 1 }]),
    ).toEqual({ ...noCost, unpricedImages: 1 })
    expect(
      await estimate({ model: grid, prompt: "a" }, [{ ...euros, currency: "USD", microUsd: 5 }]),
    ).toEqual({ ...noCost, microUsd: 5 })
  })

  it("is rejected under a hard money budget unless unknown prices are allowed", async () => {
    const { ledger: spy, reservations } = ledgerSpy()
    const ledger = memoryLedger()
    const budget = {
      scope: { everything: true },
      window: "day",
      hard: { microUsd: 1_000_000 },
    } as const
    await ledger.setBudget(budget)
    const prices = [{ ...euros, microUsd: 36_500 }]
    const refused = await errorOf(
      testClient(undefined, { prices, ledger }).pictor.generate({ model: grid, prompt: "a" }),
    )
    expect(refused).toMatchObject({
      code: "budget_exceeded",
      message: expect.stringContaining("1 image of unknown price"),
    })
    await ledger.setBudget({ ...budget, allowUnknown: true })
    await testClient(undefined, { prices, ledger }).pictor.generate({ model: grid, prompt: "a" })
    expect(await ledger.spend()).toMatchObject([{ images: 1, microUsd: 0, unpricedImages: 1 }])
    await testClient(undefined, { prices, ledger: spy }).pictor.generate({
      model: grid,
      prompt: "a",
    })
    expect(reservations[0]?.rows[0]).toMatchObject({
      cost: { microUsd: 0, unpricedImages: 1 },
      price: "contract (0.0365 EUR per image)",
    })
  })

  it("keeps a size out of dearer rows", async () => {
    const asked = { model: grid, prompt: "a", size: "1401x748" }
    const sizeOf = async (prices: readonly ConfiguredPrice[]) =>
      (await testClient(undefined, { prices }).pictor.plan(asked)).resolved.size
    const listed = await sizeOf([])
    const brackets = [
      { ...euros, maxPixels: 1_048_576, microUsd: 36_500 },
      { ...euros, microUsd: 55_000 },
    ]
    expect(await sizeOf(brackets)).toEqual(listed)
    expect(await sizeOf([{ ...euros, microUsd: 36_500 }])).not.toEqual(listed)
    // Rates of two currencies do not compare.
    expect(await sizeOf(brackets.slice(0, 1))).not.toEqual(listed)
  })
})

describe("findPrice", () => {
  const priced: PriceFacts = {
    task: "text-to-image",
    quality: "standard",
    pixels: 100,
    steps: 30,
    region: "north-1",
    date: "2026-11-20",
  }
  it.each([
    [{}, true],
    [{ task: "text-to-image" }, true],
    [{ task: "upscale" }, false],
    [{ quality: "premium" }, false],
    [{ maxPixels: 100 }, true],
    [{ maxPixels: 99 }, false],
    [{ maxSteps: 29 }, false],
    [{ region: "south-1" }, false],
  ] as const)("%j: %s", (more, matches) => {
    expect(findPrice([row(more)], priced) !== undefined).toBe(matches)
  })
  it("does not match a row by an unknown fact", () => {
    const { pixels: _pixels, region: _region, steps: _steps, ...bare } = priced
    for (const more of [{ maxPixels: 1e9 }, { maxSteps: 1e9 }, { region: "north-1" }])
      expect(findPrice([row(more)], bare)).toBeUndefined()
  })
})

describe("costs", () => {
  it("are whole micro-USD with unpriced images apart", () => {
    const microUsd = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined })
    const part = fc.record({
      microUsd,
      images: fc.integer({ min: 0, max: 100 }),
      maybe: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const costs = parts.map(({ microUsd: price, images, maybe }) => {
          const each = microUsdOf(price === undefined ? undefined : row({ microUsd: price }))
          const cost = costOf(each === undefined ? undefined : each * images, images)
          return maybe ? asMaybe(cost) : cost
        })
        const sum = addCosts(costs)
        expect(Object.values(sum).every((each) => Number.isSafeInteger(each) && each >= 0)).toBe(
          true,
        )
        expect(sum.unpricedImages).toBe(
          parts.reduce(
            (total, { microUsd: price, images }) => total + (price === undefined ? images : 0),
            0,
          ),
        )
        expect(addCosts(costs.toReversed())).toEqual(sum)
      }),
      { seed: 20_261_120, numRuns: 10_000 },
    )
  })
})

describe("createPictor", () => {
  it.each([
    { prices: [{ model: grid, microUsd: -1, source: "x" }] },
    { prices: [{ model: grid, microUsd: Number.NaN, source: "x" }] },
    { prices: [{ model: grid, microUsd: 1, currency: "euro", source: "x" }] },
    { prices: [{ model: grid, microUsd: 1, validFrom: "20 November 2026", source: "x" }] },
    { prices: [{ model: grid, microUsd: 1, validTo: "2026-11-20T00:00:00Z", source: "x" }] },
    { maxImages: 0 },
    { maxImages: 1.5 },
    { parallelCalls: 0 },
    { parallelCalls: Number.NaN },
    { retry: { attempts: 0 } },
    { retry: { attempts: -1 } },
  ])("rejects invalid options: %j", async (options) => {
    expect(
      await errorOf(Promise.resolve().then(() => testClient(undefined, options))),
    ).toMatchObject({ code: "invalid_request" })
  })
  it("takes maxImages as the largest n", async () => {
    const { pictor } = testClient(undefined, { maxImages: 2 })
    expect((await pictor.plan({ model: grid, prompt: "a", n: 2 })).n).toBe(2)
    expect(await errorOf(pictor.plan({ model: grid, prompt: "a", n: 3 }))).toMatchObject({
      issues: [{ allowed: "a whole number from 1 to 2" }],
    })
  })
})
