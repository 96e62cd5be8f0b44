import type { ImageLimits } from "@pictor/core/adapter"

/** The pixels of a billed megapixel. */
export const megapixel = 1_048_576

const text = { kind: "text", path: "prompt", max: 32_768 } as const
// Pages state a limit in tokens, and only for FLUX.2.
export const prompt = { ...text, min: 1, required: true, unsure: true } as const
export const optionalPrompt = { ...text, unsure: true } as const

// Pages call it an integer, without limits.
export const seed = {
  kind: "seed",
  path: "seed",
  min: 0,
  max: 4_294_967_295,
  narrowMax: 2_147_483_647,
  zero: "literal",
  source: "api",
  unsure: true,
} as const

const jpeg = {
  kind: "enum",
  path: "output_format",
  values: ["jpeg", "png", "webp"],
  default: "jpeg",
  source: "api",
} as const
export const png = { ...jpeg, default: "png" } as const

export const flag = { kind: "flag", source: "api" } as const
export const tolerance = <const Max extends number>(max: Max) =>
  ({ kind: "range", integer: true, min: 0, max, source: "api" }) as const

/** Options of FLUX.2 and of the tools. */
export const options = {
  safety_tolerance: tolerance(5),
  user: { kind: "text", min: 1, max: 256, source: "api", unsure: true },
} as const
/** Options of FLUX.1. */
export const firstOptions = {
  ...options,
  safety_tolerance: tolerance(6),
  prompt_upsampling: flag,
} as const

// Of FLUX.2 no page states the limits; these are Kontext's.
export const limits = {
  types: ["image/png", "image/jpeg", "image/webp"],
  side: [64, 20_000],
  pixels: [4_096, 20_000_000],
  bytes: 20_000_000,
} as const satisfies ImageLimits

export const picture = <const Path extends string>(path: Path) =>
  ({ kind: "image", path, required: true, limits, source: "api", unsure: true }) as const

/** White changes, black stays. */
export const mask = {
  kind: "mask",
  path: "mask",
  change: "white",
  sameSize: true,
  source: "api",
} as const

const places = [
  "input_image",
  "input_image_2",
  "input_image_3",
  "input_image_4",
  "input_image_5",
  "input_image_6",
  "input_image_7",
  "input_image_8",
] as const

export const images = {
  kind: "images",
  max: 8,
  required: true,
  limits,
  places,
  source: "api",
  unsure: true,
} as const

export const fourImages = {
  ...images,
  max: 4,
  places: ["input_image", "input_image_2", "input_image_3", "input_image_4"],
} as const

export const steps = <const Min extends number>(min: Min) =>
  ({ kind: "range", path: "steps", integer: true, min, max: 50, source: "api" }) as const
export const guidance = <const Max extends number>(max: Max) =>
  ({ kind: "range", path: "guidance", min: 1.5, max, source: "api" }) as const

export const endpoint = "{model}"

const bfl = (page: string, seen = "2026-11-30") => ({ url: `https://docs.bfl.ai/${page}`, seen })

export const sources = {
  api: bfl("api-reference"),
  prices: bfl("quick_start/pricing"),
  news: bfl("release-notes"),
  megapixels: { url: "https://skills.sh/black-forest-labs/skills/bfl-api", seen: "2026-11-30" },
  litellm: {
    url: "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json",
    seen: "2026-11-30",
  },
} as const

export const active = { status: "active", source: "api" } as const

export const drawn = { seed, outputFormat: jpeg } as const
export const secondOptions = { ...options, disable_pup: flag } as const

export const ratios = [
  "21:9",
  "2:1",
  "16:9",
  "3:2",
  "7:5",
  "4:3",
  "5:4",
  "1:1",
  "4:5",
  "3:4",
  "5:7",
  "2:3",
  "9:16",
  "1:2",
  "9:21",
] as const

export const margin = <const Path extends string>(path: Path) =>
  ({ kind: "range", path, integer: true, min: 0, max: 2_048, source: "api" }) as const
