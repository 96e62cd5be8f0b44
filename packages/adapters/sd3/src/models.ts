import { deriveCard, type ModelCard } from "@pictor/core/adapter"

const words = { kind: "text", max: 10_000, source: "request" } as const

/** What every task takes. */
const common = {
  prompt: { ...words, path: "prompt", min: 1, required: true },
  negativePrompt: { ...words, path: "negative_prompt" },
  seed: {
    kind: "seed",
    path: "seed",
    min: 0,
    max: 4_294_967_294,
    zero: "random",
    source: "request",
  },
} as const

const aspectRatio = {
  kind: "ratios",
  path: "aspect_ratio",
  values: ["1:1", "16:9", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"],
  pixels: 1_048_576,
  default: "1:1",
  source: "request",
} as const

// No page of AWS has it. Stability's sample notebook does.
const options = {
  style_preset: {
    kind: "enum",
    source: "samples",
    unsure: true,
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
} as const

/**
 * The page of SD3.5 lists webp, Stability's samples do not: accepted in `options`, never planned.
 */
const largeFormat = {
  kind: "enum",
  path: "output_format",
  values: ["png", "jpeg"],
  tolerated: ["webp"],
  default: "png",
  source: "request",
} as const

/** The page gives the shortest side only. */
const inputLimits = {
  types: ["image/png", "image/jpeg", "image/webp"],
  side: [64, 16_384],
} as const

/**
 * AWS's example of image-to-image has no `mode`, but its table of fields requires it: `mode` is
 * always sent.
 */
const largeTasks = {
  "text-to-image": {
    constants: { mode: "text-to-image" },
    fields: { ...common, aspectRatio, outputFormat: largeFormat },
    options,
  },
  "image-to-image": {
    constants: { mode: "image-to-image" },
    fields: {
      ...common,
      image: {
        kind: "image",
        path: "image",
        required: true,
        limits: inputLimits,
        source: "request",
      },
      // The model requires a strength and has no documented default.
      strength: {
        kind: "range",
        path: "strength",
        min: 0,
        max: 1,
        default: 0.7,
        source: "request",
        unsure: true,
      },
      outputFormat: largeFormat,
    },
    options,
  },
} as const

/** Core and Ultra take text only, without `mode`. */
const imageTasks = {
  "text-to-image": {
    fields: {
      ...common,
      aspectRatio,
      outputFormat: {
        kind: "enum",
        path: "output_format",
        values: ["png", "jpeg", "webp"],
        default: "png",
        source: "request",
      },
    },
    options,
  },
} as const

const regions = ["us-west-2"] as const

const sources = {
  request: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-stability-diffusion.html",
    seen: "2026-11-20",
  },
  samples: {
    url: "https://github.com/aws-samples/stabilityai-sample-notebooks",
    seen: "2026-11-20",
  },
  lifecycle: {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html",
    seen: "2026-10-31",
  },
  "ultra-request": {
    url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-stable-ultra-text-image-request-response.html",
    seen: "2026-11-20",
  },
  "ultra-error": { url: "https://github.com/BerriAI/litellm/issues/6826", seen: "2026-11-20" },
  retirement: {
    url: "https://github.com/epam/ai-dial-adapter-bedrock/issues/322",
    seen: "2025-10-21",
  },
  prices: { url: "https://aws.amazon.com/bedrock/pricing/", seen: "2026-08-31" },
} as const

const flat = <const MicroUsd extends number>(microUsd: MicroUsd) =>
  [{ microUsd, source: "prices" }] as const

const active = { status: "active", source: "lifecycle" } as const

const retired = <const Successor extends string>(successor: Successor) =>
  ({ status: "retired", successor, source: "retirement" }) as const

const sd3Large = {
  id: "stability.sd3-large-v1:0",
  // LiteLLM's page of Bedrock images prints the id in this form.
  aliases: [
    {
      id: "stability.stability.sd3-large-v1:0",
      warning:
        "stability.stability.sd3-large-v1:0 doubles its prefix; stability.sd3-large-v1:0 is called.",
    },
  ],
  regions,
  lifecycle: retired("stability.sd3-5-large-v1:0"),
  tasks: largeTasks,
  prices: flat(80_000),
  sources,
} as const

const core = {
  id: "stability.stable-image-core-v1:0",
  regions,
  lifecycle: retired("stability.stable-image-core-v1:1"),
  tasks: imageTasks,
  prices: flat(40_000),
  sources,
} as const

/** An error of Ultra v1:0 lists `image`, `strength` and `mode`. AWS's page of Ultra lists none. */
const ultra = {
  id: "stability.stable-image-ultra-v1:0",
  regions,
  lifecycle: retired("stability.stable-image-ultra-v1:1"),
  tasks: imageTasks,
  unsure: { "image-to-image": ["ultra-request", "ultra-error"] },
  prices: flat(140_000),
  sources,
} as const

/**
 * Stable Diffusion 3 and 3.5 Large, Stable Image Core and Ultra: one image of about one megapixel
 * per call, by aspect ratio.
 */
export const models = [
  sd3Large,
  deriveCard(sd3Large, { id: "stability.sd3-5-large-v1:0", lifecycle: active }),
  core,
  deriveCard(core, { id: "stability.stable-image-core-v1:1", lifecycle: active }),
  ultra,
  deriveCard(ultra, { id: "stability.stable-image-ultra-v1:1", lifecycle: active }),
] as const satisfies readonly ModelCard[]
