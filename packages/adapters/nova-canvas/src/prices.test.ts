import { createPictor, type JsonObject } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { garment, image } from "./__fixtures__/images.ts"
import { novaCanvas } from "./index.ts"

const model = "amazon.nova-canvas-v1:0"
const pictor = createPictor({
  adapters: [novaCanvas({ name: "none", invoke: () => Promise.reject(new Error("no network")) })],
})

const planOf = (request: JsonObject) => pictor.plan({ model, seed: 7, ...request })

const dressed = { task: "virtual-try-on", image, referenceImage: garment } as const

describe("prices", () => {
  test("of edits are those of their size", async () => {
    const priceOf = async (request: JsonObject) => (await planOf(request)).estimate.microUsd
    const edit = { image, maskPrompt: "the disc", prompt: "tea" }
    expect(await priceOf({ task: "inpaint", ...edit })).toBe(40_000)
    expect(await priceOf({ task: "replace", ...edit, quality: "premium", n: 2 })).toBe(120_000)
    expect(await priceOf({ task: "image-to-image", image, prompt: "tea", size: "2048x2048" })).toBe(
      60_000,
    )
    expect(await priceOf({ ...dressed, maskPrompt: "the shirt", quality: "premium" })).toBe(60_000)
    expect(await priceOf({ task: "remove-background", image, n: 3, seed: undefined })).toBe(120_000)
  })

  test.each([
    { size: "1024x1024", quality: "standard", microUsd: 40_000 },
    { size: "1024x1024", quality: "premium", microUsd: 60_000 },
    { size: "2048x512", quality: "standard", microUsd: 40_000 },
    { size: "1040x1024", quality: "standard", microUsd: 60_000 },
    { size: "2048x2048", quality: "premium", microUsd: 80_000 },
  ])("$microUsd micro-USD at $size $quality", async ({ size, quality, microUsd }) => {
    expect((await planOf({ prompt: "tea", size, quality })).estimate).toEqual({
      microUsd,
      maybeMicroUsd: 0,
      unpricedImages: 0,
    })
  })
})
