import type { Format, Size } from "@pictor/emulator-kit"
import type { EndpointName } from "./schemas.ts"

/** How the size of a result is chosen. */
type SizeRule =
  /** `width` and `height`, else the size of the first input picture, else the fallback. */
  | { readonly kind: "sides"; readonly fallback: Size; readonly multiple: number }
  /** `aspect_ratio` at this many pixels, else the first picture's ratio, else the fallback. */
  | { readonly kind: "ratio"; readonly pixels: number; readonly fallback: number }
  /** `aspect_ratio` and `resolution`. */
  | { readonly kind: "tier" }
  /** The size of the first input picture. */
  | { readonly kind: "input" }
  /** The input picture and its margins. */
  | { readonly kind: "margins" }

/** The input pictures that an endpoint accepts. */
export type PictureLimits = {
  readonly minSide?: number
  readonly maxPixels: number
  readonly maxBase64?: number
}

export type Endpoint = {
  /** The model's name as pictures show it. */
  readonly label: string
  readonly task: "compose" | "fill" | "erase" | "expand" | "outpaint" | "dress" | "deblur"
  readonly size: SizeRule
  /** The fields with pictures; the first one is edited. */
  readonly pictures: readonly string[]
  readonly limits: PictureLimits
  readonly maxPixels?: number
  /** The format without `output_format`. */
  readonly format: Format
  readonly seeded: boolean
  /** False where a running job is `Pending` until it ends. */
  readonly stages: boolean
  readonly activeTasks: number
  /** How long a result can be downloaded. */
  readonly sampleMs: number
}

const fourMegapixels = 4_194_304
const minute = 60_000

/** The limit of `limits.maxPixels` is the emulator's own where no page names one. */
const common = {
  limits: { maxPixels: 25_000_000 },
  format: "jpeg",
  seeded: true,
  stages: true,
  // docs.apiyi.com, seen 2026-11-30.
  activeTasks: 24,
  // https://docs.laozhang.ai, 2026-09-24.
  sampleMs: 10 * minute,
} as const

const square: Size = { width: 1024, height: 1024 }

const inputs = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    index === 0 ? "input_image" : `input_image_${index + 1}`,
  )

const flux2 = (label: string, pictures = 8): Endpoint => ({
  ...common,
  label,
  task: "compose",
  size: { kind: "sides", fallback: square, multiple: 16 },
  pictures: inputs(pictures),
  maxPixels: fourMegapixels,
})

/** @ai-sdk/black-forest-labs 2.0.41, a client of these models, knows no status between. */
const older = { stages: false } as const

const flux1 = (label: string): Endpoint => ({
  ...common,
  ...older,
  label,
  task: "compose",
  size: { kind: "sides", fallback: { width: 1024, height: 768 }, multiple: 32 },
  pictures: ["image_prompt"],
})

const kontext = (label: string): Endpoint => ({
  ...common,
  ...older,
  label,
  task: "compose",
  size: { kind: "ratio", pixels: 1_048_576, fallback: 1 },
  pictures: inputs(4),
  format: "png",
})

const edit = (label: string, task: Endpoint["task"], pictures: readonly string[]): Endpoint => ({
  ...common,
  label,
  task,
  size: { kind: "input" },
  pictures,
})

/** A published client reads the default formats from the API's OpenAPI document (2026-09-20). */
export const endpoints: { readonly [name in EndpointName]: Endpoint } = {
  "flux-2-pro": flux2("FLUX.2 pro"),
  "flux-2-pro-preview": flux2("FLUX.2 pro preview"),
  "flux-2-max": flux2("FLUX.2 max"),
  "flux-2-flex": flux2("FLUX.2 flex"),
  "flux-2-klein-4b": flux2("FLUX.2 klein 4B", 4),
  "flux-2-klein-9b": flux2("FLUX.2 klein 9B", 4),
  "flux-2-klein-9b-preview": flux2("FLUX.2 klein 9B preview", 4),
  "flux-3-image": {
    ...common,
    label: "FLUX 3 Image",
    task: "compose",
    size: { kind: "tier" },
    pictures: ["images"],
    limits: { minSide: 256, maxPixels: 16_777_216, maxBase64: 20_971_520 },
    seeded: false,
    // Clients report about an hour, seen 2026-11-30.
    sampleMs: 60 * minute,
  },
  "flux-kontext-pro": kontext("Kontext pro"),
  "flux-kontext-max": { ...kontext("Kontext max"), activeTasks: 6 },
  "flux-pro-1.1": flux1("FLUX1.1 pro"),
  "flux-dev": flux1("FLUX.1 dev"),
  "flux-pro-1.1-ultra": {
    ...flux1("FLUX1.1 pro ultra"),
    size: { kind: "ratio", pixels: fourMegapixels, fallback: 16 / 9 },
  },
  "flux-pro-1.0-fill": { ...edit("FLUX.1 Fill", "fill", ["image", "mask"]), ...older },
  "flux-pro-1.0-expand": {
    ...edit("FLUX.1 Expand", "expand", ["image"]),
    ...older,
    size: { kind: "margins" },
    // The emulator's own.
    maxPixels: 25_000_000,
  },
  "flux-tools/outpainting-v1": {
    ...edit("FLUX Outpainting", "outpaint", ["input_image"]),
    size: { kind: "sides", fallback: square, multiple: 1 },
    maxPixels: fourMegapixels,
    format: "png",
    seeded: false,
  },
  "flux-tools/erase-v1": { ...edit("FLUX Erase", "erase", ["image", "mask"]), format: "png" },
  "flux-tools/vto-v1": edit("FLUX VTO v1", "dress", ["person", "garment"]),
  "flux-tools/vto-v2": {
    ...edit("FLUX VTO v2", "dress", ["person", "garment"]),
    limits: { maxPixels: fourMegapixels },
  },
  "flux-tools/deblur-v1": { ...edit("FLUX Deblur", "deblur", ["image"]), format: "png" },
}
