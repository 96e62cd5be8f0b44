import type { ImageLimits, ModelCard } from "@pictor/core/adapter"

const words = { kind: "text", max: 10_000, source: "services" } as const

const prompt = { ...words, path: "prompt", min: 1, required: true } as const
const optionalPrompt = { ...words, path: "prompt" } as const
const negativePrompt = { ...words, path: "negative_prompt" } as const
const seed = {
  kind: "seed",
  path: "seed",
  min: 0,
  max: 4_294_967_294,
  zero: "random",
  source: "services",
} as const
const outputFormat = {
  kind: "enum",
  path: "output_format",
  values: ["png", "jpeg", "webp"],
  default: "png",
  source: "services",
} as const
const style = {
  kind: "enum",
  path: "style_preset",
  source: "services",
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
} as const

/** Fields of the services that take words. */
const drawn = { prompt, negativePrompt, style, seed, outputFormat } as const

const types = ["image/png", "image/jpeg", "image/webp"] as const

/**
 * 4857 is the longest side that the pixels and the ratio of 2.5 to 1 allow; 16384 is the longest
 * side of 1,048,576 pixels with a short side of 64.
 */
const usualLimits = {
  types,
  side: [64, 4_857],
  pixels: [4_096, 9_437_184],
  ratio: 2.5,
} as const satisfies ImageLimits
const creativeLimits = {
  types,
  side: [64, 16_384],
  pixels: [4_096, 1_048_576],
} as const satisfies ImageLimits
const fastLimits = {
  types,
  side: [32, 1_536],
  pixels: [1_024, 1_048_576],
} as const satisfies ImageLimits

const picture = <const Path extends string, const Limits extends ImageLimits>(
  path: Path,
  limits: Limits,
) => ({ kind: "image", path, required: true, limits, source: "services" }) as const

const image = picture("image", usualLimits)

/**
 * White is replaced in full, black is kept. The service scales the mask to the image's size.
 * Without a mask it uses the image's transparency.
 */
const mask = {
  kind: "mask",
  path: "mask",
  change: "white",
  limits: { types },
  source: "services",
} as const

// Stability's sample notebook allows 100, AWS's page 20.
const growMask = {
  grow_mask: { kind: "range", min: 0, max: 20, integer: true, source: "services" },
} as const

const found = <const Path extends string>(path: Path) =>
  ({ ...words, path, min: 1, required: true }) as const

const creativity = (min: number, max: number) =>
  ({ creativity: { kind: "range", min, max, source: "services" } }) as const

const ratio = {
  kind: "ratios",
  path: "aspect_ratio",
  values: ["1:1", "16:9", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"],
  pixels: 1_048_576,
  default: "1:1",
  source: "services",
} as const

const share = <const Path extends string>(path: Path, standard: number) =>
  ({ kind: "range", path, min: 0, max: 1, default: standard, source: "services" }) as const

const margin = <const Path extends string>(path: Path) =>
  ({ kind: "range", path, integer: true, min: 0, max: 2_000, source: "services" }) as const

const margins = {
  kind: "object",
  required: true,
  fields: { left: margin("left"), right: margin("right"), up: margin("up"), down: margin("down") },
  source: "services",
} as const

/** A request field that names the service, and is not sent. */
const only = <const Value extends string>(value: Value) =>
  ({ kind: "enum", values: [value], default: value, source: "services" }) as const

const controlled = <const Control extends string>(control: Control) =>
  ({
    control: {
      output: "input",
      fields: {
        ...drawn,
        image,
        control: only(control),
        controlStrength: share("control_strength", 0.7),
      },
    },
  }) as const

const sources = {
  services: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html",
    seen: "2026-11-20",
  },
  lifecycle: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html",
    seen: "2026-10-31",
  },
  prices: {
    url: "https://aws.amazon.com/bedrock/pricing/",
    seen: "2026-11-30",
  },
} as const

/**
 * A service is called through its inference profile only: Bedrock rejects the bare id in every
 * region.
 */
const service = <const Name extends string, const Tasks extends ModelCard["tasks"]>(
  name: Name,
  microUsd: number,
  tasks: Tasks,
) =>
  ({
    id: `stability.${name}-v1:0`,
    callableIds: [`us.stability.${name}-v1:0`],
    regions: ["us-east-1", "us-east-2", "us-west-2"],
    lifecycle: { status: "active", source: "lifecycle" },
    tasks,
    prices: [{ microUsd, source: "prices" }],
    sources,
  }) as const

/** Stability AI's thirteen image services: one image per call, at one price each. */
export const models = [
  service("stable-image-inpaint", 70_000, {
    inpaint: { output: "input", fields: { ...drawn, image, mask }, options: growMask },
  }),
  service("stable-image-erase-object", 70_000, {
    erase: { output: "input", fields: { image, mask, seed, outputFormat }, options: growMask },
  }),
  service("stable-image-search-replace", 70_000, {
    replace: {
      output: "input",
      fields: { ...drawn, image, maskPrompt: found("search_prompt") },
      options: growMask,
    },
  }),
  service("stable-image-search-recolor", 70_000, {
    recolor: {
      output: "input",
      fields: { ...drawn, image, maskPrompt: found("select_prompt") },
      options: growMask,
    },
  }),
  service("stable-image-remove-background", 70_000, {
    "remove-background": { output: "input", fields: { image, outputFormat } },
  }),
  service("stable-image-control-sketch", 70_000, controlled("sketch")),
  service("stable-image-control-structure", 70_000, controlled("structure")),
  service("stable-image-style-guide", 70_000, {
    "style-guide": {
      fields: { ...drawn, styleImage: image, aspectRatio: ratio, strength: share("fidelity", 0.5) },
    },
  }),
  service("stable-style-transfer", 80_000, {
    "style-transfer": {
      output: "input",
      fields: {
        prompt: optionalPrompt,
        negativePrompt,
        image: picture("init_image", usualLimits),
        styleImage: picture("style_image", usualLimits),
        strength: share("style_strength", 1),
        seed,
        outputFormat,
      },
      options: {
        composition_fidelity: { kind: "range", min: 0, max: 1, source: "services" },
        change_strength: { kind: "range", min: 0.1, max: 1, source: "services" },
      },
    },
  }),
  service("stable-outpaint", 60_000, {
    outpaint: {
      fields: { prompt: optionalPrompt, style, image, margins, seed, outputFormat },
      options: creativity(0.1, 1),
    },
  }),
  service("stable-fast-upscale", 30_000, {
    // The page calls the format required, and its example has none: it is always sent.
    upscale: {
      fields: { image: picture("image", fastLimits), upscale: only("fast"), outputFormat },
    },
  }),
  service("stable-conservative-upscale", 400_000, {
    upscale: {
      fields: { prompt, negativePrompt, image, upscale: only("conservative"), seed, outputFormat },
      options: creativity(0.1, 0.5),
    },
  }),
  service("stable-creative-upscale", 600_000, {
    upscale: {
      fields: { ...drawn, image: picture("image", creativeLimits), upscale: only("creative") },
      options: creativity(0.1, 0.5),
    },
  }),
] as const satisfies readonly ModelCard[]
