import { type DerivedCard, deriveCard, type ModelCard } from "@pictor/core/adapter"
import { calculatedPrices, still } from "./prices.ts"

const source = "client"

const generations = { endpoint: "/images/generations", imagesPerCall: 10 } as const

/** Edits go out as forms, as the published client sends them. */
const edits = {
  endpoint: "/images/edits",
  encoding: "form",
  imagesPerCall: 10,
  output: "input",
} as const

const formats = {
  kind: "enum",
  path: "output_format",
  values: [...still, "gif", "svg"],
  valuesAllowedWith: { svg: { n: [1] } },
  default: "png",
  source,
} as const

const settings = {
  prompt: { kind: "text", path: "prompt", min: 1, max: 32_000, required: true, source },
  n: { kind: "count", path: "n", max: 10, source },
  size: {
    kind: "grid",
    path: "size",
    side: [16, 3840],
    multiple: 16,
    minPixels: 655_360,
    pixels: 8_294_400,
    ratio: 3,
    default: "1024x1024",
    source: "sizes",
  },
  quality: {
    kind: "enum",
    path: "quality",
    values: ["low", "medium", "high", "auto"],
    default: "medium",
    source,
  },
  outputFormat: formats,
  // On gpt-image-2, transparency is a preview.
  background: {
    kind: "enum",
    path: "background",
    values: ["transparent", "opaque", "auto"],
    valuesAllowedWith: { transparent: { outputFormat: ["png", "webp"] } },
    source,
  },
  compression: {
    kind: "range",
    path: "output_compression",
    min: 0,
    max: 100,
    integer: true,
    allowedWith: { outputFormat: ["jpeg", "webp"] },
    source,
  },
  partialImages: {
    kind: "range",
    path: "partial_images",
    min: 0,
    max: 3,
    integer: true,
    implies: { stream: true },
    allowedWith: { outputFormat: still },
    source,
  },
} as const

const moderation = { kind: "enum", path: "moderation", values: ["auto", "low"], source } as const

const gifOnly = { allowedWith: { outputFormat: ["gif"] }, source } as const
const svgOnly = { allowedWith: { outputFormat: ["svg"] }, source } as const

const safetyIdentifier = {
  safety_identifier: { kind: "text", min: 1, max: 512, source, unsure: true },
} as const

const svgOptions = {
  "svg.model": { kind: "text", min: 1, max: 200, ...svgOnly },
  "svg.reasoning.effort": {
    kind: "enum",
    values: ["none", "minimal", "low", "medium", "high", "xhigh", "max"],
    ...svgOnly,
  },
} as const

const maskedOptions = {
  ...safetyIdentifier,
  complexity: { kind: "enum", values: ["low", "medium", "high"], source },
  ...svgOptions,
} as const

/** GIF and SVG are previews that an account needs access to. */
const options = {
  ...maskedOptions,
  frame_count: { kind: "range", min: 2, max: 16, integer: true, ...gifOnly },
  frame_duration_ms: { kind: "range", min: 1, max: 655_350, integer: true, ...gifOnly },
} as const

const images = {
  kind: "images",
  path: "image[]",
  max: 16,
  required: true,
  limits: { types: ["image/png", "image/webp", "image/jpeg"], bytes: 49_999_999 },
  source,
} as const

const mask = {
  kind: "mask",
  path: "mask",
  change: "transparent",
  sameSize: true,
  limits: { types: ["image/png"], bytes: 3_999_999 },
  source,
} as const

/** Must have the size of the first image, and transparent pixels. */
const markup = {
  kind: "image",
  path: "markup",
  limits: { types: ["image/png"], bytes: 49_999_999 },
  source,
} as const

const tasks = {
  "text-to-image": { ...generations, fields: { ...settings, moderation }, options },
  "image-to-image": { ...edits, fields: { ...settings, images }, options },
  inpaint: {
    ...edits,
    oneOf: [["mask"]],
    fields: {
      ...settings,
      // A GIF takes no mask.
      outputFormat: { ...formats, values: [...still, "svg"] },
      images,
      mask,
    },
    options: maskedOptions,
  },
} as const satisfies ModelCard["tasks"]

const sources = {
  client: { url: "https://www.npmjs.com/package/openai/v/7.59.0", seen: "2026-11-30" },
  models: {
    url: "https://developers.openai.com/api/docs/models/gpt-image-2.6-sunburst",
    seen: "2026-11-30",
  },
  sizes: { url: "https://docs.apiyi.com/en/news/gpt-image-2-launch", seen: "2026-11-30" },
  lifecycle: {
    url: "https://developers.openai.com/api/docs/deprecations",
    seen: "2026-11-30",
  },
  // Results of the calculator in OpenAI's guide.
  tokens2: {
    url: "https://community.openai.com/t/livestream-starting-now-chatgpt-images-2-0/1379464?page=2",
    seen: "2026-11-30",
  },
  // A reseller's prices per image, at OpenAI's price of a token.
  "tokens2.5": {
    url: "https://fal.ai/models/openai/gpt-image-2.5/flare/text-to-image",
    seen: "2026-11-30",
  },
  // A reseller's measurements.
  "tokens2.6": {
    url: "https://docs.laozhang.ai/en/api-capabilities/gpt-image-2-6",
    seen: "2026-11-30",
  },
} as const satisfies ModelCard["sources"]

export const gptImage2 = {
  id: "gpt-image-2",
  regions: [],
  lifecycle: { status: "active", source: "models" },
  tasks,
  prices: calculatedPrices({ grids: { low: 16, medium: 48, high: 96 }, source: "tokens2" }),
  sources,
} as const satisfies ModelCard

const active = { status: "active", source: "models" } as const

const finer = { values: ["low", "medium", "high", "xhigh", "max", "auto"] } as const

/** The models since 2.5 have finer qualities, and edits by a drawing over the first image. */
const sunburst25 = {
  id: "gpt-image-2.5-sunburst",
  lifecycle: active,
  tasks: {
    "text-to-image": { fields: { quality: finer } },
    "image-to-image": { fields: { quality: finer, referenceImage: markup } },
    inpaint: { fields: { quality: finer } },
  },
  prices: calculatedPrices({
    grids: { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 },
    source: "tokens2.5",
  }),
} as const

/** `low` and `medium` use up to four times the tokens of 2.5, the others as many. */
const sunburst26 = {
  id: "gpt-image-2.6-sunburst",
  lifecycle: active,
  prices: calculatedPrices({
    grids: { low: 32, medium: 48, high: 48, xhigh: 64, max: 96 },
    margin: 1.1,
    source: "tokens2.6",
  }),
} as const

// The types are written out: inferred, each card's declaration would repeat all of its facts.
type Gpt25 = DerivedCard<typeof gptImage2, typeof sunburst25>
const gptImage25: Gpt25 = deriveCard(gptImage2, sunburst25)

type Gpt26 = DerivedCard<Gpt25, typeof sunburst26>
const gptImage26: Gpt26 = deriveCard(gptImage25, sunburst26)

interface Name<Id extends string> {
  readonly id: Id
  readonly lifecycle: typeof active
}

/** The same card under another id. */
type Named<Card extends ModelCard, Id extends string> = DerivedCard<Card, Name<Id>>

const named = <Card extends ModelCard, const Id extends string>(
  card: Card,
  id: Id,
): Named<Card, Id> => deriveCard<Card, Name<Id>>(card, { id, lifecycle: active })

/** The live models. */
export const liveModels: readonly [
  Gpt26,
  Named<Gpt26, "gpt-image-2.6-flare">,
  Gpt25,
  Named<Gpt25, "gpt-image-2.5-sunburst-2026-09-08">,
  Named<Gpt25, "gpt-image-2.5-flare">,
  Named<Gpt25, "gpt-image-2.5-flare-2026-09-08">,
  typeof gptImage2,
  Named<typeof gptImage2, "gpt-image-2-2026-04-21">,
] = [
  gptImage26,
  named(gptImage26, "gpt-image-2.6-flare"),
  gptImage25,
  named(gptImage25, "gpt-image-2.5-sunburst-2026-09-08"),
  named(gptImage25, "gpt-image-2.5-flare"),
  named(gptImage25, "gpt-image-2.5-flare-2026-09-08"),
  gptImage2,
  named(gptImage2, "gpt-image-2-2026-04-21"),
]
