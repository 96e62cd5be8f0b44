import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor, type ImageError, type JsonObject } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { imageOps } from "./__fixtures__/image-ops.ts"
import { greyMask, image, inverse, mask, smallMask } from "./__fixtures__/images.ts"
import { titan } from "./index.ts"
import { models } from "./models.ts"

const [first, second] = [models[0].id, models[1].id]
const adapter = titan({ name: "none", invoke: () => Promise.reject(new Error("no network")) })
const pictor = createPictor({ adapters: [adapter], imageOps: imageOps })
const plain = createPictor({ adapters: [adapter] })

const planOf = (request: JsonObject, client = pictor) =>
  client.plan({ model: second, seed: 7, ...request })
const bodyOf = async (request: JsonObject): Promise<unknown> =>
  (await planOf(request)).calls[0]?.body
const refusalOf = (request: JsonObject, client = pictor): Promise<readonly string[]> =>
  planOf(request, client).then(
    () => [],
    (error: unknown) =>
      (error as ImageError).issues?.map(({ code, path }) => `${code} ${path}`) ?? [],
  )

const config = { numberOfImages: 1, quality: "standard", cfgScale: 8, seed: 7 }
const sized = { ...config, width: 1024, height: 1024 }

describe.each([first, second])("text-to-image bodies of %s", (model) => {
  test("say every value that is used, size and seed always", async () => {
    expect(await bodyOf({ model, prompt: "tea" })).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea" },
      imageGenerationConfig: sized,
    })
  })

  test("carry every neutral field in its place", async () => {
    const fields = {
      negativePrompt: "fog",
      n: 5,
      size: "1173x640",
      quality: "high",
      guidance: 2.5,
      seed: 0,
    }
    expect(await bodyOf({ model, prompt: "tea", ...fields })).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea", negativeText: "fog" },
      imageGenerationConfig: {
        numberOfImages: 5,
        quality: "premium",
        cfgScale: 2.5,
        width: 1173,
        height: 640,
        seed: 0,
      },
    })
  })
})

/**
 * The body of each task for a neutral request; without width and height for in- and outpainting.
 */
const edits: readonly (readonly [name: string, request: JsonObject, body: JsonObject])[] = [
  [
    "a variation",
    {
      task: "image-to-image",
      images: [image, mask],
      strength: 0.25,
      prompt: "tea",
      negativePrompt: "fog",
    },
    {
      taskType: "IMAGE_VARIATION",
      imageVariationParams: {
        images: [image, mask],
        similarityStrength: 0.75,
        text: "tea",
        negativeText: "fog",
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    "a variation of one image, without words, at the usual strength",
    { task: "image-to-image", image },
    {
      taskType: "IMAGE_VARIATION",
      imageVariationParams: { images: [image], similarityStrength: 0.7 },
      imageGenerationConfig: sized,
    },
  ],
  [
    "an inpainting: black is what changes, and the P is a capital one",
    {
      task: "inpaint",
      image,
      mask,
      prompt: "tea",
      options: { inPaintingParams: { returnMask: true } },
    },
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskImage: inverse, text: "tea", returnMask: true },
      imageGenerationConfig: config,
    },
  ],
  [
    "an inpainting by words",
    { task: "inpaint", image, maskPrompt: "the disc" },
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskPrompt: "the disc" },
      imageGenerationConfig: config,
    },
  ],
  [
    "an erasure, which has no text",
    { task: "erase", image, mask: smallMask },
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskImage: inverse },
      imageGenerationConfig: config,
    },
  ],
  [
    "a replacement",
    { task: "replace", image, maskPrompt: "the disc", prompt: "tea", negativePrompt: "fog", n: 2 },
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskPrompt: "the disc", text: "tea", negativeText: "fog" },
      imageGenerationConfig: { ...config, numberOfImages: 2 },
    },
  ],
  [
    "an outpainting: white is what changes",
    {
      task: "outpaint",
      image,
      mask,
      prompt: "tea",
      options: { outPaintingParams: { outPaintingMode: "PRECISE" } },
    },
    {
      taskType: "OUTPAINTING",
      outPaintingParams: { image, maskImage: mask, text: "tea", outPaintingMode: "PRECISE" },
      imageGenerationConfig: config,
    },
  ],
  [
    "an outpainting by a grey mask, which is sent in black and white",
    { task: "outpaint", image, mask: greyMask, prompt: "tea" },
    {
      taskType: "OUTPAINTING",
      outPaintingParams: { image, maskImage: mask, text: "tea" },
      imageGenerationConfig: config,
    },
  ],
  [
    "an outpainting by words that name what stays",
    { task: "outpaint", image, keepPrompt: "the disc", prompt: "tea" },
    {
      taskType: "OUTPAINTING",
      outPaintingParams: { image, maskPrompt: "the disc", text: "tea" },
      imageGenerationConfig: config,
    },
  ],
  [
    "an outpainting by margins",
    { task: "outpaint", image, margins: { left: 8 }, prompt: "tea" },
    {
      taskType: "OUTPAINTING",
      outPaintingParams: { image, maskImage: inverse, text: "tea" },
      imageGenerationConfig: config,
    },
  ],
]

const secondEdits: typeof edits = [
  [
    "a picture in given colours",
    { task: "color-guided", colors: ["#102030", "#F0e0d0"], referenceImage: image, prompt: "tea" },
    {
      taskType: "COLOR_GUIDED_GENERATION",
      colorGuidedGenerationParams: {
        colors: ["#102030", "#F0e0d0"],
        referenceImage: image,
        text: "tea",
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    "a picture along an image's edges, at the usual strength",
    { task: "control", control: "canny", image, prompt: "tea" },
    {
      taskType: "TEXT_IMAGE",
      textToImageParams: {
        text: "tea",
        conditionImage: image,
        controlMode: "CANNY_EDGE",
        controlStrength: 0.7,
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    "a picture along an image's regions",
    { task: "control", control: "segmentation", controlStrength: 0.2, image, prompt: "tea" },
    {
      taskType: "TEXT_IMAGE",
      textToImageParams: {
        text: "tea",
        conditionImage: image,
        controlMode: "SEGMENTATION",
        controlStrength: 0.2,
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    "a removed background, which has no imageGenerationConfig",
    { task: "remove-background", image, seed: undefined },
    { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image } },
  ],
]

const everyEdit = [
  ...edits.flatMap(([name, request, body]) =>
    [first, second].map((model) => ({ name, model, request, body })),
  ),
  ...secondEdits.map(([name, request, body]) => ({ name, model: second, request, body })),
]

describe("bodies of edits", () => {
  test.each(everyEdit)("$name, $model", async ({ model, request, body }) => {
    expect(await bodyOf({ model, ...request })).toEqual(body)
    expect(checkBody(model, body)).toEqual([])
  })

  test.each(everyEdit)(
    "are the same from the model's own words: $name, $model",
    async ({ model, body, request }) => {
      expect(
        await bodyOf({
          model,
          seed: request["task"] === "remove-background" ? undefined : 7,
          options: body,
        }),
      ).toEqual(body)
    },
  )

  test("report an inverted mask and a padded image", async () => {
    const changesOf = async (request: JsonObject) =>
      (await planOf(request)).changes.map(({ field, action }) => `${field} ${action}`)
    expect(await changesOf({ task: "erase", image, mask: smallMask })).toEqual([
      "mask snapped",
      "mask mapped",
    ])
    expect(await changesOf({ task: "outpaint", image, margins: { up: 8 }, prompt: "tea" })).toEqual(
      ["margins mapped"],
    )
    expect(await changesOf({ task: "outpaint", image, mask, prompt: "tea" })).toEqual([])
  })

  test("cost what their size costs", async () => {
    const priceOf = async (request: JsonObject) => (await planOf(request)).estimate.microUsd
    const edit = { image, maskPrompt: "the disc", prompt: "tea" }
    expect(await priceOf({ task: "inpaint", ...edit })).toBe(8_000)
    expect(await priceOf({ task: "replace", ...edit, quality: "premium", n: 2 })).toBe(20_000)
    expect(await priceOf({ task: "image-to-image", image, size: "1024x1024" })).toBe(10_000)
    expect(await priceOf({ task: "remove-background", image, n: 3, seed: undefined })).toBe(24_000)
  })
})

describe("refused is", () => {
  test.each<readonly [JsonObject, readonly string[]]>([
    [{ task: "inpaint", image }, ["invalid_request mask"]],
    [{ task: "inpaint", image, mask, maskPrompt: "the disc" }, ["invalid_request maskPrompt"]],
    [{ task: "inpaint", image, mask, keepPrompt: "the disc" }, ["unsupported keepPrompt"]],
    [{ task: "erase", image, mask, prompt: "tea", policy: "strict" }, ["unsupported prompt"]],
    [{ task: "replace", image, mask }, ["invalid_request prompt"]],
    [{ task: "replace", image, mask, prompt: "" }, ["invalid_request prompt"]],
    [{ task: "outpaint", image, mask }, ["invalid_request prompt"]],
    [
      { task: "outpaint", image, maskPrompt: "the disc", prompt: "tea" },
      ["unsupported maskPrompt", "invalid_request mask"],
    ],
    [
      { task: "image-to-image", images: Array.from({ length: 6 }, () => image) },
      ["invalid_request images"],
    ],
    [{ task: "color-guided", prompt: "tea" }, ["invalid_request colors"]],
    [
      { task: "color-guided", prompt: "tea", colors: Array.from({ length: 11 }, () => "#000000") },
      ["invalid_request colors"],
    ],
    [{ task: "control", image, prompt: "tea", control: "sketch" }, ["unsupported control"]],
    [{ task: "control", prompt: "tea", control: "canny" }, ["invalid_request image"]],
    [
      {
        task: "control",
        image,
        control: "canny",
        prompt: "tea",
        options: { textToImageParams: { controlMode: "SEGMENTATION" } },
      },
      ["invalid_request options.textToImageParams.controlMode"],
    ],
    [
      { task: "inpaint", image, options: { inPaintingParams: { maskImage: smallMask } } },
      ["invalid_request mask"],
    ],
    [
      {
        task: "remove-background",
        image,
        options: { imageGenerationConfig: { numberOfImages: 1 } },
      },
      ["unsupported options.imageGenerationConfig.numberOfImages"],
    ],
    [{ task: "recolor", image, maskPrompt: "the disc", prompt: "tea" }, ["unsupported task"]],
  ])("case %#", async (request, issues) => {
    expect(await refusalOf(request)).toEqual(issues)
  })

  test.each(["color-guided", "control", "remove-background"])("%s on v1", async (task) => {
    expect(
      await refusalOf({
        model: first,
        task,
        image,
        colors: ["#000000"],
        control: "canny",
        prompt: "tea",
      }),
    ).toEqual(["unsupported task"])
  })

  test("inverting a mask without anything that can", async () => {
    expect(await refusalOf({ task: "inpaint", image, mask }, plain)).toEqual(["unsupported mask"])
  })

  test("the wrong key of inpainting, by name", async () => {
    const options = { taskType: "INPAINTING", inpaintingParams: { image, maskPrompt: "the disc" } }
    expect((await refusalOf({ options }))[0]).toBe("invalid_request options.inpaintingParams")
  })
})

describe.each([first, second])("prices of %s", (model) => {
  test.each([
    { size: "512x512", quality: "standard", microUsd: 8_000 },
    { size: "768x768", quality: "premium", microUsd: 10_000 },
    { size: "768x1152", quality: "standard", microUsd: 10_000 },
    { size: "1408x640", quality: "premium", microUsd: 12_000 },
    { size: "900x900", quality: "standard", microUsd: 10_000 },
    { size: "800x800", quality: "standard", microUsd: 8_000 },
  ])("$microUsd micro-USD at $size $quality", async ({ size, quality, microUsd }) => {
    expect((await planOf({ model, prompt: "tea", size, quality })).estimate.microUsd).toBe(microUsd)
  })
})
