import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor, type ImageError, type JsonObject } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { imageOps } from "./__fixtures__/image-ops.ts"
import { garment, greyMask, image, inverse, mask, smallMask } from "./__fixtures__/images.ts"
import { novaCanvas } from "./index.ts"

const model = "amazon.nova-canvas-v1:0"
const adapter = novaCanvas({ name: "none", invoke: () => Promise.reject(new Error("no network")) })
const pictor = createPictor({ adapters: [adapter], imageOps: imageOps })

const planOf = (request: JsonObject) => pictor.plan({ model, seed: 7, ...request })
const bodyOf = async (request: JsonObject): Promise<unknown> =>
  (await planOf(request)).calls[0]?.body
const refusalOf = (request: JsonObject): Promise<readonly string[]> =>
  planOf(request).then(
    () => [],
    (error: unknown) =>
      (error as ImageError).issues?.map(({ code, path }) => `${code} ${path}`) ?? [],
  )

const config = { numberOfImages: 1, quality: "standard", cfgScale: 6.5, seed: 7 }
const sized = { ...config, width: 1024, height: 1024 }

test("a taskType that is none is refused with each that there is, once", async () => {
  const error = await planOf({ prompt: "tea", options: { taskType: "TEXT" } }).catch(
    (thrown: unknown) => thrown as ImageError,
  )
  const words = "issues" in error ? (error.issues?.[0]?.allowed ?? "").split(", ") : []
  expect(words).toContain("INPAINTING")
  expect(words).toEqual([...new Set(words)])
})

describe("a variation without a prompt", () => {
  test.each([
    { task: "image-to-image", image },
    { options: { taskType: "IMAGE_VARIATION" }, image },
  ])("has a blank text, which the emulator accepts: %#", async (request) => {
    const body = await bodyOf(request)
    expect(body).toMatchObject({ imageVariationParams: { text: " " } })
    expect(checkBody(model, body as JsonObject)).toEqual([])
  })
})

describe("text-to-image bodies", () => {
  test("say every value that is used, size and seed always", async () => {
    expect(await bodyOf({ prompt: "tea" })).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea" },
      imageGenerationConfig: sized,
    })
  })

  test("carry every neutral field in its place", async () => {
    const fields = {
      negativePrompt: "fog",
      n: 3,
      size: "1280x720",
      quality: "hd",
      guidance: 4,
      seed: 0,
      style: "soft digital painting",
    }
    expect(await bodyOf({ prompt: "tea", ...fields })).toEqual({
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "tea", negativeText: "fog", style: "SOFT_DIGITAL_PAINTING" },
      imageGenerationConfig: {
        numberOfImages: 3,
        quality: "premium",
        cfgScale: 4,
        width: 1280,
        height: 720,
        seed: 0,
      },
    })
  })

  test("take 2048x2048, whose pixels are one more than the rule's wording allows", async () => {
    const body = await bodyOf({ prompt: "tea", size: "2048x2048", policy: "strict" })
    expect(body).toMatchObject({ imageGenerationConfig: { width: 2048, height: 2048 } })
    expect(checkBody(model, body)).toEqual([])
  })
})

const tryOn = (virtualTryOnParams: JsonObject): JsonObject => ({
  taskType: "VIRTUAL_TRY_ON",
  virtualTryOnParams: { sourceImage: image, referenceImage: garment, ...virtualTryOnParams },
  imageGenerationConfig: config,
})

const dressed = { task: "virtual-try-on", image, referenceImage: garment } as const

/**
 * The body of each task for a neutral request; without width and height if the output has the size
 * of the input.
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
    "an inpainting: black is what changes, and the P is a capital one",
    { task: "inpaint", image, mask, prompt: "tea" },
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskImage: inverse, text: "tea" },
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
    { task: "replace", image, maskPrompt: "the disc", prompt: "tea", negativePrompt: "fog" },
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskPrompt: "the disc", text: "tea", negativeText: "fog" },
      imageGenerationConfig: config,
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
    "a picture along an image's edges, at the usual strength, in a style",
    { task: "control", control: "canny", image, prompt: "tea", style: "photorealism" },
    {
      taskType: "TEXT_IMAGE",
      textToImageParams: {
        text: "tea",
        style: "PHOTOREALISM",
        conditionImage: image,
        controlMode: "CANNY_EDGE",
        controlStrength: 0.7,
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    "a removed background, which has no imageGenerationConfig",
    { task: "remove-background", image, seed: undefined },
    { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image } },
  ],
  [
    "a try-on by mask: black is what changes",
    { ...dressed, mask, options: { virtualTryOnParams: { returnMask: true } } },
    tryOn({ maskType: "IMAGE", imageBasedMask: { maskImage: inverse }, returnMask: true }),
  ],
  [
    "a try-on by words, with their own shape",
    {
      ...dressed,
      maskPrompt: "the shirt",
      garment: { shape: "bounding-box", preserve: { hands: "off" } },
    },
    tryOn({
      maskType: "PROMPT",
      promptBasedMask: { maskPrompt: "the shirt", maskShape: "BOUNDING_BOX" },
      maskExclusions: { preserveHands: "OFF" },
    }),
  ],
  [
    "a try-on by garment, with everything that can be said of one",
    {
      ...dressed,
      garment: {
        class: "long-sleeve-shirt",
        shape: "contour",
        longSleeve: "sleeve-up",
        tucking: "untucked",
        outerLayer: "open",
        preserve: { pose: "on", hands: "off", face: "default" },
        merge: "seamless",
      },
    },
    tryOn({
      maskType: "GARMENT",
      garmentBasedMask: {
        garmentClass: "LONG_SLEEVE_SHIRT",
        maskShape: "CONTOUR",
        garmentStyling: {
          longSleeveStyle: "SLEEVE_UP",
          tuckingStyle: "UNTUCKED",
          outerLayerStyle: "OPEN",
        },
      },
      maskExclusions: { preserveBodyPose: "ON", preserveHands: "OFF", preserveFace: "DEFAULT" },
      mergeStyle: "SEAMLESS",
    }),
  ],
]

const everyEdit = edits.map(([name, request, body]) => ({ name, request, body }))

describe("bodies of edits", () => {
  test.each(everyEdit)("$name", async ({ request, body }) => {
    expect(await bodyOf(request)).toEqual(body)
    expect(checkBody(model, body)).toEqual([])
  })

  test.each(everyEdit)(
    "are the same from the model's own words: $name",
    async ({ request, body }) => {
      expect(await bodyOf({ seed: request["seed"], options: body })).toEqual(body)
    },
  )
})

const transparent = btoa(atob(image).replace(/^(.{25})./s, "$1\u0006"))

describe("refused is", () => {
  test.each<readonly [JsonObject, readonly string[]]>([
    [{ task: "inpaint", image }, ["invalid_request mask"]],
    [{ task: "inpaint", image, mask, maskPrompt: "the disc" }, ["invalid_request maskPrompt"]],
    [
      {
        task: "inpaint",
        image,
        maskPrompt: "the disc",
        options: { inPaintingParams: { returnMask: true } },
      },
      ["invalid_request options.inPaintingParams.returnMask"],
    ],
    [{ task: "inpaint", image: transparent, maskPrompt: "the disc" }, ["invalid_request image"]],
    [
      { task: "erase", image: smallMask, maskPrompt: "the disc", policy: "strict" },
      ["invalid_request image", "invalid_request image"],
    ],
    [{ task: "erase", image, mask, prompt: "tea", policy: "strict" }, ["unsupported prompt"]],
    [{ task: "replace", image, mask }, ["invalid_request prompt"]],
    [{ task: "outpaint", image, mask }, ["invalid_request prompt"]],
    [{ task: "color-guided", prompt: "tea" }, ["invalid_request colors"]],
    [{ task: "control", image, prompt: "tea", control: "structure" }, ["unsupported control"]],
    [{ task: "recolor", image, maskPrompt: "the disc", prompt: "tea" }, ["unsupported task"]],
    [
      {
        options: {
          taskType: "INPAINTING",
          inPaintingParams: { image, maskPrompt: "the disc" },
          imageGenerationConfig: { width: 320, height: 320 },
        },
      },
      [
        "unsupported options.imageGenerationConfig.width",
        "unsupported options.imageGenerationConfig.height",
      ],
    ],
  ])("case %#", async (request, issues) => {
    expect(await refusalOf(request)).toEqual(issues)
  })

  test("the wrong key of inpainting, by name", async () => {
    const options = { taskType: "INPAINTING", inpaintingParams: { image, maskPrompt: "the disc" } }
    expect((await refusalOf({ options }))[0]).toBe("invalid_request options.inpaintingParams")
  })

  test.each<readonly [name: string, request: JsonObject, issues: readonly string[]]>([
    ["without anything that says where", {}, ["invalid_request mask"]],
    [
      "without a garment",
      { referenceImage: undefined, maskPrompt: "the shirt" },
      ["invalid_request referenceImage"],
    ],
    [
      "that says where twice",
      { mask, garment: { class: "boots" } },
      ["invalid_request garment.class"],
    ],
    [
      "by a class that there is not",
      { garment: { class: "hat" } },
      ["invalid_request garment.class"],
    ],
    [
      "by mask in a shape",
      { mask, garment: { shape: "contour" } },
      ["invalid_request garment.shape"],
    ],
    [
      "by words with a styling",
      { maskPrompt: "the shirt", garment: { tucking: "tucked" } },
      ["invalid_request garment.tucking"],
    ],
    [
      "with a text",
      { maskPrompt: "the shirt", prompt: "tea", policy: "strict" },
      ["unsupported prompt"],
    ],
    [
      "whose maskType says otherwise",
      { maskPrompt: "the shirt", options: { virtualTryOnParams: { maskType: "GARMENT" } } },
      ["invalid_request options.virtualTryOnParams.maskType"],
    ],
    [
      "whose class is given twice",
      {
        garment: { class: "boots" },
        options: { virtualTryOnParams: { garmentBasedMask: { garmentClass: "SHOES" } } },
      },
      ["invalid_request options.virtualTryOnParams.garmentBasedMask.garmentClass"],
    ],
  ])("a try-on %s", async (_name, request, issues) => {
    expect(await refusalOf({ ...dressed, ...request })).toEqual(issues)
  })
})
