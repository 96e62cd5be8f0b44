import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor, type ImageRequest } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { image } from "./__fixtures__/images.ts"
import { sd3 } from "./index.ts"

const pictor = createPictor({
  adapters: [sd3({ name: "none", invoke: () => Promise.reject(new Error("no network")) })],
})
const planOf = (request: Partial<ImageRequest>) =>
  pictor.plan({
    model: "stability.sd3-5-large-v1:0",
    prompt: "tea",
    seed: 7,
    ...request,
  } as ImageRequest)
const bodyOf = async (request: Partial<ImageRequest>): Promise<unknown> =>
  (await planOf(request)).calls[0]?.body

describe("SD3 bodies", () => {
  test.each(["stability.sd3-large-v1:0", "stability.sd3-5-large-v1:0"])(
    "%s gets its mode",
    async (model) => {
      expect(await bodyOf({ model })).toEqual({
        mode: "text-to-image",
        prompt: "tea",
        aspect_ratio: "1:1",
        seed: 7,
        output_format: "png",
      })
    },
  )

  test.each(["stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:1"])(
    "%s gets none",
    async (model) => {
      expect(await bodyOf({ model })).toEqual({
        prompt: "tea",
        aspect_ratio: "1:1",
        seed: 7,
        output_format: "png",
      })
    },
  )

  test("carry every neutral field in its place", async () => {
    expect(
      await bodyOf({
        negativePrompt: "fog",
        aspectRatio: "21:9",
        outputFormat: "jpeg",
        options: { style_preset: "anime" },
      }),
    ).toEqual({
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

describe("SD3 image-to-image bodies", () => {
  const edit: Partial<ImageRequest> = { task: "image-to-image", image }

  test.each(["stability.sd3-large-v1:0", "stability.sd3-5-large-v1:0"])(
    "of %s name the mode, and no aspect ratio",
    async (model) => {
      const body = await bodyOf({
        ...edit,
        model,
        strength: 0.25,
        negativePrompt: "fog",
        outputFormat: "jpeg",
      })
      expect(body).toEqual({
        mode: "image-to-image",
        prompt: "tea",
        negative_prompt: "fog",
        image,
        strength: 0.25,
        seed: 7,
        output_format: "jpeg",
      })
      expect(checkBody(model, body)).toEqual([])
    },
  )

  test.each([
    { strength: 0, wire: 0 },
    { strength: 1, wire: 1 },
    { strength: undefined, wire: 0.7 },
  ])(
    "strength $strength is sent as $wire: it counts from the input, as here",
    async ({ strength, wire }) => {
      expect(
        await bodyOf({ ...edit, ...(strength === undefined ? {} : { strength }) }),
      ).toMatchObject({ strength: wire })
    },
  )

  test("an aspect ratio is dropped and reported, for the input has one", async () => {
    const { changes } = await planOf({ ...edit, aspectRatio: "16:9" })
    expect(changes).toMatchObject([{ field: "aspectRatio", action: "dropped" }])
  })

  test("AWS's own example leaves the mode out, and gets it", async () => {
    expect(await bodyOf({ options: { image, strength: 0.4 } })).toMatchObject({
      mode: "image-to-image",
      image,
      strength: 0.4,
    })
  })

  test.each(["stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:1"])(
    "%s is text only",
    async (model) => {
      await expect(planOf({ ...edit, model })).rejects.toMatchObject({
        code: "unsupported",
        issues: [{ path: "task" }],
      })
      await expect(planOf({ model, options: { image } })).rejects.toMatchObject({
        issues: [{ path: "options.image" }],
      })
    },
  )

  test("an image is needed, and of 64 pixels at least", async () => {
    await expect(planOf({ task: "image-to-image" })).rejects.toMatchObject({
      code: "invalid_request",
      issues: [{ path: "image" }],
    })
    const small =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    await expect(planOf({ ...edit, image: small })).rejects.toMatchObject({
      issues: [{ path: "image", given: "1x1 pixels" }],
    })
  })
})
