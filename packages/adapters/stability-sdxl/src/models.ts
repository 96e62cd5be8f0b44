import type { ModelCard } from "@pictor/core/adapter"

const sizes = [
  "1024x1024",
  "1152x896",
  "896x1152",
  "1216x832",
  "832x1216",
  "1344x768",
  "768x1344",
  "1536x640",
  "640x1536",
] as const

const sides = [128, 192, 256, 320, 384, 448, 512] as const

/** SDXL 0.8 also draws small images, of 128 to 512 pixels a side in steps of 64. */
const smallSizes = sides.flatMap((width) => sides.map((height) => `${width}x${height}`))

const settings = {
  prompts: { kind: "prompts", path: "text_prompts", max: 2000, required: true, source: "request" },
  n: { kind: "count", path: "samples", max: 1, source: "request" },
  seed: {
    kind: "seed",
    path: "seed",
    min: 0,
    max: 4_294_967_295,
    narrowMax: 4_294_967_294,
    zero: "random",
    source: "request",
  },
  // The page of 0.8 allows 150, copies of the page of 1.0 allow 50; prices have a row above 50.
  steps: {
    kind: "range",
    path: "steps",
    min: 10,
    max: 150,
    integer: true,
    default: 30,
    source: "request",
    unsure: true,
  },
  style: {
    kind: "enum",
    path: "style_preset",
    source: "request",
    values: [
      "3d-model",
      "analog-film",
      "anime",
      "cinematic",
      "comic-book",
      "digital-art",
      "enhance",
      "fantasy-art",
      "isometric",
      "line-art",
      "low-poly",
      "modeling-compound",
      "neon-punk",
      "origami",
      "photographic",
      "pixel-art",
      "tile-texture",
    ],
  },
  outputFormat: { kind: "enum", values: ["png"], default: "png", source: "request" },
} as const

const options = {
  clip_guidance_preset: {
    kind: "enum",
    values: ["FAST_BLUE", "FAST_GREEN", "NONE", "SIMPLE", "SLOW", "SLOWER", "SLOWEST"],
    source: "request",
  },
  sampler: {
    kind: "enum",
    values: [
      "DDIM",
      "DDPM",
      "K_DPMPP_2M",
      "K_DPMPP_2S_ANCESTRAL",
      "K_DPM_2",
      "K_DPM_2_ANCESTRAL",
      "K_EULER",
      "K_EULER_ANCESTRAL",
      "K_HEUN",
      "K_LMS",
    ],
    source: "stability",
    unsure: true,
  },
  extras: { kind: "json", source: "request" },
} as const

const early = {
  kind: "range",
  path: "cfg_scale",
  min: 0,
  max: 30,
  default: 10,
  source: "early",
} as const
const late = {
  kind: "range",
  path: "cfg_scale",
  min: 0,
  max: 35,
  default: 7,
  source: "request",
} as const

// No page gives limits. The output has the input's size, so that the limit is the longest side of
// the model's sizes.
const inputLimits = { types: ["image/png", "image/jpeg"], side: [64, 1536] } as const

const image = {
  kind: "image",
  path: "init_image",
  required: true,
  limits: inputLimits,
  source: "variation",
  unsure: true,
} as const

/**
 * Sent without a step schedule. A value near 1 keeps the image, as a neutral strength near 0 does.
 * The default is that of Stability's own API.
 */
const strength = {
  kind: "range",
  path: "image_strength",
  min: 0,
  max: 1,
  default: 0.35,
  inverted: true,
  implies: { init_image_mode: "IMAGE_STRENGTH" },
  source: "stability",
  unsure: true,
} as const

const schedule = {
  kind: "range",
  min: 0,
  max: 1,
  implies: { init_image_mode: "STEP_SCHEDULE" },
  source: "variation",
} as const

/** Without a mask image, the image's transparency is the mask. Takes no strength and no size. */
const masked = {
  image: { ...image, implies: { mask_source: "INIT_IMAGE_ALPHA" } },
  mask: {
    kind: "mask",
    path: "mask_image",
    change: "white",
    sameSize: true,
    limits: inputLimits,
    implies: { mask_source: "MASK_IMAGE_WHITE" },
    impliesInverted: { mask_source: "MASK_IMAGE_BLACK" },
    source: "masking",
  },
} as const

const imageToImage = {
  output: "input",
  fields: { ...settings, image, strength },
  options: { ...options, step_schedule_start: schedule, step_schedule_end: schedule },
} as const

const inpaint = { output: "input", fields: { ...settings, ...masked }, options } as const

const first = {
  "text-to-image": {
    fields: {
      ...settings,
      guidance: early,
      size: {
        kind: "sizes",
        path: ["width", "height"],
        values: [...smallSizes, ...sizes],
        default: "512x512",
        source: "early",
        unsure: true,
      },
    },
    options,
  },
  "image-to-image": { ...imageToImage, fields: { ...imageToImage.fields, guidance: early } },
  inpaint: { ...inpaint, fields: { ...inpaint.fields, guidance: early } },
} as const satisfies ModelCard["tasks"]

const second = {
  "text-to-image": {
    fields: {
      ...settings,
      guidance: late,
      size: {
        kind: "sizes",
        path: ["width", "height"],
        values: sizes,
        default: "1024x1024",
        source: "request",
      },
    },
    options,
  },
  "image-to-image": { ...imageToImage, fields: { ...imageToImage.fields, guidance: late } },
  inpaint: { ...inpaint, fields: { ...inpaint.fields, guidance: late } },
} as const satisfies ModelCard["tasks"]

const firstPrices = [
  { maxPixels: 262_144, maxSteps: 50, microUsd: 18_000, source: "early-prices" },
  { maxPixels: 262_144, microUsd: 36_000, source: "early-prices" },
  { maxSteps: 50, microUsd: 36_000, source: "early-prices" },
  { microUsd: 72_000, source: "early-prices" },
] as const

const secondPrices = [
  { maxSteps: 50, microUsd: 40_000, source: "prices" },
  { microUsd: 80_000, source: "prices" },
] as const

const sources = {
  request: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-text-image.html",
    seen: "2026-11-20",
  },
  variation: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-image-image.html",
    seen: "2026-11-20",
  },
  masking: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-image-image-mask.html",
    seen: "2026-11-20",
  },
  early: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-0-8.html",
    seen: "2026-11-20",
  },
  stability: { url: "https://platform.stability.ai/docs/api-reference", seen: "2026-11-20" },
  prices: { url: "https://aws.amazon.com/bedrock/pricing/", seen: "2026-11-20" },
  "early-prices": {
    url: "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json",
    seen: "2026-11-20",
  },
  lifecycle: {
    url: "https://github.com/aws-samples/document-translation/issues/110",
    seen: "2026-11-20",
  },
} as const

const regions = ["us-east-1", "us-west-2"] as const
const successor = "stability.sd3-5-large-v1:0"

/** Stable Diffusion XL 0.8 and 1.0: weighted texts, one image per call, priced by steps. */
export const models = [
  {
    id: "stability.stable-diffusion-xl-v0",
    aliases: ["stability.stable-diffusion-xl-v0:0"],
    streaming: true,
    regions,
    // Retired between April and July 2024. No page gives the date.
    lifecycle: { status: "retired", successor, source: "lifecycle" },
    tasks: first,
    prices: firstPrices,
    sources,
  },
  {
    id: "stability.stable-diffusion-xl",
    streaming: true,
    regions,
    lifecycle: { status: "retired", successor, source: "lifecycle" },
    tasks: first,
    prices: firstPrices,
    sources,
  },
  {
    id: "stability.stable-diffusion-xl-v1",
    aliases: ["stability.stable-diffusion-xl-v1:0"],
    streaming: true,
    regions,
    lifecycle: { status: "retired", retiredFrom: "2025-05-20", successor, source: "lifecycle" },
    tasks: second,
    prices: secondPrices,
    sources,
  },
] as const satisfies readonly ModelCard[]
