import { createPictor, type ImageRequest } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { titan } from "./index.ts"
import { models } from "./models.ts"

const pictor = createPictor({ adapters: [titan({ name: "none", invoke: () => Promise.reject(new Error("no network")) })] })

describe.each(models.map(({ id }) => id))("bodies of %s", (model) => {
  const bodyOf = async (request: Partial<ImageRequest>): Promise<unknown> =>
    (await pictor.plan({ model, prompt: "tea", seed: 7, ...request } as ImageRequest)).calls[0]?.body

  test("say every value that is used, size and seed always", async () => {
    expect(await bodyOf({})).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea" },
      imageGenerationConfig: { numberOfImages: 1, quality: "standard", cfgScale: 8, width: 1024, height: 1024, seed: 7 },
    })
  })

  test("carry every neutral field in its place", async () => {
    expect(await bodyOf({ negativePrompt: "fog", n: 5, size: "1173x640", quality: "high", guidance: 2.5, seed: 0 })).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea", negativeText: "fog" },
      imageGenerationConfig: { numberOfImages: 5, quality: "premium", cfgScale: 2.5, width: 1173, height: 640, seed: 0 },
    })
  })

  test.each([
    { size: "512x512", quality: "standard", microUsd: 8_000 },
    { size: "768x768", quality: "premium", microUsd: 10_000 },
    { size: "768x1152", quality: "standard", microUsd: 10_000 },
    { size: "1408x640", quality: "premium", microUsd: 12_000 },
    { size: "900x900", quality: "standard", microUsd: 10_000 },
    { size: "800x800", quality: "standard", microUsd: 8_000 },
  ])("cost $microUsd micro-USD at $size $quality", async ({ size, quality, microUsd }) => {
    expect((await pictor.plan({ model, prompt: "tea", size, quality })).estimate.microUsd).toBe(microUsd)
  })
})
