import type { ModelCard } from "@pictor/core/adapter"

const words = { kind: "text", max: 512, source: "request" } as const

const sizes = [
  "1024x1024",
  "768x768",
  "512x512",
  "768x1152",
  "384x576",
  "1152x768",
  "576x384",
  "768x1280",
  "384x640",
  "1280x768",
  "640x384",
  "896x1152",
  "448x576",
  "1152x896",
  "576x448",
  "768x1408",
  "384x704",
  "1408x768",
  "704x384",
  "640x1408",
  "320x704",
  "1408x640",
  "704x320",
  "1152x640",
  "1173x640",
] as const

const envelope = {
  n: { kind: "count", path: "imageGenerationConfig.numberOfImages", max: 5, source: "request" },
  quality: {
    kind: "enum",
    path: "imageGenerationConfig.quality",
    values: ["standard", "premium"],
    default: "standard",
    source: "request",
  },
  guidance: {
    kind: "range",
    path: "imageGenerationConfig.cfgScale",
    min: 1.1,
    max: 10,
    default: 8,
    source: "request",
  },
  // An older page of v1 ends at 214783647. Drawn seeds stay within it.
  seed: {
    kind: "seed",
    path: "imageGenerationConfig.seed",
    min: 0,
    max: 2_147_483_646,
    narrowMax: 214_783_647,
    zero: "literal",
    source: "request",
  },
  outputFormat: { kind: "enum", values: ["png"], default: "png", source: "request" },
} as const

const sized = {
  ...envelope,
  // The page's default changed from 1024 to 1408: a size is always sent.
  size: {
    kind: "sizes",
    path: ["imageGenerationConfig.width", "imageGenerationConfig.height"],
    values: sizes,
    default: "1024x1024",
    source: "request",
  },
} as const

const textsIn = <const Key extends string>(key: Key) =>
  ({
    prompt: { ...words, path: `${key}.text` },
    negativePrompt: { ...words, path: `${key}.negativeText` },
  }) as const

const requiredTextsIn = <const Key extends string>(key: Key) =>
  ({
    prompt: { ...words, path: `${key}.text`, required: true },
    negativePrompt: { ...words, path: `${key}.negativeText` },
  }) as const

// The page says 5 MB; this is the larger reading.
const limits = {
  types: ["image/png", "image/jpeg"],
  side: [1, 1408],
  bytes: 5_242_880,
  rgb: true,
} as const

const picture = { kind: "image", limits, source: "request" } as const

const mask = { kind: "mask", binary: true, sameSize: true, limits, source: "request" } as const

const margin = { kind: "range", min: 0, max: 1408, integer: true } as const

// No page limits a mask prompt: these are the limits of a prompt.
const maskWords = { ...words, min: 1, unsure: true } as const

const inPainting = {
  ...envelope,
  image: { ...picture, path: "inPaintingParams.image", required: true },
  mask: { ...mask, path: "inPaintingParams.maskImage", change: "black" },
  maskPrompt: { ...maskWords, path: "inPaintingParams.maskPrompt" },
} as const

/** Three tasks in one: a request without words fills the area from its surroundings. */
const inPaintingTask = {
  constants: { taskType: "INPAINTING" },
  imagesPerCall: 5,
  output: "input",
  oneOf: [["mask", "maskPrompt"]],
  options: { "inPaintingParams.returnMask": { kind: "flag", source: "request" } },
} as const

const firstTasks = {
  "text-to-image": {
    constants: { taskType: "TEXT_IMAGE" },
    imagesPerCall: 5,
    fields: { ...requiredTextsIn("textToImageParams"), ...sized },
  },
  "image-to-image": {
    constants: { taskType: "IMAGE_VARIATION" },
    imagesPerCall: 5,
    fields: {
      ...textsIn("imageVariationParams"),
      images: {
        kind: "images",
        path: "imageVariationParams.images",
        max: 5,
        required: true,
        limits,
        source: "request",
      },
      strength: {
        kind: "range",
        path: "imageVariationParams.similarityStrength",
        min: 0.2,
        max: 1,
        default: 0.7,
        inverted: true,
        source: "request",
      },
      ...sized,
    },
  },
  inpaint: { ...inPaintingTask, fields: { ...textsIn("inPaintingParams"), ...inPainting } },
  erase: { ...inPaintingTask, fields: inPainting },
  replace: {
    ...inPaintingTask,
    fields: {
      ...requiredTextsIn("inPaintingParams"),
      // An empty text means erase.
      prompt: { ...words, path: "inPaintingParams.text", min: 1, required: true },
      ...inPainting,
    },
  },
  outpaint: {
    constants: { taskType: "OUTPAINTING" },
    imagesPerCall: 5,
    output: "input",
    oneOf: [["mask", "keepPrompt", "margins"]],
    fields: {
      ...requiredTextsIn("outPaintingParams"),
      image: { ...picture, path: "outPaintingParams.image", required: true },
      // White is the area to change here, black in in-painting.
      mask: { ...mask, path: "outPaintingParams.maskImage", change: "white" },
      keepPrompt: { ...maskWords, path: "outPaintingParams.maskPrompt" },
      margins: {
        kind: "object",
        fields: { left: margin, right: margin, up: margin, down: margin },
        source: "request",
      },
      ...envelope,
    },
    options: {
      "outPaintingParams.outPaintingMode": {
        kind: "enum",
        values: ["DEFAULT", "PRECISE"],
        source: "request",
      },
      "outPaintingParams.returnMask": { kind: "flag", source: "request" },
    },
  },
} as const satisfies ModelCard["tasks"]

const secondTasks = {
  ...firstTasks,
  "color-guided": {
    constants: { taskType: "COLOR_GUIDED_GENERATION" },
    imagesPerCall: 5,
    fields: {
      ...requiredTextsIn("colorGuidedGenerationParams"),
      colors: {
        kind: "colors",
        path: "colorGuidedGenerationParams.colors",
        max: 10,
        required: true,
        source: "request",
      },
      referenceImage: { ...picture, path: "colorGuidedGenerationParams.referenceImage" },
      ...sized,
    },
  },
  control: {
    constants: { taskType: "TEXT_IMAGE" },
    imagesPerCall: 5,
    fields: {
      ...requiredTextsIn("textToImageParams"),
      image: { ...picture, path: "textToImageParams.conditionImage", required: true },
      control: {
        kind: "enum",
        path: "textToImageParams.controlMode",
        values: ["CANNY_EDGE", "SEGMENTATION"],
        synonyms: { canny: "CANNY_EDGE" },
        default: "CANNY_EDGE",
        source: "request",
      },
      controlStrength: {
        kind: "range",
        path: "textToImageParams.controlStrength",
        min: 0,
        max: 1,
        default: 0.7,
        source: "request",
      },
      ...sized,
    },
  },
  // Takes no imageGenerationConfig, so that a call makes one image.
  "remove-background": {
    constants: { taskType: "BACKGROUND_REMOVAL" },
    output: "input",
    fields: {
      image: { ...picture, path: "backgroundRemovalParams.image", required: true },
      outputFormat: envelope.outputFormat,
    },
  },
} as const satisfies ModelCard["tasks"]

// 768x768 is the largest size of the 512 class in the page's table of price equivalents.
const prices = [
  { quality: "standard", maxPixels: 589_824, microUsd: 8_000, source: "prices" },
  { quality: "premium", maxPixels: 589_824, microUsd: 10_000, source: "prices" },
  { quality: "standard", microUsd: 10_000, source: "prices" },
  { quality: "premium", microUsd: 12_000, source: "prices" },
] as const

// No page prices the removal of a background, which has no quality: the price of a standard edit is
// our reading.
const secondPrices = [
  {
    task: "remove-background",
    maxPixels: 589_824,
    microUsd: 8_000,
    source: "prices",
    inferred: true,
  },
  { task: "remove-background", microUsd: 10_000, source: "prices", inferred: true },
  ...prices,
] as const

const sources = {
  request: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html",
    seen: "2026-11-20",
  },
  lifecycle: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html",
    seen: "2026-10-31",
  },
  prices: { url: "https://aws.amazon.com/bedrock/pricing/", seen: "2025-12-31" },
} as const

/** Titan Image Generator G1, v1 and v2. */
export const models = [
  {
    id: "amazon.titan-image-generator-v1",
    aliases: ["amazon.titan-image-generator-v1:0"],
    streaming: true,
    regions: ["us-east-1", "us-west-2", "ap-south-1", "eu-west-1", "eu-west-2"],
    // No page gives the date. v1 is missing from both tables of models of 2026.
    lifecycle: {
      status: "retired",
      successor: "stability.stable-image-core-v1:1",
      source: "lifecycle",
    },
    tasks: firstTasks,
    prices,
    sources,
  },
  {
    id: "amazon.titan-image-generator-v2:0",
    aliases: [
      {
        id: "amazon.titan-image-generator-v2",
        warning:
          "amazon.titan-image-generator-v2 lacks its version; amazon.titan-image-generator-v2:0 is called.",
      },
    ],
    streaming: true,
    regions: ["us-east-1", "us-west-2"],
    lifecycle: {
      status: "retired",
      legacyFrom: "2025-12-30",
      retiredFrom: "2026-06-30",
      successor: "stability.stable-image-core-v1:1",
      source: "lifecycle",
    },
    tasks: secondTasks,
    prices: secondPrices,
    sources,
  },
] as const satisfies readonly ModelCard[]
