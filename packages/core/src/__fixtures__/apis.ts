import { defineAdapter } from "../adapter.ts"
import { decodeImageList } from "../bytes/decode-reply.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { ImageLimits, ModelCard } from "../contract/card.ts"
import type { PictorOptions } from "../contract/client.ts"
import type { JsonObject } from "../contract/request.ts"
import { images, scripted, stillRuntime } from "./client.ts"

const common = {
  regions: [],
  sources: { page: { url: "https://example.com/models", seen: "2026-11-30" } },
  lifecycle: { status: "active" },
} as const

const limits: ImageLimits = { types: ["image/png", "image/jpeg"], side: [16, 4096] }
const text = { kind: "text", min: 1, max: 100 } as const
const prompt = { ...text, path: "prompt", required: true } as const

const formSettings = {
  prompt,
  n: { kind: "count", path: "n", max: 4 },
  size: {
    kind: "grid",
    path: "size",
    side: [16, 3840],
    multiple: 16,
    minPixels: 655_360,
    pixels: 8_294_400,
    ratio: 3,
    default: "1024x1024",
  },
  quality: {
    kind: "enum",
    path: "quality",
    values: ["low", "medium", "high", "auto"],
    default: "medium",
  },
  outputFormat: {
    kind: "enum",
    path: "output_format",
    values: ["png", "jpeg", "webp"],
    default: "png",
  },
  background: {
    kind: "enum",
    path: "background",
    values: ["transparent", "opaque", "auto"],
    valuesAllowedWith: { transparent: { outputFormat: ["png", "webp"] } },
  },
  compression: {
    kind: "range",
    path: "output_compression",
    min: 0,
    max: 100,
    integer: true,
    allowedWith: { outputFormat: ["jpeg", "webp"] },
  },
  moderation: { kind: "enum", path: "moderation", values: ["auto", "low"] },
  partialImages: {
    kind: "range",
    path: "partial_images",
    min: 0,
    max: 3,
    integer: true,
    implies: { stream: true },
  },
} as const

/** Sizes as one text; edits as a form with a list of pictures and a transparent mask; no seed. */
export const formCard = {
  ...common,
  id: "acme.form-v1",
  tasks: {
    "text-to-image": {
      endpoint: "/images/generations",
      imagesPerCall: 4,
      constants: { stored: false },
      fields: formSettings,
      options: {
        frames: {
          kind: "range",
          min: 2,
          max: 16,
          integer: true,
          allowedWith: { outputFormat: ["webp"], n: [1] },
        },
      },
    },
    inpaint: {
      endpoint: "/images/edits",
      encoding: "form",
      imagesPerCall: 4,
      oneOf: [["mask"]],
      fields: {
        ...formSettings,
        images: { kind: "images", path: "image[]", max: 3, required: true, limits },
        mask: {
          kind: "mask",
          path: "mask",
          change: "transparent",
          sameSize: true,
          limits: { types: ["image/png"] },
        },
      },
    },
  },
  prices: [
    { quality: "low", microUsd: 10_000, source: "page" },
    { quality: "medium", microUsd: 20_000, source: "page" },
    { quality: "high", microUsd: 40_000, source: "page" },
  ],
} as const satisfies ModelCard

const tiered = {
  size: {
    kind: "tiers",
    path: "generationConfig.imageSize",
    values: { "512": 262_144, "1K": 1_048_576, "2K": 4_194_304 },
    default: "1K",
  },
  aspectRatio: {
    kind: "ratios",
    path: "generationConfig.aspectRatio",
    values: ["auto", "1:1", "16:9", "3:2"],
    pixels: 1_048_576,
    default: "auto",
  },
  prompt: { ...prompt, path: "contents.0.parts.0.text" },
} as const

/** Ordered parts in lists, tiers beside ratios, prices by the pixels of the tier. */
export const partsCard = {
  ...common,
  id: "acme.parts-v1",
  tasks: {
    "text-to-image": {
      constants: { "contents.0.role": "user" },
      fields: {
        ...tiered,
        seed: { kind: "seed", path: "seed", min: 0, max: 999, zero: "literal" },
      },
      options: { "safety.0.level": { kind: "enum", values: ["off", "on"] } },
    },
    "image-to-image": {
      constants: { "contents.0.role": "user" },
      fields: {
        ...tiered,
        images: {
          kind: "images",
          max: 3,
          required: true,
          limits,
          places: ["contents.0.parts.1.data", "contents.0.parts.2.data", "contents.0.parts.3.data"],
        },
      },
    },
  },
  prices: [
    { maxPixels: 1_048_576, microUsd: 30_000, source: "page" },
    { microUsd: 60_000, source: "page" },
  ],
} as const satisfies ModelCard

/** Pictures at places of their own as data URLs; words for a try-on, with a default. */
export const placesCard = {
  ...common,
  id: "acme.places-v1",
  tasks: {
    "image-to-image": {
      fields: {
        prompt,
        image: { kind: "image", path: "input_image", limits, as: "data-url" },
        images: {
          kind: "images",
          max: 2,
          limits,
          as: "data-url",
          places: ["input_image_2", "input_image_3"],
        },
        styleImage: { kind: "image", path: "style_image", limits },
      },
    },
    "virtual-try-on": {
      endpoint: "/v1/{model}/try-on",
      fields: {
        prompt: { ...prompt, default: "Put the garment on the person." },
        image: { kind: "image", path: "person", required: true, limits },
        referenceImage: { kind: "image", path: "garment", required: true, limits },
      },
    },
  },
  prices: [],
} as const satisfies ModelCard

export const apis = defineAdapter({
  name: "apis",
  models: [formCard, partsCard, placesCard],
  decode: decodeImageList,
})

/** A client of the three over a scripted transport. */
export const apiClient = (options: Partial<PictorOptions<readonly ImageAdapter[]>> = {}) => {
  const { transport, calls } = scripted(({ body }) => images((body["n"] as number) ?? 1))
  const pictor = createPictor<readonly ImageAdapter[]>({
    adapters: [apis(transport)],
    runtime: stillRuntime(),
    ...options,
  })
  const planOf = (model: "form" | "parts" | "places", request: JsonObject) =>
    pictor.plan({ prompt: "a lamp", ...request, model: `acme.${model}-v1` })
  return { pictor, calls, planOf }
}
