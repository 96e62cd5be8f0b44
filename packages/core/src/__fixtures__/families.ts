import { defineAdapter } from "../adapter.ts"
import { decodeImageList } from "../bytes/decode-reply.ts"
import { isImageData } from "../bytes/image.ts"
import type { Outcome } from "../contract/adapter.ts"
import type { ModelCard } from "../contract/card.ts"

const sources = { page: { url: "https://example.com/models", seen: "2026-11-20" } } as const
const words = { kind: "text", min: 1, max: 1024 } as const
const shared = { regions: ["north-1"], sources } as const

const gridFields = {
  prompt: { ...words, path: "textParams.text", required: true },
  negativePrompt: { ...words, path: "textParams.negativeText" },
  style: { kind: "enum", path: "textParams.style", values: ["PHOTO_REALISM", "LINE_ART"] },
  n: { kind: "count", path: "config.count", max: 5 },
  quality: {
    kind: "enum",
    path: "config.quality",
    values: ["standard", "premium"],
    default: "standard",
  },
  guidance: { kind: "range", path: "config.cfgScale", min: 1.1, max: 10, default: 6.5 },
  size: {
    kind: "grid",
    path: ["config.width", "config.height"],
    side: [320, 4096],
    multiple: 16,
    pixels: 4_194_304,
    ratio: 4,
    default: "1024x1024",
  },
  seed: {
    kind: "seed",
    path: "config.seed",
    min: 0,
    max: 2_147_483_646,
    narrowMax: 858_993_459,
    zero: "literal",
  },
  outputFormat: { kind: "enum", values: ["png"], default: "png" },
} as const

/**
 * Sizes on a grid, five images a call, a price by quality and bracket; a second task that another
 * `taskType` chooses.
 */
export const gridCard = {
  ...shared,
  id: "acme.grid-v1:0",
  aliases: [
    "acme.grid",
    { id: "acme.acme.grid-v1:0", warning: "acme.acme.grid-v1:0 doubles its prefix." },
  ],
  lifecycle: {
    status: "legacy",
    legacyFrom: "2026-03-30",
    retiredFrom: "2027-03-30",
    successor: "acme.ratio-v1:0",
  },
  tasks: {
    "text-to-image": {
      constants: { taskType: "TEXT" },
      imagesPerCall: 5,
      fields: gridFields,
      options: { "config.tuning": { kind: "json" }, "config.note": { kind: "text", max: 20 } },
    },
    erase: {
      constants: { taskType: "ERASE" },
      imagesPerCall: 5,
      fields: { n: gridFields.n },
      options: { "eraseParams.text": { kind: "text", max: 20 } },
    },
  },
  prices: [
    {
      task: "text-to-image",
      quality: "standard",
      maxPixels: 1_048_576,
      microUsd: 40_000,
      source: "page",
      inferred: true,
    },
    {
      task: "text-to-image",
      quality: "premium",
      maxPixels: 1_048_576,
      microUsd: 60_000,
      source: "page",
      inferred: true,
    },
    {
      task: "text-to-image",
      quality: "standard",
      microUsd: 60_000,
      source: "page",
      inferred: true,
    },
    { task: "text-to-image", quality: "premium", microUsd: 80_000, source: "page", inferred: true },
  ],
} as const satisfies ModelCard

/** Listed sizes with a price by bracket, and a seed whose published ranges differ. */
export const listCard = {
  ...shared,
  id: "acme.list-v1:0",
  lifecycle: { status: "retired", retiredFrom: "2026-06-30", successor: "acme.grid-v1:0" },
  tasks: {
    "text-to-image": {
      imagesPerCall: 5,
      fields: {
        prompt: { kind: "text", max: 512, path: "prompt", required: true },
        n: { kind: "count", path: "count", max: 5 },
        size: {
          kind: "sizes",
          path: ["width", "height"],
          values: [
            "1024x1024",
            "768x768",
            "512x512",
            "1152x768",
            "576x384",
            "768x1152",
            "384x576",
            "1408x640",
            "704x320",
          ],
          default: "1024x1024",
        },
        seed: {
          kind: "seed",
          path: "seed",
          min: 0,
          max: 2_147_483_646,
          narrowMax: 214_783_647,
          zero: "literal",
        },
        outputFormat: { kind: "enum", values: ["png"], default: "png" },
      },
    },
  },
  prices: [
    { maxPixels: 589_824, microUsd: 8_000, source: "page" },
    { microUsd: 10_000, source: "page" },
  ],
} as const satisfies ModelCard

/**
 * Aspect ratios, one image a call, never called by its own id, priced by region; seed 0 = the
 * model draws one.
 */
export const ratioCard = {
  ...shared,
  id: "acme.ratio-v1:0",
  callableIds: ["us.acme.ratio-v1:0", "eu.acme.ratio-v1:0"],
  lifecycle: { status: "active" },
  tasks: {
    "text-to-image": {
      constants: { mode: "text" },
      fields: {
        prompt: { kind: "text", min: 1, max: 10_000, path: "prompt", required: true },
        aspectRatio: {
          kind: "ratios",
          path: "aspect_ratio",
          values: ["1:1", "16:9", "21:9", "2:3", "3:2", "9:16"],
          pixels: 1_048_576,
          default: "1:1",
        },
        seed: { kind: "seed", path: "seed", min: 0, max: 4_294_967_294, zero: "random" },
        outputFormat: {
          kind: "enum",
          path: "output_format",
          values: ["png", "jpeg"],
          tolerated: ["webp"],
          default: "png",
        },
      },
      options: { preset: { kind: "enum", values: ["calm", "bold"], tolerated: ["wild"] } },
    },
  },
  prices: [
    { region: "north-1", microUsd: 40_000, source: "page" },
    { region: "south-1", microUsd: 44_000, source: "page" },
  ],
} as const satisfies ModelCard

/**
 * Weighted texts, one image a call, priced by steps; seed 0 = the model draws one, and its reply
 * says which.
 */
export const weightedCard = {
  ...shared,
  id: "acme.weighted-v1",
  streaming: true,
  lifecycle: { status: "active" },
  tasks: {
    "text-to-image": {
      fields: {
        prompts: { kind: "prompts", path: "text_prompts", max: 2000, required: true },
        n: { kind: "count", path: "samples", max: 1 },
        guidance: { kind: "range", path: "cfg_scale", min: 0, max: 35, default: 7 },
        steps: { kind: "range", path: "steps", min: 10, max: 150, integer: true, default: 30 },
        style: { kind: "enum", path: "style_preset", values: ["3d-model", "photographic"] },
        size: {
          kind: "sizes",
          path: ["width", "height"],
          values: ["1024x1024", "1152x896"],
          default: "1024x1024",
        },
        seed: {
          kind: "seed",
          path: "seed",
          min: 0,
          max: 4_294_967_295,
          narrowMax: 4_294_967_294,
          zero: "random",
        },
      },
      options: { extras: { kind: "json" } },
    },
  },
  prices: [
    { maxSteps: 50, microUsd: 40_000, source: "page" },
    { microUsd: 80_000, source: "page" },
  ],
} as const satisfies ModelCard

/** Takes a prompt and nothing else: no seed, no size, no price. */
export const plainCard = {
  ...shared,
  id: "acme.plain-v1:0",
  lifecycle: { status: "active" },
  tasks: {
    "text-to-image": {
      fields: { prompt: { kind: "text", max: 50, path: "prompt", required: true } },
    },
  },
  prices: [],
} as const satisfies ModelCard

const guardrail = { key: "guardrailAction", value: "INTERVENED" } as const
const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

const artifactOf = (artifact: Record<string, unknown> = {}): Outcome => {
  const { base64, seed, finish } = artifact
  if (finish === "FILTERED")
    return {
      status: "filtered",
      stage: "output",
      reason: "FILTERED",
      billed: true,
      ...(isImageData(base64) ? { preview: base64 } : {}),
    }
  if (finish === "ERROR")
    return {
      status: "failed",
      code: "provider_failed",
      message: "The model reported an error.",
      retryable: true,
    }
  if (!isImageData(base64))
    return { status: "failed", code: "invalid_response", message: "No image." }
  return {
    status: "delivered",
    data: base64,
    ...(typeof seed === "number" ? { seed } : {}),
    ...(textOf(finish) && finish !== "SUCCESS"
      ? { warning: `An image came with ${textOf(finish)}.` }
      : {}),
  }
}

const decodeArtifacts = (reply: unknown): readonly Outcome[] =>
  ((reply as { readonly artifacts: readonly Record<string, unknown>[] }).artifacts ?? []).map(
    artifactOf,
  )

export const grid = defineAdapter({
  name: "grid",
  version: "1.2.3",
  models: [gridCard],
  guardrail,
  decode: decodeImageList,
})
export const list = defineAdapter({
  name: "list",
  models: [listCard],
  decode: decodeImageList,
})
export const ratio = defineAdapter({
  name: "ratio",
  models: [ratioCard],
  guardrail,
  decode: decodeImageList,
})
export const weighted = defineAdapter({
  name: "weighted",
  models: [weightedCard],
  guardrail,
  decode: decodeArtifacts,
})
export const plain = defineAdapter({
  name: "plain",
  models: [plainCard],
  decode: decodeImageList,
})
