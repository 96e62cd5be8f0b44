import { describe, expect, test } from "vitest"
import { edit } from "../__fixtures__/edit.ts"
import { blackMask, image, style, whiteMask } from "../__fixtures__/house.ts"
import { encoded, rawOf } from "../__fixtures__/images.ts"
import { models } from "../models.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan1 = "amazon.titan-image-generator-v1"
const titan2 = "amazon.titan-image-generator-v2:0"
const sdxl = "stability.stable-diffusion-xl-v1"
const sd35 = "stability.sd3-5-large-v1:0"
const service = (name: string): string => `us.stability.stable-${name}-v1:0`

const imageGenerationConfig = { numberOfImages: 1, quality: "standard", cfgScale: 8.0, seed: 0 }
const sized = { ...imageGenerationConfig, height: 512, width: 512 }
const inPaintingParams = { image, text: "a wooden door", negativeText: "bad quality, low res" }
const outPaintingParams = {
  image,
  text: "a garden",
  negativeText: "bad quality, low res",
  outPaintingMode: "DEFAULT",
}
const large = await encoded(rawOf(1024, 1024, ({ x, y }) => [x >> 2, y >> 2, 90]))

type Documented = readonly [page: string, modelId: string, task: string, body: object]

const titanPage =
  "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html"
const novaPage =
  "https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html"
const servicesPage =
  "https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html"
const sd35Page =
  "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-3-5-large.html"
const sdxlPage =
  "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-image-image.html"
const maskPage =
  "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-image-image-mask.html"

/** The pages' request bodies with every field they list, seen 2026-11-20. */
const documented: readonly Documented[] = [
  [
    titanPage,
    titan1,
    "INPAINTING",
    {
      inPaintingParams: { ...inPaintingParams, maskPrompt: "door", returnMask: false },
      imageGenerationConfig: sized,
    },
  ],
  [
    titanPage,
    titan1,
    "OUTPAINTING",
    {
      outPaintingParams: { ...outPaintingParams, maskImage: whiteMask, returnMask: false },
      imageGenerationConfig: sized,
    },
  ],
  [
    titanPage,
    titan1,
    "IMAGE_VARIATION",
    {
      imageVariationParams: {
        text: "a house",
        negativeText: "fog",
        images: [image],
        similarityStrength: 0.7,
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    titanPage,
    titan2,
    "TEXT_IMAGE",
    {
      textToImageParams: {
        text: "a house",
        negativeText: "fog",
        conditionImage: image,
        controlMode: "CANNY_EDGE",
        controlStrength: 0.7,
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    titanPage,
    titan2,
    "INPAINTING",
    {
      inPaintingParams: { ...inPaintingParams, maskImage: blackMask, returnMask: true },
      imageGenerationConfig: sized,
    },
  ],
  [
    titanPage,
    titan2,
    "COLOR_GUIDED_GENERATION",
    {
      colorGuidedGenerationParams: {
        text: "a house",
        negativeText: "fog",
        referenceImage: image,
        colors: ["#ff8080", "#ffb280", "#ffe680", "#e5ff80"],
      },
      imageGenerationConfig: sized,
    },
  ],
  [titanPage, titan2, "BACKGROUND_REMOVAL", { backgroundRemovalParams: { image } }],
  [
    novaPage,
    nova,
    "TEXT_IMAGE",
    {
      textToImageParams: {
        conditionImage: image,
        controlMode: "SEGMENTATION",
        controlStrength: 0.3,
        text: "a house",
        negativeText: "fog",
        style: "PHOTOREALISM",
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    novaPage,
    nova,
    "COLOR_GUIDED_GENERATION",
    {
      colorGuidedGenerationParams: {
        colors: ["#2f6b3a"],
        referenceImage: image,
        text: "a house",
        negativeText: "fog",
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    novaPage,
    nova,
    "IMAGE_VARIATION",
    {
      imageVariationParams: {
        images: [image, style],
        similarityStrength: 0.2,
        text: "a house",
        negativeText: "fog",
      },
      imageGenerationConfig: sized,
    },
  ],
  [
    novaPage,
    nova,
    "INPAINTING",
    { inPaintingParams: { ...inPaintingParams, maskPrompt: "door" }, imageGenerationConfig },
  ],
  [
    novaPage,
    nova,
    "OUTPAINTING",
    { outPaintingParams: { ...outPaintingParams, maskImage: whiteMask }, imageGenerationConfig },
  ],
  [novaPage, nova, "BACKGROUND_REMOVAL", { backgroundRemovalParams: { image } }],
  [
    novaPage,
    nova,
    "VIRTUAL_TRY_ON",
    {
      virtualTryOnParams: {
        sourceImage: image,
        referenceImage: style,
        maskType: "GARMENT",
        garmentBasedMask: {
          maskShape: "CONTOUR",
          garmentClass: "UPPER_BODY",
          garmentStyling: {
            longSleeveStyle: "SLEEVE_DOWN",
            tuckingStyle: "UNTUCKED",
            outerLayerStyle: "OPEN",
          },
        },
        maskExclusions: { preserveBodyPose: "ON", preserveHands: "OFF", preserveFace: "DEFAULT" },
        mergeStyle: "BALANCED",
        returnMask: true,
      },
      imageGenerationConfig,
    },
  ],
  [
    sdxlPage,
    sdxl,
    "image-to-image",
    {
      text_prompts: [{ text: "a boat", weight: 0.5 }],
      init_image: large,
      init_image_mode: "IMAGE_STRENGTH",
      image_strength: 0.35,
      cfg_scale: 10,
      clip_guidance_preset: "NONE",
      sampler: "K_DPM_2",
      samples: 1,
      seed: 0,
      steps: 20,
      style_preset: "anime",
      extras: {},
    },
  ],
  [
    maskPage,
    sdxl,
    "masking",
    {
      text_prompts: [{ text: "a boat", weight: 0.5 }],
      init_image: large,
      mask_source: "MASK_IMAGE_BLACK",
      mask_image: large,
      cfg_scale: 10,
      clip_guidance_preset: "NONE",
      sampler: "K_DPM_2",
      samples: 1,
      seed: 0,
      steps: 20,
      style_preset: "anime",
      extras: {},
    },
  ],
  [sd35Page, sd35, "image-to-image", { prompt: "a boat", image, strength: 0.7 }],
  [
    sd35Page,
    sd35,
    "image-to-image",
    {
      prompt: "a boat",
      mode: "image-to-image",
      image,
      strength: 0.7,
      seed: 0,
      output_format: "jpeg",
      negative_prompt: "fog",
    },
  ],
  [
    servicesPage,
    service("creative-upscale"),
    "",
    { image, prompt: "a house", creativity: 0.3, output_format: "jpeg" },
  ],
  [
    servicesPage,
    service("conservative-upscale"),
    "",
    { image, prompt: "a house", creativity: 0.35, output_format: "jpeg" },
  ],
  [servicesPage, service("fast-upscale"), "", { image }],
  [
    servicesPage,
    service("image-inpaint"),
    "",
    { image, mask: whiteMask, prompt: "a garden", style_preset: "photographic" },
  ],
  [
    servicesPage,
    service("outpaint"),
    "",
    { image, left: 512, right: 512, up: 200, down: 100, creativity: 0.5 },
  ],
  [
    servicesPage,
    service("image-search-recolor"),
    "",
    { image, prompt: "pink jacket", select_prompt: "jacket" },
  ],
  [
    servicesPage,
    service("image-search-replace"),
    "",
    { image, prompt: "jacket", search_prompt: "sweater" },
  ],
  [servicesPage, service("image-erase-object"), "", { image, mask: whiteMask }],
  [servicesPage, service("image-remove-background"), "", { image }],
  [
    servicesPage,
    service("image-control-sketch"),
    "",
    { image, prompt: "a house", control_strength: 0.7 },
  ],
  [
    servicesPage,
    service("image-control-structure"),
    "",
    { image, prompt: "a house", control_strength: 0.7 },
  ],
  [
    servicesPage,
    service("image-style-guide"),
    "",
    { image, prompt: "a house", aspect_ratio: "16:9", fidelity: 0.5 },
  ],
  [servicesPage, service("style-transfer"), "", { init_image: image, style_image: style }],
]

describe("the documented body", () => {
  test.each(documented)("of %s is accepted by %s: %s", async (_, modelId, task, body) => {
    const { status, images, message } = await edit(
      modelId,
      /^[A-Z]/.test(task) ? { taskType: task, ...body } : body,
    )
    expect([status, message, images.length]).toEqual([200, undefined, 1])
  })

  test("exists for every edit of every family", () => {
    const covered = new Set(
      documented.map(([, modelId, task]) => `${modelId.replace("us.", "")} ${task}`),
    )
    const services = models
      .filter(({ onDemand, converse }) => !onDemand && !converse)
      .map(({ ids }) => `${ids[0]} `)
    expect(services.filter((id) => !covered.has(id))).toEqual([])
    const families = models.filter(({ ids }) => [nova, titan2, sdxl, sd35].includes(ids[0]))
    const edits = families.flatMap(({ ids, schemas, family }) =>
      Object.keys(family.edits).flatMap((task) => (task in schemas ? [`${ids[0]} ${task}`] : [])),
    )
    const elsewhere = [`${titan2} OUTPAINTING`, `${titan2} IMAGE_VARIATION`]
    expect(edits.filter((name) => !covered.has(name) && !elsewhere.includes(name))).toEqual([])
  })
})
