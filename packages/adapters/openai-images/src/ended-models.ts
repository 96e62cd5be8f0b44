import { type DerivedCard, deriveCard, type ModelCard } from "@pictor/core/adapter"
import { gptImage2 } from "./models.ts"
import { listedPrices, still } from "./prices.ts"

const successor = "gpt-image-2.5-sunburst"

const ends = {
  status: "legacy",
  retiredFrom: "2026-12-01",
  successor,
  source: "lifecycle",
} as const

const sizes = {
  kind: "sizes",
  path: "size",
  values: ["1024x1024", "1536x1024", "1024x1536"],
  default: "1024x1024",
  source: "client",
} as const

const stillImages = {
  kind: "enum",
  path: "output_format",
  values: still,
  default: "png",
  source: "client",
} as const

const fields = { size: sizes, outputFormat: stillImages } as const

const noVectors = {
  complexity: undefined,
  "svg.model": undefined,
  "svg.reasoning.effort": undefined,
} as const

const noPreviews = {
  ...noVectors,
  frame_count: undefined,
  frame_duration_ms: undefined,
} as const

const fidelity = { kind: "enum", values: ["high", "low"], source: "client" } as const

/** Micro-USD per token, of the output's texts too. */
const units = {
  inputTextToken: 5,
  cachedInputTextToken: 1.25,
  inputImageToken: 8,
  cachedInputImageToken: 2,
  outputTextToken: 10,
  outputImageToken: 32,
} as const

/** Tokens of a picture of 1024x1024, and of a longer one. */
const tokens = { low: [272, 408], medium: [1056, 1584], high: [4160, 6240] } as const

const changes15 = {
  id: "gpt-image-1.5",
  lifecycle: ends,
  tasks: {
    "text-to-image": { fields, options: noPreviews },
    "image-to-image": { fields, options: { ...noPreviews, input_fidelity: fidelity } },
    inpaint: { fields, options: { ...noVectors, input_fidelity: fidelity } },
  },
  prices: listedPrices(tokens, { units, source: "prices" }),
  sources: {
    prices: { url: "https://developers.openai.com/api/docs/pricing", seen: "2026-11-30" },
    mini: {
      url: "https://developers.openai.com/de-DE/api/docs/models/gpt-image-1-mini",
      seen: "2026-11-30",
    },
  },
} as const

// The types are written out, as those of the live models.
type Gpt15 = DerivedCard<typeof gptImage2, typeof changes15>
const gptImage15: Gpt15 = deriveCard(gptImage2, changes15)

const changes1 = {
  id: "gpt-image-1",
  lifecycle: {
    status: "retired",
    retiredFrom: "2026-10-23",
    successor,
    source: "client",
  },
  prices: listedPrices(tokens, {
    units: {
      inputTextToken: 5,
      cachedInputTextToken: 1.25,
      inputImageToken: 10,
      cachedInputImageToken: 2.5,
      outputImageToken: 40,
    },
    source: "prices",
  }),
} as const

const lowFidelity = { ...fidelity, values: ["low"] } as const

/** The page states prices per image, which are these tokens. */
const changesMini = {
  id: "gpt-image-1-mini",
  lifecycle: ends,
  tasks: {
    "image-to-image": { options: { input_fidelity: lowFidelity } },
    inpaint: { options: { input_fidelity: lowFidelity } },
  },
  prices: listedPrices(
    { low: [625, 750], medium: [1375, 1875], high: [4500, 6500] },
    {
      units: {
        inputTextToken: 2,
        cachedInputTextToken: 0.2,
        inputImageToken: 2.5,
        cachedInputImageToken: 0.25,
        outputImageToken: 8,
      },
      source: "mini",
    },
  ),
} as const

const latest = { id: "chatgpt-image-latest", lifecycle: ends } as const

const dallEEnd = {
  status: "retired",
  retiredFrom: "2026-05-12",
  successor,
  source: "client",
} as const

const dallE3 = {
  id: "dall-e-3",
  regions: [],
  lifecycle: dallEEnd,
  tasks: {
    "text-to-image": {
      endpoint: "/images/generations",
      constants: { response_format: "b64_json" },
      fields: {
        prompt: {
          kind: "text",
          path: "prompt",
          min: 1,
          max: 4000,
          required: true,
          source: "client",
        },
        n: { kind: "count", path: "n", max: 1, source: "client" },
        size: { ...sizes, values: ["1024x1024", "1792x1024", "1024x1792"] },
        quality: {
          kind: "enum",
          path: "quality",
          values: ["standard", "hd"],
          default: "standard",
          source: "client",
        },
        style: { kind: "enum", path: "style", values: ["vivid", "natural"], source: "client" },
        outputFormat: { kind: "enum", values: ["png"], default: "png", source: "client" },
      },
    },
  },
  prices: [
    { quality: "standard", maxPixels: 1_048_576, microUsd: 40_000, source: "prices" },
    { quality: "standard", microUsd: 80_000, source: "prices" },
    { quality: "hd", maxPixels: 1_048_576, microUsd: 80_000, source: "prices" },
    { quality: "hd", microUsd: 120_000, source: "prices" },
  ],
  sources: {
    client: { url: "https://www.npmjs.com/package/openai/v/7.59.0", seen: "2026-11-30" },
    prices: { url: "https://developers.openai.com/api/docs/pricing", seen: "2026-04-30" },
  },
} as const satisfies ModelCard

const changesDallE2 = {
  id: "dall-e-2",
  lifecycle: dallEEnd,
  tasks: {
    "text-to-image": {
      imagesPerCall: 10,
      fields: {
        prompt: { max: 1000 },
        n: { max: 10 },
        size: { values: ["256x256", "512x512", "1024x1024"] },
        quality: undefined,
        style: undefined,
      },
    },
  },
  prices: [
    { maxPixels: 65_536, microUsd: 16_000, source: "prices" },
    { maxPixels: 262_144, microUsd: 18_000, source: "prices" },
    { microUsd: 20_000, source: "prices" },
  ],
} as const

/** The models that have ended, or end on 2026-12-01. */
export const endedModels: readonly [
  Gpt15,
  DerivedCard<Gpt15, typeof changesMini>,
  DerivedCard<Gpt15, typeof latest>,
  DerivedCard<Gpt15, typeof changes1>,
  typeof dallE3,
  DerivedCard<typeof dallE3, typeof changesDallE2>,
] = [
  gptImage15,
  deriveCard(gptImage15, changesMini),
  deriveCard(gptImage15, latest),
  deriveCard(gptImage15, changes1),
  dallE3,
  deriveCard(dallE3, changesDallE2),
]
