import {
  type AdapterFactory,
  type CallDraft,
  type Decoded,
  defineAdapter,
  type JsonObject,
  type ModelCard,
  type ModelTypes,
  type Outcome,
  type PriceRow,
  toBody,
} from "@pictor/core/adapter"
import { outcomeOf, outcomesOf, recordOf } from "./response.ts"

const source = "client"

const ratios = [
  "1:1",
  "16:9",
  "9:16",
  "4:3",
  "3:4",
  "3:2",
  "2:3",
  "2:1",
  "1:2",
  "19.5:9",
  "9:19.5",
  "20:9",
  "9:20",
  "21:9",
  "5:2",
] as const

const fields = {
  prompt: { kind: "text", path: "prompt", min: 1, max: 10_000, required: true, source },
  n: { kind: "count", path: "n", max: 10, source },
  size: {
    kind: "tiers",
    path: "resolution",
    values: { "1k": 1_048_576, "2k": 4_194_304 },
    default: "1k",
    source,
  },
  aspectRatio: {
    kind: "ratios",
    path: "aspect_ratio",
    values: ratios,
    pixels: 1_048_576,
    default: "1:1",
    source: "ratios",
  },
  quality: {
    kind: "enum",
    path: "quality",
    values: ["low", "medium"],
    default: "medium",
    source: "prices",
  },
} as const

const constants = { response_format: "b64_json" } as const

interface TierPrice {
  readonly quality: "low" | "medium"
  readonly maxPixels?: number
  /** Micro-USD of an image. */
  readonly image: number
}

/**
 * The bound counts an input picture, for which a credit stands, like an image: no page says what it
 * costs. The reply states the charge.
 */
const priceOf = ({ image, ...tier }: TierPrice): PriceRow => ({
  ...tier,
  units: { image, credit: image },
  most: { input: { credit: 1 } },
  source: tier.quality === "low" ? "prices" : "resale",
  inferred: true,
})

const options = { user: { kind: "text", min: 1, max: 512, source, unsure: true } } as const

const grokImagine = {
  id: "grok-imagine-image-2.0",
  regions: [],
  lifecycle: { status: "active", source: "prices" },
  tasks: {
    "text-to-image": {
      endpoint: "/images/generations",
      imagesPerCall: 10,
      constants,
      fields,
      options,
    },
    "image-to-image": {
      endpoint: "/images/edits",
      imagesPerCall: 10,
      constants,
      fields: {
        ...fields,
        images: {
          kind: "images",
          max: 5,
          as: "data-url",
          places: [0, 1, 2, 3, 4].map((at) => `images.${at}.url` as const),
          required: true,
          limits: { types: ["image/png", "image/jpeg", "image/webp"] },
          source: "prices",
        },
      },
      options,
    },
  },
  prices: [
    priceOf({ quality: "low", maxPixels: 1_048_576, image: 40_000 }),
    priceOf({ quality: "low", image: 60_000 }),
    priceOf({ quality: "medium", maxPixels: 1_048_576, image: 60_000 }),
    priceOf({ quality: "medium", image: 80_000 }),
  ],
  sources: {
    client: { url: "https://www.npmjs.com/package/@ai-sdk/xai/v/3.0.138", seen: "2026-11-30" },
    ratios: {
      url: "https://docs.comfy.org/development/comfy-router/models/xai/grok-imagine-image-2-0/code",
      seen: "2026-11-30",
    },
    prices: {
      url: "https://docs.x.ai/developers/migration/imagine-image-quality-nov-2",
      seen: "2026-11-30",
    },
    // A reseller at 80 % of the price.
    resale: {
      url: "https://github.com/apimartkjp84/grok-imagine-image-2.0-api-ja/wiki",
      seen: "2026-11-30",
    },
  },
} as const satisfies ModelCard

/** One picture goes into `image`, several into `images`. */
const encode = (draft: CallDraft): JsonObject => {
  const { images, ...body } = toBody(draft)
  const sent = (Array.isArray(images) ? images : []).map((each: JsonObject) => ({
    ...each,
    type: "image_url",
  }))
  return {
    model: draft.modelId,
    ...body,
    ...(sent.length === 1 && { image: sent[0] }),
    ...(sent.length > 1 && { images: sent }),
  }
}

/** Ten billion ticks are a dollar. No page of the provider confirms it. */
const ticksPerMicroUsd = 10_000

const decodeReply = (reply: unknown, count: number): Decoded => {
  const { data, usage } = recordOf(reply)
  const ticks = recordOf(usage)["cost_in_usd_ticks"]
  return {
    outcomes: outcomesOf(data, count, outcomeOfEntry),
    ...(typeof ticks === "number" && ticks >= 0 && { microUsd: ticks / ticksPerMicroUsd }),
  }
}

/** A picture that moderation withheld comes in a reply of status 200. */
const outcomeOfEntry = (entry: JsonObject): Outcome =>
  entry["respect_moderation"] === false
    ? {
        status: "filtered",
        stage: "output",
        reason: "The provider's moderation withheld the image.",
      }
    : outcomeOf(entry)

const models = [grokImagine] as const satisfies readonly ModelCard[]

/** Model id → the model's inputs and `options`, for types. */
export interface XaiImagesModels extends ModelTypes<typeof models> {}

/** xAI's image models: `xaiImages(http({ key }))`. */
export const xaiImages: AdapterFactory<XaiImagesModels> = defineAdapter({
  name: "xai-images",
  version: "0.1.0",
  models,
  http: {
    provider: "xai",
    baseUrl: "https://api.x.ai/v1",
    auth: { header: "authorization", prefix: "Bearer " },
    file: "data.#.url",
    hosts: ["x.ai"],
  },
  encode,
  decode: decodeReply,
})
