import { createPictor, type ImageRequest } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { novaCanvas } from "./index.ts"

const model = "amazon.nova-canvas-v1:0"
const pictor = createPictor({ adapters: [novaCanvas({ name: "none", invoke: () => Promise.reject(new Error("no network")) })] })
const bodyOf = async (request: Partial<ImageRequest>): Promise<unknown> =>
  (await pictor.plan({ model, prompt: "tea", seed: 7, ...request } as ImageRequest)).calls[0]?.body

describe("Nova Canvas bodies", () => {
  test("say every value that is used, size and seed always", async () => {
    expect(await bodyOf({})).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea" },
      imageGenerationConfig: { numberOfImages: 1, quality: "standard", cfgScale: 6.5, width: 1024, height: 1024, seed: 7 },
    })
  })

  test("carry every neutral field in its place", async () => {
    expect(
      await bodyOf({ negativePrompt: "fog", n: 3, size: "1280x720", quality: "hd", guidance: 4, seed: 0, style: "soft digital painting" }),
    ).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea", negativeText: "fog", style: "SOFT_DIGITAL_PAINTING" },
      imageGenerationConfig: { numberOfImages: 3, quality: "premium", cfgScale: 4, width: 1280, height: 720, seed: 0 },
    })
  })

  test("are the same from the model's own words", async () => {
    const own = await pictor.plan({
      model,
      options: {
        taskType: "TEXT_IMAGE",
        textToImageParams: { text: "tea", negativeText: "fog" },
        imageGenerationConfig: { width: 512, height: 512, cfgScale: 3, seed: 9, numberOfImages: 2, quality: "premium" },
      },
    })
    expect(own.calls[0]?.body).toEqual(await bodyOf({ negativePrompt: "fog", size: "512x512", guidance: 3, seed: 9, n: 2, quality: "premium" }))
  })

  test.each([
    { size: "1024x1024", quality: "standard", microUsd: 40_000 },
    { size: "1024x1024", quality: "premium", microUsd: 60_000 },
    { size: "2048x512", quality: "standard", microUsd: 40_000 },
    { size: "1040x1024", quality: "standard", microUsd: 60_000 },
    { size: "2048x2048", quality: "premium", microUsd: 80_000 },
  ])("cost $microUsd micro-USD at $size $quality", async ({ size, quality, microUsd }) => {
    expect((await pictor.plan({ model, prompt: "tea", size, quality })).estimate).toEqual({ microUsd, maybeMicroUsd: 0, unknownImages: 0 })
  })
})
