import type { ModelCard } from "@pictor/core/adapter"
import { endpoint, flag, limits, prompt, ratios, sources, tolerance } from "./parameters.ts"

const tiers = {
  "768sq": 589_824,
  "1k": 1_048_576,
  "1.5k": 2_359_296,
  "2k": 4_194_304,
  "4k": 16_777_216,
} as const

const thirdFields = {
  prompt,
  size: { kind: "tiers", path: "resolution", values: tiers, default: "1k", source: "third" },
  outputFormat: { kind: "enum", values: ["jpeg"], default: "jpeg", unsure: true },
} as const
const thirdRatio = {
  kind: "ratios",
  path: "aspect_ratio",
  values: ["auto", ...ratios],
  pixels: tiers["1k"],
  source: "third",
} as const
const thirdOptions = {
  safety_tolerance: { ...tolerance(4), source: "third" },
  // The model searches the web unless this is false.
  grounding: { ...flag, source: "third" },
  version: { kind: "enum", values: ["latest"], source: "third" },
} as const

export const third = {
  id: "flux-3-image",
  regions: [],
  lifecycle: { status: "active", source: "news" },
  tasks: {
    "text-to-image": {
      endpoint,
      fields: { ...thirdFields, aspectRatio: { ...thirdRatio, default: "1:1" } },
      options: thirdOptions,
    },
    "image-to-image": {
      endpoint,
      fields: {
        ...thirdFields,
        aspectRatio: { ...thirdRatio, default: "auto" },
        images: {
          kind: "images",
          path: "images",
          max: 10,
          required: true,
          limits: {
            types: limits.types,
            side: [256, 16_384],
            pixels: [65_536, 16_000_000],
            // 20 MB as base64.
            bytes: 15_000_000,
          },
          source: "third",
        },
      },
      options: thirdOptions,
    },
  },
  prices: [
    { maxPixels: tiers["768sq"], microUsd: 41_000, source: "news" },
    { maxPixels: tiers["1k"], microUsd: 48_000, source: "news" },
    // Derived from a reseller, who sells the other tiers for four fifths of their price.
    { maxPixels: tiers["1.5k"], microUsd: 70_000, source: "reseller", inferred: true },
    { maxPixels: tiers["2k"], microUsd: 100_000, source: "news" },
    { maxPixels: tiers["4k"], microUsd: 607_000, source: "news" },
  ],
  sources: {
    ...sources,
    third: {
      url: "https://docs.comfy.org/development/comfy-router/models/black-forest-labs/flux-3-image/code",
      seen: "2026-11-30",
    },
    reseller: {
      url: "https://github.com/apimartcs0wri/flux-3-image-api-fr/wiki",
      seen: "2026-10-12",
    },
  },
} as const satisfies ModelCard
