import { assert, integer, property, record, string } from "fast-check"
import { describe, expect, it } from "vitest"
import { models, outputTokenLimit } from "./models.ts"
import { cutAt, microUsd, textTokens, type Wanted } from "./usage.ts"

const wanted = record<Wanted>({
  thoughts: integer({ min: 0, max: 2000 }),
  words: string({ maxLength: 200 }),
  pictures: integer({ min: 0, max: 10 }),
  pictureTokens: integer({ min: 1, max: 4000 }),
})

const limit = integer({ min: 1, max: outputTokenLimit })

describe("cutAt", () => {
  it("bills no more than the limit, and all of a reply within it", () => {
    assert(
      property(limit, wanted, (most, reply) => {
        const { usage, pictures, isCut } = cutAt(most, reply)
        const { thoughts, outputText, outputImage } = usage
        const billed = thoughts + outputText + outputImage
        const whole =
          reply.thoughts + textTokens(reply.words) + reply.pictures * reply.pictureTokens
        expect(billed).toBe(Math.min(most, whole))
        expect(isCut).toBe(whole > most)
        expect(pictures).toBe(Math.floor(outputImage / reply.pictureTokens))
      }),
    )
  })
})

describe("microUsd", () => {
  const tokens = integer({ min: 0, max: 1_000_000 })
  const usage = record({
    inputText: tokens,
    inputImage: tokens,
    thoughts: tokens,
    outputText: tokens,
    outputImage: tokens,
  })

  /** Prices in micro-USD per 100 tokens are whole. */
  const whole = (price: number): bigint => BigInt(Math.round(price * 100))

  it.each(models)("of $id is the exact sum, rounded half up once", (model) => {
    assert(
      property(usage, (counts) => {
        const { input, text, image } = model.prices
        const exact =
          BigInt(counts.inputText + counts.inputImage) * whole(input) +
          BigInt(counts.thoughts + counts.outputText) * whole(text) +
          BigInt(counts.outputImage) * whole(image)
        expect(microUsd(model, counts)).toBe(Number((exact + 50n) / 100n))
      }),
    )
  })
})

describe("textTokens", () => {
  it.each([
    ["", 0],
    ["tea", 1],
    ["four", 1],
    ["fives", 2],
    ["茶園", 2],
  ])("of %j is %i", (text, expected) => {
    expect(textTokens(text)).toBe(expected)
  })
})
