import type { JsonObject, ModelCard } from "@pictor/core"
import { defineAdapter, type TransportCall, toBody } from "@pictor/core/adapter"
import type { AdapterContract } from "../contract.ts"
import { drawMask } from "../image-ops.ts"
import { drawPng } from "../png.ts"
import { contract, decode, draw } from "./mini.ts"

const source = "here"
const limits = { types: ["image/png", "image/jpeg"], side: [16, 256] } as const
const prompt = { kind: "text", path: "prompt", min: 1, max: 400, required: true, source } as const
const common = {
  sources: { here: { url: "https://example.com/apis", seen: "2026-11-30" } },
  regions: [],
  lifecycle: { status: "active", source },
} as const

const settings = {
  prompt,
  n: { kind: "count", path: "n", max: 4, source },
  size: {
    kind: "grid",
    path: "size",
    side: [16, 512],
    multiple: 16,
    minPixels: 4096,
    pixels: 65_536,
    ratio: 3,
    default: "64x64",
    source,
  },
  quality: {
    kind: "enum",
    path: "quality",
    values: ["low", "medium", "high"],
    tolerated: ["auto"],
    default: "medium",
    source,
  },
  outputFormat: {
    kind: "enum",
    path: "format",
    values: ["png", "jpeg", "webp"],
    default: "png",
    source,
  },
  background: {
    kind: "enum",
    path: "background",
    values: ["transparent", "opaque", "auto"],
    valuesAllowedWith: { transparent: { outputFormat: ["png", "webp"] } },
    source,
  },
  compression: {
    kind: "range",
    path: "compression",
    min: 0,
    max: 100,
    integer: true,
    allowedWith: { outputFormat: ["jpeg", "webp"] },
    source,
  },
  moderation: { kind: "enum", path: "moderation", values: ["auto", "low"], source },
  partialImages: {
    kind: "range",
    path: "partial",
    min: 0,
    max: 3,
    integer: true,
    implies: { stream: true },
    source,
  },
} as const

/** Sizes as one text, conditions, edits as a form with a transparent mask, no seed. */
const form = {
  ...common,
  id: "apis-form",
  prices: [
    { quality: "low", microUsd: 1000, source },
    { quality: "medium", microUsd: 2000, source },
    { quality: "high", microUsd: 3000, source },
  ],
  tasks: {
    "text-to-image": {
      endpoint: "/draw",
      imagesPerCall: 4,
      constants: { stored: false },
      fields: settings,
    },
    inpaint: {
      endpoint: "/edit",
      encoding: "form",
      imagesPerCall: 4,
      oneOf: [["mask"]],
      fields: {
        ...settings,
        images: { kind: "images", path: "image[]", max: 3, required: true, limits, source },
        mask: {
          kind: "mask",
          path: "mask",
          change: "transparent",
          sameSize: true,
          limits: { types: ["image/png"] },
          source,
        },
      },
    },
  },
} as const satisfies ModelCard

const seed = {
  kind: "seed",
  path: "config.seed",
  min: 0,
  max: 999,
  zero: "literal",
  source,
} as const

/** Tiers beside ratios, parts in lists, data URLs at places of their own. */
const parts = {
  ...common,
  id: "apis-parts",
  prices: [
    { maxPixels: 1_048_576, microUsd: 1000, source },
    { microUsd: 2000, source },
  ],
  tasks: {
    "text-to-image": {
      constants: { "contents.0.role": "user" },
      fields: {
        prompt: { ...prompt, path: "contents.0.parts.0.text" },
        size: {
          kind: "tiers",
          path: "config.size",
          values: { "512": 262_144, "1K": 1_048_576, "2K": 4_194_304 },
          default: "1K",
          source,
        },
        aspectRatio: {
          kind: "ratios",
          path: "config.ratio",
          values: ["1:1", "16:9", "2:3"],
          pixels: 1_048_576,
          default: "1:1",
          source,
        },
        seed,
      },
      options: { "safety.0.level": { kind: "enum", values: ["off", "on"], source } },
    },
    "image-to-image": {
      fields: {
        prompt: { ...prompt, path: "contents.0.parts.0.text" },
        images: {
          kind: "images",
          max: 2,
          required: true,
          limits,
          places: ["contents.0.parts.1.data", "contents.0.parts.2.data"],
          source,
        },
        seed,
      },
    },
    "virtual-try-on": {
      endpoint: "/{model}/try-on",
      fields: {
        prompt: { ...prompt, default: "Put it on." },
        image: { kind: "image", path: "person", required: true, as: "data-url", limits, source },
        referenceImage: {
          kind: "image",
          path: "garment",
          required: true,
          as: "data-url",
          limits,
          source,
        },
        images: {
          kind: "images",
          max: 2,
          as: "data-url",
          places: ["more_2", "more_3"],
          limits,
          source,
        },
        seed,
      },
    },
  },
} as const satisfies ModelCard

const provider = ({ body }: TransportCall): Uint8Array => {
  const { n = 1, size = "64x64", format } = body as { n?: number; size?: string; format?: string }
  const [width = 0, height = 0] = size.split("x").map(Number)
  const one = (index: number) =>
    // Bytes of an unknown format where a PNG was not ordered.
    (format ?? "png") === "png" ? draw(width, height, index, 100) : btoa(`${format} `.repeat(20))
  const pictures = Array.from({ length: n }, (_, index) => ({ data: one(index) }))
  return new TextEncoder().encode(JSON.stringify({ pictures }))
}

const house = drawPng({ width: 64, height: 64, name: "a house" })
const mill = drawPng({ width: 64, height: 64, name: "a mill", isWhite: (x, y) => x > y })

/** The adapter's factory, whose bodies are changed. */
export const apis =
  (change: (body: JsonObject) => JsonObject = (body) => body): AdapterContract["create"] =>
  (transport) =>
    defineAdapter({
      name: "apis",
      version: "1.0.0",
      models: [form, parts],
      encode: (draft) => change(toBody(draft)),
      decode,
    })(transport)

/** Cards with all that bodies of HTTP APIs have. */
export const apisContract: AdapterContract = {
  ...contract,
  create: apis(),
  provider,
  requests: {
    "text-to-image": { prompt: "a lighthouse" },
    inpaint: { image: house, mask: drawMask(64, 64), prompt: "a lighthouse" },
    "image-to-image": { images: [house, mill], prompt: "a lighthouse" },
    "virtual-try-on": { image: house, referenceImage: mill, prompt: "a coat" },
  },
  outcomes: {
    ...contract.outcomes,
    partial: ({ body }, images) => ({
      pictures: images.slice(1).map((data) => ({ data })),
      held: Number(body["n"] ?? 1) - images.length + 1,
    }),
  },
}
