import type { JsonObject, ModelCard } from "@pictor/core"
import {
  type CallDraft,
  defineAdapter,
  type ImageAdapter,
  isImageData,
  type Outcome,
  type Transport,
  type TransportCall,
  toBody,
} from "@pictor/core/adapter"
import type { AdapterContract } from "../contract.ts"

const words = { kind: "text", max: 400, source: "here" } as const

const common = {
  sources: { here: { url: "https://example.com/mini", seen: "2026-11-20" } },
  regions: ["here-1"],
  lifecycle: { status: "active", source: "here" },
} as const satisfies Partial<ModelCard>

/** Draws three images per call on a grid of sizes. */
export const many = {
  ...common,
  id: "mini-many",
  aliases: ["mini"],
  tasks: {
    "text-to-image": {
      constants: { mode: "draw" },
      imagesPerCall: 3,
      fields: {
        prompt: { ...words, path: "words.text", min: 1, required: true },
        negativePrompt: { ...words, path: "words.avoid" },
        n: { kind: "count", path: "count", max: 3, source: "here" },
        size: {
          kind: "grid",
          path: ["width", "height"],
          side: [16, 256],
          multiple: 16,
          pixels: 32_768,
          ratio: 4,
          default: "64x64",
          source: "here",
        },
        quality: {
          kind: "enum",
          path: "quality",
          values: ["standard", "premium"],
          default: "standard",
          source: "here",
        },
        steps: {
          kind: "range",
          path: "steps",
          min: 5,
          max: 50,
          integer: true,
          default: 20,
          source: "here",
        },
        guidance: { kind: "range", path: "guidance", min: 1, max: 20, default: 7, source: "here" },
        style: { kind: "enum", path: "style", values: ["ink", "oil"], source: "here" },
        outputFormat: { kind: "enum", values: ["png"], default: "png", source: "here" },
        seed: {
          kind: "seed",
          path: "seed",
          min: 0,
          max: 1_000_000,
          narrowMax: 999_999,
          zero: "literal",
          source: "here",
        },
      },
      options: {
        "extra.sharpness": { kind: "range", min: 1, max: 3, source: "here" },
        "extra.mood": { kind: "enum", values: ["calm", "wild"], source: "here" },
      },
    },
  },
  prices: [
    { microUsd: 10_000, quality: "standard", maxPixels: 4096, maxSteps: 30, source: "here" },
    { microUsd: 20_000, quality: "standard", source: "here" },
    { microUsd: 30_000, source: "here" },
  ],
} as const satisfies ModelCard

/** Draws one image per call of a listed size, from weighted texts. */
export const one = {
  ...common,
  id: "mini-one",
  streaming: true,
  tasks: {
    "text-to-image": {
      fields: {
        prompts: { kind: "prompts", path: "texts", max: 400, required: true, source: "here" },
        size: {
          kind: "sizes",
          path: ["width", "height"],
          values: ["64x64", "128x64", "64x128"],
          default: "64x64",
          source: "here",
        },
        seed: {
          kind: "seed",
          path: "seed",
          min: 0,
          max: 1_000_000,
          zero: "random",
          source: "here",
        },
      },
    },
  },
  prices: [{ microUsd: 5000, source: "here" }],
} as const satisfies ModelCard

/** Draws one image per call in a ratio, and takes no seed. */
export const ratio = {
  ...common,
  id: "mini-ratio",
  tasks: {
    "text-to-image": {
      fields: {
        prompt: { ...words, path: "prompt", required: true },
        aspectRatio: {
          kind: "ratios",
          path: "ratio",
          values: ["1:1", "2:1"],
          pixels: 4096,
          default: "1:1",
          source: "here",
        },
      },
    },
  },
  prices: [{ microUsd: 7000, source: "here" }],
} as const satisfies ModelCard

export const encode = (draft: CallDraft): JsonObject => toBody(draft)

/** One entry of a reply's `pictures`. */
export interface Picture {
  readonly data?: unknown
  readonly held?: unknown
  readonly preview?: unknown
  readonly checksum?: unknown
}

export const failed = (message = "The reply has no image for this slot."): Outcome => ({
  status: "failed",
  code: "invalid_response",
  message,
})

export const filtered: Outcome = { status: "filtered", stage: "output", reason: "held back" }

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null

export const picturesOf = (reply: unknown): readonly Picture[] => {
  const { pictures } = isObject(reply) ? reply : {}
  return Array.isArray(pictures)
    ? pictures.map((each: unknown) => (isObject(each) ? each : {}))
    : []
}

export const heldOf = (reply: unknown): number => {
  const { held } = isObject(reply) ? reply : {}
  return typeof held === "number" ? held : 0
}

export const pictureOutcome = ({ data, held }: Picture): Outcome =>
  held === true ? filtered : isImageData(data) ? { status: "delivered", data } : failed()

/**
 * `{ pictures: [{ data, held?, preview, checksum }], held? }`: pictures that are held themselves,
 * and how many were left out.
 */
export const decode = (reply: unknown, count: number): readonly Outcome[] => {
  const found = picturesOf(reply).map(pictureOutcome)
  const missing = Array.from({ length: Math.max(0, count - found.length) }, (_, index) =>
    index < heldOf(reply) ? filtered : failed(),
  )
  return [...found, ...missing]
}

/** Bytes of the given length that begin as a PNG. */
export const draw = (width: number, height: number, seed: number, length: number): string => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 7) & 255)
  bytes.set([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82])
  const view = new DataView(bytes.buffer)
  view.setUint32(16, width)
  view.setUint32(20, height)
  return btoa(String.fromCharCode(...bytes))
}

/** Answers as the family's provider does, with images of the given length. */
export const provider =
  (length: number) =>
  ({ body }: TransportCall): Uint8Array => {
    const {
      width = 64,
      height = 64,
      count = 1,
      seed = 0,
    } = body as { readonly [key: string]: number }
    const pictures = Array.from({ length: count }, (_, index) => ({
      data: draw(width, height, seed + index, length),
      preview: draw(8, 8, seed + index, 40),
      checksum: btoa(`checksum ${seed + index}`),
    }))
    return new TextEncoder().encode(JSON.stringify({ pictures }))
  }

export interface Mini {
  readonly models?: readonly ModelCard[]
  readonly encode?: ImageAdapter["encode"]
  readonly decode?: ImageAdapter["decode"]
  /** Wraps the transport's `invoke`. */
  readonly wrap?: (invoke: Transport["invoke"]) => Transport["invoke"]
}

/** The adapter's factory, with parts of it replaced. */
export const mini =
  ({ wrap = (invoke) => invoke, ...parts }: Mini = {}): AdapterContract["create"] =>
  (transport) =>
    defineAdapter({
      name: "mini",
      version: "1.0.0",
      models: [many, one, ratio],
      encode,
      decode,
      ...parts,
    })({
      ...transport,
      invoke: wrap((call) => transport.invoke(call)),
    })

/** Priced by usage: each delivered image counts `perImage` credits; the bound has two. */
export const countingMini = (perImage: number): Mini => ({
  models: [many, one, ratio].map((card) => ({
    ...card,
    prices: [{ units: { credit: 2500.5 }, most: { image: { credit: 2 } }, source: "here" }],
  })),
  decode: (reply, count) => {
    const outcomes = decode(reply, count)
    const images = outcomes.filter(({ status }) => status === "delivered").length
    return { outcomes, usage: { credit: images < count ? images : images * perImage } }
  },
})

export const contract: AdapterContract = {
  create: mini(),
  provider: provider(100),
  requests: { "text-to-image": { prompt: "a lighthouse", size: "64x64" } },
  outcomes: {
    filtered: { pictures: [{ data: draw(64, 64, 1, 100), held: true }] },
    partial: ({ body }, images) => ({
      pictures: images.slice(1).map((data) => ({ data, preview: data, checksum: data })),
      held: Number(body["count"]) - images.length + 1,
    }),
    malformed: { pictures: [{ data: 7 }] },
  },
}
