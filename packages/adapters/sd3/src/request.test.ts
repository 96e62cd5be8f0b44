import { createPictor, type ImageRequest } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { sd3 } from "./index.ts"

const pictor = createPictor({ adapters: [sd3({ name: "none", invoke: () => Promise.reject(new Error("no network")) })] })
const planOf = (request: Partial<ImageRequest>) =>
  pictor.plan({ model: "stability.sd3-5-large-v1:0", prompt: "tea", seed: 7, ...request } as ImageRequest)
const bodyOf = async (request: Partial<ImageRequest>): Promise<unknown> => (await planOf(request)).calls[0]?.body

describe("SD3 bodies", () => {
  test.each(["stability.sd3-large-v1:0", "stability.sd3-5-large-v1:0"])("%s gets its mode", async (model) => {
    expect(await bodyOf({ model })).toEqual({ mode: "text-to-image", prompt: "tea", aspect_ratio: "1:1", seed: 7, output_format: "png" })
  })

  test.each(["stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:1"])("%s gets none", async (model) => {
    expect(await bodyOf({ model })).toEqual({ prompt: "tea", aspect_ratio: "1:1", seed: 7, output_format: "png" })
  })

  test("carry every neutral field in its place", async () => {
    expect(await bodyOf({ negativePrompt: "fog", aspectRatio: "21:9", outputFormat: "jpeg", options: { style_preset: "anime" } })).toEqual({
      mode: "text-to-image",
      prompt: "tea",
      negative_prompt: "fog",
      aspect_ratio: "21:9",
      seed: 7,
      output_format: "jpeg",
      style_preset: "anime",
    })
  })

  test.each([
    { model: "stability.sd3-5-large-v1:0", planned: "png", actions: ["snapped"] },
    { model: "stability.stable-image-core-v1:1", planned: "webp", actions: [] },
  ])("webp on $model is planned as $planned", async ({ model, planned, actions }) => {
    const plan = await planOf({ model, outputFormat: "webp" })
    expect(plan.calls[0]?.body).toMatchObject({ output_format: planned })
    expect(plan.changes.map(({ action }) => action)).toEqual(actions)
  })

  test("n is one call per image, each with its own seed", async () => {
    const { calls } = await planOf({ n: 3 })
    expect(calls.map(({ body }) => body["seed"])).toEqual([7, 8, 9])
  })

  test.each([
    { model: "stability.sd3-large-v1:0", microUsd: 80_000 },
    { model: "stability.sd3-5-large-v1:0", microUsd: 80_000 },
    { model: "stability.stable-image-core-v1:1", microUsd: 40_000 },
    { model: "stability.stable-image-ultra-v1:1", microUsd: 140_000 },
  ])("$model costs $microUsd micro-USD", async ({ model, microUsd }) => {
    expect((await planOf({ model })).estimate.microUsd).toBe(microUsd)
  })
})
