import { createPictor, type ImageRequest } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { stabilitySdxl } from "./index.ts"

const pictor = createPictor({ adapters: [stabilitySdxl({ name: "none", invoke: () => Promise.reject(new Error("no network")) })] })
const planOf = (request: Partial<ImageRequest>) =>
  pictor.plan({ model: "stability.stable-diffusion-xl-v1", prompt: "tea", seed: 7, ...request } as ImageRequest)
const bodyOf = async (request: Partial<ImageRequest>): Promise<unknown> => (await planOf(request)).calls[0]?.body

describe("SDXL bodies", () => {
  test("make AWS's own example, field by field", async () => {
    const body = await bodyOf({ prompt: "Sri lanka tea plantation.", guidance: 10, seed: 0, steps: 50, style: "photographic" })
    expect(body).toEqual({
      text_prompts: [{ text: "Sri lanka tea plantation." }],
      cfg_scale: 10,
      seed: 0,
      steps: 50,
      samples: 1,
      style_preset: "photographic",
      width: 1024,
      height: 1024,
    })
  })

  test("keep every weight, and what to avoid weighs -1", async () => {
    const prompts = [
      { text: "tea", weight: 1 },
      { text: "mist", weight: 0.4 },
    ]
    expect(await bodyOf({ prompt: undefined, prompts, negativePrompt: "people" } as Partial<ImageRequest>)).toMatchObject({
      text_prompts: [...prompts, { text: "people", weight: -1 }],
    })
  })

  test("carry the fields without a neutral name", async () => {
    const options = { clip_guidance_preset: "FAST_BLUE", sampler: "K_LMS", extras: { experiment: 1 } }
    expect(await bodyOf({ options })).toMatchObject(options)
  })

  test.each([
    { model: "stability.stable-diffusion-xl-v0", size: "128x512", steps: 50, microUsd: 18_000 },
    { model: "stability.stable-diffusion-xl-v0", size: "512x512", steps: 51, microUsd: 36_000 },
    { model: "stability.stable-diffusion-xl-v0", size: "1024x1024", steps: 50, microUsd: 36_000 },
    { model: "stability.stable-diffusion-xl-v0", size: "1024x1024", steps: 51, microUsd: 72_000 },
    { model: "stability.stable-diffusion-xl-v1", size: "1536x640", steps: 50, microUsd: 40_000 },
    { model: "stability.stable-diffusion-xl-v1", size: "1024x1024", steps: 51, microUsd: 80_000 },
  ])("$model costs $microUsd micro-USD at $size in $steps steps", async ({ model, size, steps, microUsd }) => {
    const plan = await planOf({ model, size, steps })
    expect([plan.estimate.microUsd, plan.changes]).toEqual([microUsd, []])
  })

  test("0.8 draws 512x512 where nothing is said", async () => {
    expect(await bodyOf({ model: "stability.stable-diffusion-xl-v0" })).toMatchObject({ width: 512, height: 512, cfg_scale: 10 })
  })
})
