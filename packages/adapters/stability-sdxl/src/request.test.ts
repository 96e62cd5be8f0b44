import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor, type ImageRequest, type JsonObject } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { cutOut, image, mask } from "./__fixtures__/images.ts"
import { stabilitySdxl } from "./index.ts"

const pictor = createPictor({
  adapters: [
    stabilitySdxl({ name: "none", invoke: () => Promise.reject(new Error("no network")) }),
  ],
})
const planOf = (request: Partial<ImageRequest>) =>
  pictor.plan({
    model: "stability.stable-diffusion-xl-v1",
    prompt: "tea",
    seed: 7,
    ...request,
  } as ImageRequest)
const bodyOf = async (request: Partial<ImageRequest>): Promise<unknown> =>
  (await planOf(request)).calls[0]?.body

describe("SDXL bodies", () => {
  test("make AWS's own example, field by field", async () => {
    const body = await bodyOf({
      prompt: "Sri lanka tea plantation.",
      guidance: 10,
      seed: 0,
      steps: 50,
      style: "photographic",
    })
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
    expect(
      await bodyOf({
        prompt: undefined,
        prompts,
        negativePrompt: "people",
      } as Partial<ImageRequest>),
    ).toMatchObject({
      text_prompts: [...prompts, { text: "people", weight: -1 }],
    })
  })

  test("carry the fields without a neutral name", async () => {
    const options = {
      clip_guidance_preset: "FAST_BLUE",
      sampler: "K_LMS",
      extras: { experiment: 1 },
    }
    expect(await bodyOf({ options })).toMatchObject(options)
  })

  test.each([
    { model: "stability.stable-diffusion-xl-v0", size: "128x512", steps: 50, microUsd: 18_000 },
    { model: "stability.stable-diffusion-xl-v0", size: "512x512", steps: 51, microUsd: 36_000 },
    { model: "stability.stable-diffusion-xl-v0", size: "1024x1024", steps: 50, microUsd: 36_000 },
    { model: "stability.stable-diffusion-xl-v0", size: "1024x1024", steps: 51, microUsd: 72_000 },
    { model: "stability.stable-diffusion-xl-v1", size: "1536x640", steps: 50, microUsd: 40_000 },
    { model: "stability.stable-diffusion-xl-v1", size: "1024x1024", steps: 51, microUsd: 80_000 },
  ])(
    "$model costs $microUsd micro-USD at $size in $steps steps",
    async ({ model, size, steps, microUsd }) => {
      const plan = await planOf({ model, size, steps })
      expect([plan.estimate.microUsd, plan.changes]).toEqual([microUsd, []])
    },
  )

  test("0.8 draws 512x512 where nothing is said", async () => {
    expect(await bodyOf({ model: "stability.stable-diffusion-xl-v0" })).toMatchObject({
      width: 512,
      height: 512,
      cfg_scale: 10,
    })
  })
})

const model = "stability.stable-diffusion-xl-v1"
const drawn = { text_prompts: [{ text: "tea" }], cfg_scale: 7, seed: 7, steps: 30, samples: 1 }
const byStrength = { ...drawn, init_image: image, init_image_mode: "IMAGE_STRENGTH" }
const bySteps = { ...drawn, init_image: image, init_image_mode: "STEP_SCHEDULE" }
const editOf = (request: JsonObject): Promise<unknown> => bodyOf({ image, ...request })

describe("SDXL image-to-image bodies", () => {
  test.each([
    { request: { strength: 0 }, body: { ...byStrength, image_strength: 1 } },
    { request: { strength: 0.9 }, body: { ...byStrength, image_strength: 0.1 } },
    { request: { strength: 1 }, body: { ...byStrength, image_strength: 0 } },
    { request: {}, body: { ...byStrength, image_strength: 0.35 } },
    { request: { options: { image_strength: 0.2 } }, body: { ...byStrength, image_strength: 0.2 } },
    {
      request: { options: { step_schedule_start: 0, step_schedule_end: 1 } },
      body: { ...bySteps, step_schedule_start: 0, step_schedule_end: 1 },
    },
    { request: { options: { init_image_mode: "STEP_SCHEDULE" } }, body: bySteps },
  ])(
    "have a reversed strength or a step schedule, and no size: $request",
    async ({ request, body }) => {
      const sent = await editOf({ task: "image-to-image", ...request })
      expect(sent).toEqual(body)
      expect(checkBody(model, sent)).toEqual([])
    },
  )

  test("a strength beside a step schedule is dropped and reported", async () => {
    const plan = await planOf({
      task: "image-to-image",
      image,
      strength: 0.5,
      options: { step_schedule_start: 0.4 },
    })
    expect(plan.changes).toMatchObject([{ field: "strength", action: "dropped" }])
    expect(plan.calls[0]?.body).toEqual({ ...bySteps, step_schedule_start: 0.4 })
  })

  test("a size is dropped and reported, for the picture has the input's", async () => {
    const plan = await planOf({ task: "image-to-image", image, size: "1024x1024" })
    expect([plan.changes, plan.outputSize]).toMatchObject([
      [{ field: "size", action: "dropped" }],
      { width: 64, height: 64 },
    ])
  })
})

describe("SDXL masking bodies", () => {
  const white = { mask_source: "MASK_IMAGE_WHITE", mask_image: mask }

  test.each([
    {
      source: "the mask's white",
      request: { mask },
      body: { ...drawn, init_image: image, ...white },
    },
    {
      source: "the mask's white, said twice",
      request: { mask, options: white },
      body: { ...drawn, init_image: image, ...white },
    },
    {
      source: "the transparency",
      request: { image: cutOut },
      body: { ...drawn, init_image: cutOut, mask_source: "INIT_IMAGE_ALPHA" },
    },
    {
      source: "the black of a mask written by hand",
      request: { options: { mask_source: "MASK_IMAGE_BLACK", mask_image: mask } },
      body: { ...drawn, init_image: image, mask_source: "MASK_IMAGE_BLACK", mask_image: mask },
    },
  ])("change $source, and have no image_strength", async ({ request, body }) => {
    const sent = await editOf({ task: "inpaint", ...request })
    expect(sent).toEqual(body)
    expect(checkBody(model, sent)).toEqual([])
  })

  test.each([
    {
      what: "a mask of another polarity than is declared",
      request: { mask, options: { mask_source: "MASK_IMAGE_BLACK" } },
      code: "invalid_request",
    },
    {
      what: "a mask where transparency is declared",
      request: { mask, options: { mask_source: "INIT_IMAGE_ALPHA" } },
      code: "invalid_request",
    },
    {
      what: "a declared mask that is missing",
      request: { options: { mask_source: "MASK_IMAGE_WHITE" } },
      code: "invalid_request",
    },
    {
      what: "an image_strength",
      request: { mask, options: { image_strength: 0.2 } },
      code: "unsupported",
    },
    { what: "words for a mask", request: { maskPrompt: "the sky" }, code: "unsupported" },
  ])("are not made of $what", async ({ request, code }) => {
    await expect(editOf({ task: "inpaint", ...request })).rejects.toMatchObject({ code })
  })

  test("a strength is dropped and reported", async () => {
    const { changes } = await planOf({
      task: "inpaint",
      image,
      mask,
      strength: 0.5,
    } as Partial<ImageRequest>)
    expect(changes).toMatchObject([{ field: "strength", action: "dropped" }])
  })
})

describe("SDXL edits", () => {
  test("AWS's own words are understood without a task", async () => {
    const plans = [
      await planOf({ options: { init_image: image } }),
      await planOf({ options: { init_image: image, mask_source: "INIT_IMAGE_ALPHA" } }),
    ]
    expect(plans.map(({ task }) => task)).toEqual(["image-to-image", "inpaint"])
  })

  test.each([
    { id: "stability.stable-diffusion-xl-v0", steps: 50, microUsd: 18_000 },
    { id: "stability.stable-diffusion-xl-v0", steps: 51, microUsd: 36_000 },
    { id: model, steps: 50, microUsd: 40_000 },
    { id: model, steps: 51, microUsd: 80_000 },
  ])(
    "of $id in $steps steps cost $microUsd micro-USD at 64x64",
    async ({ id, steps, microUsd }) => {
      for (const task of ["image-to-image", "inpaint"] as const)
        expect((await planOf({ model: id, task, image, steps })).estimate.microUsd).toBe(microUsd)
    },
  )

  test.each([
    { what: "a format", given: "R0lGODlhQABAAAAAAAA=" },
    {
      what: "a side",
      given:
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    },
  ])("do not start from $what that the model does not take", async ({ given }) => {
    await expect(editOf({ task: "image-to-image", image: given })).rejects.toMatchObject({
      code: "invalid_request",
      issues: [{ path: "image" }],
    })
  })
})
