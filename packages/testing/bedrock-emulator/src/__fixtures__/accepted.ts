import { pngOf } from "./images.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan1 = "amazon.titan-image-generator-v1"
const titan2 = "amazon.titan-image-generator-v2:0"
const sdxl0 = "stability.stable-diffusion-xl-v0"
const sdxl1 = "stability.stable-diffusion-xl-v1"
const sd3 = "stability.sd3-large-v1:0"
const sd35 = "stability.sd3-5-large-v1:0"
const core = "stability.stable-image-core-v1:1"
const ultra = "stability.stable-image-ultra-v1:0"

const text = "Sri lanka tea plantation."
const image = pngOf(512, 512)
const words = { textToImageParams: { text } }
const textPrompts = {
  text_prompts: [
    { text, weight: 1 },
    { text: "people", weight: -1 },
  ],
}

const textImage = (imageGenerationConfig: object): object => ({
  taskType: "TEXT_IMAGE",
  ...words,
  imageGenerationConfig,
})

/**
 * Bodies that some reading of the documentation accepts, by model. From the examples of the
 * parameter pages.
 */
export const accepted: readonly (readonly [what: string, modelId: string, body: object])[] = [
  ["no configuration", nova, { taskType: "TEXT_IMAGE", ...words }],
  [
    "the documented example",
    nova,
    textImage({
      width: 1024,
      height: 1024,
      quality: "standard",
      cfgScale: 6.5,
      seed: 12,
      numberOfImages: 3,
    }),
  ],
  ["2048x2048, exactly the bound", nova, textImage({ width: 2048, height: 2048 })],
  ["the narrowest size", nova, textImage({ width: 1024, height: 4096 })],
  ["the greatest seed", nova, textImage({ seed: 2_147_483_646 })],
  ["the least guidance", nova, textImage({ cfgScale: 1.1 })],
  [
    "1024 characters beyond the basic plane",
    nova,
    {
      taskType: "TEXT_IMAGE",
      textToImageParams: { text: "🍃".repeat(1024), negativeText: "x".repeat(1024) },
    },
  ],
  [
    "a style",
    nova,
    { taskType: "TEXT_IMAGE", textToImageParams: { text, style: "DESIGN_SKETCH" } },
  ],
  [
    "a condition image",
    nova,
    {
      taskType: "TEXT_IMAGE",
      textToImageParams: {
        text,
        conditionImage: image,
        controlMode: "SEGMENTATION",
        controlStrength: 0.3,
      },
    },
  ],
  [
    "colours",
    nova,
    {
      taskType: "COLOR_GUIDED_GENERATION",
      colorGuidedGenerationParams: { text, colors: ["#ff8080", "#FFFFFF"] },
    },
  ],
  [
    "a variation without words",
    nova,
    {
      taskType: "IMAGE_VARIATION",
      imageVariationParams: { images: [image], similarityStrength: 0.2 },
    },
  ],
  [
    "inpainting with a prompted mask",
    nova,
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, maskPrompt: "the roof" },
      imageGenerationConfig: { seed: 1 },
    },
  ],
  [
    "outpainting with a mask",
    nova,
    {
      taskType: "OUTPAINTING",
      outPaintingParams: { image, text, maskImage: image, outPaintingMode: "PRECISE" },
    },
  ],
  [
    "background removal",
    nova,
    { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image } },
  ],
  [
    "try-on",
    nova,
    {
      taskType: "VIRTUAL_TRY_ON",
      virtualTryOnParams: {
        sourceImage: image,
        referenceImage: image,
        maskType: "GARMENT",
        garmentBasedMask: { garmentClass: "BOOTS", garmentStyling: { tuckingStyle: "TUCKED" } },
        maskExclusions: { preserveFace: "ON" },
        mergeStyle: "SEAMLESS",
        returnMask: true,
      },
    },
  ],
  ["an empty text", titan1, { taskType: "TEXT_IMAGE", textToImageParams: { text: "" } }],
  [
    "the documented example",
    titan2,
    textImage({
      numberOfImages: 5,
      quality: "premium",
      cfgScale: 8,
      width: 1173,
      height: 640,
      seed: 2_147_483_646,
    }),
  ],
  [
    "512 characters",
    titan2,
    { taskType: "TEXT_IMAGE", textToImageParams: { text: "x".repeat(512) } },
  ],
  [
    "a returned mask",
    titan1,
    { taskType: "INPAINTING", inPaintingParams: { image, maskImage: image, returnMask: true } },
  ],
  [
    "inpainting with a size",
    titan2,
    {
      taskType: "INPAINTING",
      inPaintingParams: { image, text, maskPrompt: "the roof" },
      imageGenerationConfig: { width: 512, height: 512, seed: 1 },
    },
  ],
  [
    "background removal",
    titan2,
    { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image } },
  ],
  [
    "the documented example",
    sdxl1,
    {
      ...textPrompts,
      cfg_scale: 10,
      clip_guidance_preset: "SLOW",
      height: 896,
      width: 1152,
      sampler: "K_DPMPP_2M",
      samples: 1,
      seed: 4_294_967_295,
      steps: 50,
      style_preset: "tile-texture",
      extras: {},
    },
  ],
  ["150 steps", sdxl1, { ...textPrompts, steps: 150, cfg_scale: 35 }],
  [
    "an initial image",
    sdxl1,
    {
      ...textPrompts,
      init_image: image,
      init_image_mode: "STEP_SCHEDULE",
      step_schedule_start: 0.2,
    },
  ],
  [
    "a mask",
    sdxl1,
    {
      ...textPrompts,
      init_image: image,
      mask_source: "MASK_IMAGE_WHITE",
      mask_image: image,
      image_strength: 0,
    },
  ],
  ["an alpha mask", sdxl1, { ...textPrompts, init_image: image, mask_source: "INIT_IMAGE_ALPHA" }],
  ["a small size", sdxl0, { ...textPrompts, width: 128, height: 448, cfg_scale: 30 }],
  ["a large size", sdxl0, { ...textPrompts, width: 1536, height: 640 }],
  [
    "the documented example",
    sd35,
    {
      prompt: text,
      mode: "text-to-image",
      aspect_ratio: "21:9",
      negative_prompt: "people",
      seed: 4_294_967_294,
      output_format: "jpeg",
    },
  ],
  [
    "webp, a style and a strength",
    sd35,
    { prompt: text, output_format: "webp", style_preset: "anime", strength: 0.5 },
  ],
  ["10,000 characters", sd3, { prompt: "x".repeat(10_000) }],
  ["an image without a mode", sd3, { prompt: text, image, strength: 0.7 }],
  [
    "an image with its mode",
    sd35,
    { prompt: text, mode: "image-to-image", image, strength: 0, seed: 0 },
  ],
  [
    "the documented example",
    core,
    { prompt: text, aspect_ratio: "9:21", output_format: "webp", seed: 0 },
  ],
  ["a mode it does not list", ultra, { prompt: text, mode: "text-to-image" }],
]
