import type { ModelCard } from "@pictor/core/adapter"

const words = { kind: "text", min: 1, max: 1024, source: "request" } as const

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
    default: 6.5,
    source: "request",
  },
  // Older pages end at 858993459. Drawn seeds stay within it.
  seed: {
    kind: "seed",
    path: "imageGenerationConfig.seed",
    min: 0,
    max: 2_147_483_646,
    narrowMax: 858_993_459,
    zero: "literal",
    source: "request",
  },
  outputFormat: { kind: "enum", values: ["png"], default: "png", source: "request" },
} as const

// The page's rule says fewer than 4,194,304 pixels, and its list of sizes has 2048x2048, which is
// exactly that.
const mostPixels = 4_194_304

const sized = {
  ...envelope,
  size: {
    kind: "grid",
    path: ["imageGenerationConfig.width", "imageGenerationConfig.height"],
    side: [320, 4096],
    multiple: 16,
    pixels: mostPixels,
    ratio: 4,
    default: "1024x1024",
    source: "sizes",
  },
} as const

const style = {
  kind: "enum",
  path: "textToImageParams.style",
  source: "request",
  values: [
    "3D_ANIMATED_FAMILY_FILM",
    "DESIGN_SKETCH",
    "FLAT_VECTOR_ILLUSTRATION",
    "GRAPHIC_NOVEL_ILLUSTRATION",
    "MAXIMALISM",
    "MIDCENTURY_RETRO",
    "PHOTOREALISM",
    "SOFT_DIGITAL_PAINTING",
  ],
} as const

const textsIn = <const Key extends string>(key: Key) =>
  ({
    prompt: { ...words, path: `${key}.text`, required: true },
    negativePrompt: { ...words, path: `${key}.negativeText` },
  }) as const

const limits = {
  types: ["image/png", "image/jpeg"],
  side: [320, 4096],
  pixels: [102_400, mostPixels],
  ratio: 4,
  opaque: true,
} as const

const picture = { kind: "image", limits, source: "sizes" } as const

const mask = { kind: "mask", binary: true, sameSize: true, limits, source: "request" } as const

const margin = { kind: "range", min: 0, max: 4096, integer: true } as const

// No page limits a mask prompt: these are the limits of a prompt.
const maskWords = { ...words, unsure: true } as const

const inPainting = {
  ...envelope,
  image: { ...picture, path: "inPaintingParams.image", required: true },
  mask: { ...mask, path: "inPaintingParams.maskImage", change: "black" },
  maskPrompt: { ...maskWords, path: "inPaintingParams.maskPrompt" },
} as const

/**
 * Three tasks in one. The page calls the text required, and also says that a request without it
 * removes the object in the area.
 */
const inPaintingTask = {
  constants: { taskType: "INPAINTING" },
  imagesPerCall: 5,
  output: "input",
  oneOf: [["mask", "maskPrompt"]],
} as const

const inPaintingTexts = textsIn("inPaintingParams")

/** The inputs of a try-on decide which of its three mask types is used. */
const maskType = "virtualTryOnParams.maskType"

const byGarment = "virtualTryOnParams.garmentBasedMask"

const kept = { kind: "enum", values: ["ON", "OFF", "DEFAULT"] } as const

const garment = {
  kind: "object",
  source: "request",
  fields: {
    class: {
      kind: "enum",
      path: `${byGarment}.garmentClass`,
      implies: { [maskType]: "GARMENT" },
      values: [
        "UPPER_BODY",
        "LOWER_BODY",
        "FULL_BODY",
        "FOOTWEAR",
        "LONG_SLEEVE_SHIRT",
        "SHORT_SLEEVE_SHIRT",
        "NO_SLEEVE_SHIRT",
        "OTHER_UPPER_BODY",
        "LONG_PANTS",
        "SHORT_PANTS",
        "OTHER_LOWER_BODY",
        "LONG_DRESS",
        "SHORT_DRESS",
        "FULL_BODY_OUTFIT",
        "OTHER_FULL_BODY",
        "SHOES",
        "BOOTS",
        "OTHER_FOOTWEAR",
      ],
    },
    shape: {
      kind: "enum",
      pathBeside: {
        "garment.class": `${byGarment}.maskShape`,
        maskPrompt: "virtualTryOnParams.promptBasedMask.maskShape",
      },
      values: ["CONTOUR", "BOUNDING_BOX", "DEFAULT"],
    },
    longSleeve: {
      kind: "enum",
      pathBeside: { "garment.class": `${byGarment}.garmentStyling.longSleeveStyle` },
      values: ["SLEEVE_DOWN", "SLEEVE_UP"],
    },
    tucking: {
      kind: "enum",
      pathBeside: { "garment.class": `${byGarment}.garmentStyling.tuckingStyle` },
      values: ["UNTUCKED", "TUCKED"],
    },
    outerLayer: {
      kind: "enum",
      pathBeside: { "garment.class": `${byGarment}.garmentStyling.outerLayerStyle` },
      values: ["CLOSED", "OPEN"],
    },
    "preserve.pose": { ...kept, path: "virtualTryOnParams.maskExclusions.preserveBodyPose" },
    "preserve.hands": { ...kept, path: "virtualTryOnParams.maskExclusions.preserveHands" },
    "preserve.face": { ...kept, path: "virtualTryOnParams.maskExclusions.preserveFace" },
    merge: {
      kind: "enum",
      path: "virtualTryOnParams.mergeStyle",
      values: ["BALANCED", "SEAMLESS", "DETAILED"],
    },
  },
} as const

const tasks = {
  "text-to-image": {
    constants: { taskType: "TEXT_IMAGE" },
    imagesPerCall: 5,
    fields: { ...textsIn("textToImageParams"), style, ...sized },
  },
  "image-to-image": {
    constants: { taskType: "IMAGE_VARIATION" },
    imagesPerCall: 5,
    fields: {
      ...textsIn("imageVariationParams"),
      // One page calls the text required, another calls it optional: `encode` sends a blank one.
      prompt: { ...words, path: "imageVariationParams.text" },
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
  inpaint: {
    ...inPaintingTask,
    fields: {
      ...inPaintingTexts,
      prompt: { ...words, path: "inPaintingParams.text" },
      ...inPainting,
    },
  },
  erase: { ...inPaintingTask, fields: inPainting },
  replace: { ...inPaintingTask, fields: { ...inPaintingTexts, ...inPainting } },
  outpaint: {
    constants: { taskType: "OUTPAINTING" },
    imagesPerCall: 5,
    output: "input",
    oneOf: [["mask", "keepPrompt", "margins"]],
    fields: {
      ...textsIn("outPaintingParams"),
      image: { ...picture, path: "outPaintingParams.image", required: true },
      // The guide to masks says that white changes here. The field's own description repeats
      // in-painting's.
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
    },
  },
  "color-guided": {
    constants: { taskType: "COLOR_GUIDED_GENERATION" },
    imagesPerCall: 5,
    fields: {
      ...textsIn("colorGuidedGenerationParams"),
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
      ...textsIn("textToImageParams"),
      style,
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
  "virtual-try-on": {
    constants: { taskType: "VIRTUAL_TRY_ON" },
    imagesPerCall: 5,
    output: "input",
    oneOf: [["mask", "maskPrompt", "garment.class"]],
    fields: {
      image: { ...picture, path: "virtualTryOnParams.sourceImage", required: true },
      referenceImage: { ...picture, path: "virtualTryOnParams.referenceImage", required: true },
      mask: {
        ...mask,
        path: "virtualTryOnParams.imageBasedMask.maskImage",
        change: "black",
        implies: { [maskType]: "IMAGE" },
      },
      maskPrompt: {
        ...maskWords,
        path: "virtualTryOnParams.promptBasedMask.maskPrompt",
        implies: { [maskType]: "PROMPT" },
      },
      garment,
      ...envelope,
    },
    options: { "virtualTryOnParams.returnMask": { kind: "flag", source: "request" } },
  },
} as const satisfies ModelCard["tasks"]

/** Pixels of the price list's smaller size, 1024x1024. */
const maxPixels = 1_048_576

const listed = { source: "price-list" } as const
const inferred = { source: "prices", inferred: true } as const

/**
 * The price list has the sizes 1024 and 2048: that pixels decide between them is our reading. It
 * prices text to image, and image to image at two of four places. The prices of the other edits are
 * our reading too.
 */
const prices = [
  { task: "remove-background", maxPixels, microUsd: 40_000, ...inferred },
  { task: "remove-background", microUsd: 60_000, ...inferred },
  { task: "text-to-image", quality: "standard", maxPixels, microUsd: 40_000, ...listed },
  { task: "text-to-image", quality: "premium", maxPixels, microUsd: 60_000, ...listed },
  { task: "text-to-image", quality: "standard", microUsd: 60_000, ...listed },
  { task: "text-to-image", quality: "premium", microUsd: 80_000, ...listed },
  { task: "image-to-image", quality: "standard", maxPixels, microUsd: 40_000, ...listed },
  { quality: "standard", maxPixels, microUsd: 40_000, ...inferred },
  { quality: "premium", maxPixels, microUsd: 60_000, ...inferred },
  { task: "image-to-image", quality: "premium", microUsd: 80_000, ...listed },
  { quality: "standard", microUsd: 60_000, ...inferred },
  { quality: "premium", microUsd: 80_000, ...inferred },
] as const

/** If pages disagree, planned values are those that all pages accept. */
const novaCanvas = {
  id: "amazon.nova-canvas-v1:0",
  regions: ["us-east-1", "eu-west-1", "ap-northeast-1"],
  lifecycle: {
    status: "retired",
    legacyFrom: "2026-03-30",
    retiredFrom: "2026-09-30",
    successor: "stability.stable-image-core-v1:1",
    source: "lifecycle",
  },
  tasks,
  prices,
  sources: {
    request: {
      url: "https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html",
      seen: "2026-11-20",
    },
    sizes: {
      url: "https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html",
      seen: "2026-11-20",
    },
    lifecycle: {
      url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html",
      seen: "2026-10-31",
    },
    prices: { url: "https://aws.amazon.com/bedrock/pricing/", seen: "2026-07-09" },
    "price-list": {
      url: "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonBedrock/current/us-east-1/index.json",
      seen: "2026-09-01",
    },
  },
} as const satisfies ModelCard

/** Nova Canvas. */
export const models = [novaCanvas] as const satisfies readonly ModelCard[]
