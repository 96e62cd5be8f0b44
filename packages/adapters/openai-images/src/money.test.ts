import { createPictor, type ImageAdapter, type ImageRequest, type JsonObject } from "@pictor/core"
import { http } from "@pictor/http"
import { sharpImages } from "@pictor/images"
import { type BillEntry, emulated } from "@pictor/openai-emulator"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { image } from "./__fixtures__/images.ts"
import { randomRequest, scaled } from "./__fixtures__/random-requests.ts"
import { openaiImages, xaiImages } from "./index.ts"

const bill: BillEntry[] = []
const over = emulated({ seed: 1, bill, cache: true })
const pictor = createPictor<readonly ImageAdapter[]>({
  adapters: [openaiImages(http(over)), xaiImages(http(over))],
  imageOps: sharpImages(),
})
afterAll(() => pictor.close())

const order = async (request: JsonObject) => {
  bill.length = 0
  const plan = await pictor.plan(request as unknown as ImageRequest)
  const result = await pictor.run(plan)
  return { plan, result, billed: bill.reduce((sum, { microUsd }) => sum + microUsd, 0) }
}

const small = { prompt: "a lighthouse", size: "1024x640", quality: "low" }

describe("the cost of an image", () => {
  it("is at most the estimate, and what the provider bills, for random requests", async () => {
    await fc.assert(
      fc.asyncProperty(randomRequest, async (random) => {
        const { plan, result, billed } = await order({
          ...random,
          n: Math.min(2, Number(random["n"] ?? 1)),
          ...(random["task"] !== "inpaint" && { size: "1024x640" }),
        })
        expect(result.cost).toEqual({ microUsd: billed, maybeMicroUsd: 0, unpricedImages: 0 })
        expect(plan.estimate.microUsd).toBeGreaterThanOrEqual(billed)
        expect(plan.estimate.basis).toBe("upper-bound")
        expect(plan.estimate.likelyMicroUsd).toBeGreaterThan(0)
        expect(plan.estimate.likelyMicroUsd).toBeLessThanOrEqual(plan.estimate.microUsd)
      }),
      { numRuns: scaled(400, 20), seed: 7 },
    )
  })

  it("covers the largest picture at every quality", async () => {
    for (const quality of ["low", "medium", "high", "xhigh", "max"])
      for (const size of ["2880x2880", "3840x2160", "1024x1024", "1536x1024"]) {
        const { estimate } = await pictor.plan({
          model: "gpt-image-2.5-flare",
          prompt: "a",
          size: size as "2880x2880",
          quality,
        })
        const grid = { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 }[quality] ?? 0
        const [width = 0, height = 0] = size.split("x").map(Number)
        const short = Math.round((grid * Math.min(width, height)) / Math.max(width, height))
        const tokens = Math.ceil((grid * short * (2_000_000 + width * height)) / 4_000_000)
        expect(estimate.microUsd).toBeGreaterThanOrEqual(tokens * 30)
        expect(estimate.microUsd).toBeLessThan(tokens * 30 * 2.5)
      }
  })

  it("includes partial images, one call for each image", async () => {
    const request = { model: "gpt-image-2", ...small, partialImages: 2, n: 2 }
    const { plan, result, billed } = await order(request)
    expect(plan.calls.map(({ body }) => [body["n"], body["stream"]])).toEqual([
      [1, true],
      [1, true],
    ])
    expect(result.images.length).toBe(2)
    expect(result.cost.microUsd).toBe(billed)
    const without = await pictor.plan({ ...request, partialImages: undefined } as never)
    // The second call has the text, and the template's 100 tokens, once more.
    const text = (100 + small.prompt.length) * 5
    expect(plan.estimate.microUsd - without.estimate.microUsd).toBe(2 * 2 * 100 * 30 + text)
  })

  it("counts repeated input at its own price", async () => {
    const request = { model: "gpt-image-2", ...small, task: "image-to-image", images: [image] }
    await order(request)
    const { result, billed } = await order(request)
    expect(result.usage).toMatchObject({ cachedInputTextToken: 3, cachedInputImageToken: 16 })
    expect(result.cost.microUsd).toBe(billed)
  })

  it("is the bound if the reply has no usage, marked as estimated", async () => {
    const { plan, result } = await order({
      model: "gpt-image-2",
      ...small,
      prompt: "a lighthouse [[fault:no-usage]]",
    })
    expect(result.cost.microUsd).toBe(plan.estimate.microUsd)
    expect(result.warnings.join(" ")).toMatch(/did not report/)
  })

  it("is unknown for SVG, whose author model has prices of its own", async () => {
    const { estimate } = await pictor.plan({
      model: "gpt-image-2.6-flare",
      prompt: "a lighthouse",
      options: { output_format: "svg" },
    })
    expect(estimate.unpricedImages).toBe(1)
  })

  it("covers the sheet that the frames of a GIF are drawn on", async () => {
    const options = { output_format: "gif", frame_count: 16 }
    const { estimate } = await pictor.plan({
      model: "gpt-image-2",
      prompt: "a",
      quality: "high",
      options,
    })
    expect(estimate.microUsd).toBeGreaterThan(9216 * 2.5736 * 30)
  })
})

describe("the cost of an xAI image", () => {
  it.each([
    ["low", "1k", 40_000],
    ["low", "2k", 60_000],
    ["medium", "1k", 60_000],
    ["medium", "2k", 80_000],
  ])("at %s quality and %s is %i micro-USD", async (quality, size, microUsd) => {
    const model = "grok-imagine-image-2.0"
    const { plan, result, billed } = await order({ model, prompt: "a", quality, size })
    expect([plan.estimate.microUsd, result.cost.microUsd, billed]).toEqual([
      microUsd,
      microUsd,
      microUsd,
    ])
  })

  it("with input pictures is what the reply states, at most the estimate", async () => {
    const { plan, result, billed } = await order({
      model: "grok-imagine-image-2.0",
      task: "image-to-image",
      prompt: "a",
      images: [image, image],
      n: 2,
    })
    expect(result.cost.microUsd).toBe(billed)
    expect(plan.estimate.microUsd).toBeGreaterThanOrEqual(billed)
  })
})
