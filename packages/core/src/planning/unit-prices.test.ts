import { describe, expect, it } from "vitest"
import { counted, countedClient, delivered } from "../__fixtures__/counted.ts"
import { base64 } from "../__fixtures__/pictures.ts"
import type { ConfiguredPrice, PriceRow } from "../contract/card.ts"
import { addUnits, copyUnits, noCost, sharesOf } from "./price.ts"

/** $5 a million text tokens, $8 and $30 a million image tokens. */
const tokens = {
  units: { inputTextToken: 5, inputImageToken: 8, outputImageToken: 30 },
  most: {
    call: { inputTextToken: 3 },
    image: { outputImageToken: 1000 },
    input: { inputImageToken: 500 },
    textByte: { inputTextToken: 1 },
  },
  source: "page",
} as const satisfies PriceRow

const request = { model: counted, prompt: "a" }

const estimate = async (prices: readonly PriceRow[], more: object = {}) =>
  (await countedClient(prices, { outcomes: [delivered] }).pictor.plan({ ...request, ...more }))
    .estimate

const image = base64()

describe("the estimate of prices by usage", () => {
  it.each([
    ["one image", {}, 15 + 5 + 30_000],
    ["three images", { n: 3 }, 15 + 5 + 90_000],
    ["two calls", { n: 7 }, 2 * (15 + 5) + 210_000],
    ["a text of more bytes than characters", { prompt: "é€😀" }, 15 + 45 + 30_000],
    ["two texts", { negativePrompt: "bcd" }, 15 + 20 + 30_000],
    ["a text in options", { options: { note: "four" } }, 15 + 25 + 30_000],
    ["one input picture", { referenceImage: image }, 15 + 5 + 4000 + 30_000],
    ["two input pictures", { referenceImage: image, styleImage: image }, 15 + 5 + 8000 + 30_000],
  ])("is an upper bound of %s", async (_, more, microUsd) => {
    expect(await estimate([tokens], more)).toEqual({ ...noCost, microUsd, basis: "upper-bound" })
  })

  it.each([
    [0.1, 1],
    [1.000_000_1, 1],
    [1.5, 2],
    [0.1 + 0.2, 1],
  ])("is rounded up once a call, decimals of binary sums aside: %d", async (credit, microUsd) => {
    const row = { units: { credit }, most: { call: { credit: 1 } }, source: "page" }
    expect((await estimate([row])).microUsd).toBe(microUsd)
    const tenth = { units: { credit: 0.1 }, most: { image: { credit: 1 } }, source: "page" }
    expect((await estimate([tenth], { n: 5 })).microUsd).toBe(1)
  })

  it("says what is likely, where the row does", async () => {
    const likely = { image: { outputImageToken: 400 }, textByte: { inputTextToken: 0.25 } }
    expect(await estimate([{ ...tokens, likely }], { n: 2 })).toMatchObject({
      microUsd: 60_020,
      likelyMicroUsd: 24_001,
    })
    const wrong = { image: { outputImageToken: 4000 } }
    expect(await estimate([{ ...tokens, likely: wrong }])).toMatchObject({ likelyMicroUsd: 30_020 })
  })

  it("counts a started megapixel whole, of outputs and of inputs", async () => {
    const row = {
      units: { outputMegapixel: 100, inputMegapixel: 7 },
      megapixel: 1_048_576,
      most: {},
      source: "page",
    } as const
    expect((await estimate([row], { size: "1024x1024", n: 2 })).microUsd).toBe(200)
    expect((await estimate([row], { size: "1024x1025" })).microUsd).toBe(200)
    expect((await estimate([row], { size: "2048x2048", styleImage: image })).microUsd).toBe(407)
  })

  it("counts each requested image of a row that prices images", async () => {
    const row = {
      units: { image: 40_000, inputTextToken: 1 },
      most: { textByte: { inputTextToken: 1 } },
      source: "page",
    }
    expect((await estimate([row], { n: 2 })).microUsd).toBe(80_001)
  })

  it.each([
    ["has no upper bound", { units: { credit: 10_000 }, source: "page" }],
    [
      "has an upper bound with a unit that it does not price",
      { units: { credit: 10_000 }, most: { call: { outputImageToken: 1 } }, source: "page" },
    ],
  ])("is unknown if the row %s", async (_, row) => {
    const { pictor } = countedClient([row], { outcomes: [delivered] })
    const plan = await pictor.plan({ ...request, n: 2 })
    expect(plan.estimate).toEqual({ ...noCost, unpricedImages: 2 })
    expect(plan.warnings).toEqual([
      `The price of ${counted} is known only after the call: its price row has no upper bound.`,
    ])
  })

  it("is unknown in USD for a price by usage in another currency", async () => {
    const prices: readonly ConfiguredPrice[] = [{ ...tokens, model: counted, currency: "EUR" }]
    const usage = { outputImageToken: 1000 }
    const { pictor } = countedClient([], { outcomes: [delivered], usage, microUsd: 5 }, { prices })
    const plan = await pictor.plan(request)
    expect(plan.warnings).toEqual([`The price of ${counted} is unknown in USD: EUR by usage.`])
    expect(await pictor.run(plan)).toMatchObject({
      cost: { ...noCost, unpricedImages: 1 },
      usage,
    })
  })

  it("keeps a size out of dearer rows", async () => {
    const rowOf = (maxPixels: number, outputImageToken: number): PriceRow => ({
      ...tokens,
      maxPixels,
      most: { image: { outputImageToken } },
    })
    const sizeOf = async (dearer: number) => {
      const rows = [rowOf(3_000_000, 1000), rowOf(4_194_304, dearer)]
      const { pictor } = countedClient(rows, { outcomes: [delivered] })
      return (await pictor.plan({ ...request, size: "1670x1670" })).resolved.size
    }
    expect(await sizeOf(1000)).toEqual({ width: 1792, height: 1792 })
    expect(await sizeOf(1001)).toEqual({ width: 1536, height: 1536 })
  })
})

describe("createPictor", () => {
  const price = { ...tokens, model: counted }
  it.each([
    [{ ...price, units: { outputImageToken: -1 } }, "units"],
    [{ ...price, units: { outputImageToken: Number.NaN } }, "units"],
    [{ ...price, units: { outputTokens: 1 } }, "units"],
    [{ ...price, units: {} }, "units"],
    [{ ...price, most: { call: { credit: Infinity } } }, "most.call"],
    [{ ...price, likely: { image: { credits: 1 } } }, "likely.image"],
    [{ ...price, megapixel: 0 }, "megapixel"],
    [{ ...price, microUsd: 1 }, "microUsd"],
  ])("rejects a price by usage with a wrong number: %j", (wrong, field) => {
    const prices = [wrong as unknown as ConfiguredPrice]
    expect(() => countedClient([], { outcomes: [] }, { prices })).toThrow(
      `createPictor: ${field} of the price of ${counted} must be`,
    )
  })

  it("takes a price by usage", () => {
    expect(() => countedClient([], { outcomes: [] }, { prices: [price] })).not.toThrow()
  })
})

describe("units", () => {
  it("are added by name, and absent where nothing was counted", () => {
    expect(addUnits([{ credit: 0.1, image: 0 }, undefined, { credit: 0.2 }])).toEqual({
      image: 0,
      credit: 0.3,
    })
    expect(addUnits([undefined, undefined])).toBeUndefined()
  })

  it.each([{}, { credit: -1 }, { credit: "1" }, { credit: Number.NaN }, { tokens: 1 }, [1], null])(
    "are only numbers from 0 with a known name: %j is none",
    (units) => {
      expect(copyUnits(units)).toBeUndefined()
    },
  )
})

describe("sharesOf", () => {
  it.each([
    [10, 3, [3, 3, 4]],
    [2, 3, [0, 0, 2]],
    [7, 1, [7]],
    [0, 2, [0, 0]],
    [5, 0, []],
  ])("shares %d by %d", (total, parts, shares) => {
    expect(sharesOf(total, parts)).toEqual(shares)
  })
})
