import { deriveCard, type ModelCard, type PriceRow } from "@pictor/core/adapter"

/** Pixels of the tiers. */
const tiers = { "512": 262_144, "1K": 1_048_576, "2K": 4_194_304, "4K": 16_777_216 } as const

const ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"] as const

const aspectRatio = {
  kind: "ratios",
  path: "generationConfig.imageConfig.aspectRatio",
  values: [...ratios, "1:4", "4:1", "1:8", "8:1"],
  pixels: tiers["1K"],
  source: "client",
} as const

const tenRatios = { ...aspectRatio, values: ratios } as const

const size = {
  kind: "tiers",
  path: "generationConfig.imageConfig.imageSize",
  values: tiers,
  default: "1K",
  source: "client",
} as const

const settings = {
  // No page limits a prompt in characters. This is the smallest window of input tokens.
  prompt: {
    kind: "text",
    path: "contents.0.parts.0.text",
    min: 1,
    max: 32_768,
    required: true,
    unsure: true,
  },
  // A page of the client's lists 512, and a page of the model does not.
  size: { ...size, unsure: true },
  // No page of an image model says what a seed does.
  seed: {
    kind: "seed",
    path: "generationConfig.seed",
    min: 0,
    max: 2_147_483_647,
    zero: "literal",
    source: "client",
    unsure: true,
  },
} as const

const thinkingLevel = {
  kind: "enum",
  values: ["minimal", "medium", "high"],
  tolerated: ["MINIMAL", "MEDIUM", "HIGH"],
  source: "client",
} as const

const twoLevels = {
  ...thinkingLevel,
  values: ["minimal", "high"],
  tolerated: ["MINIMAL", "HIGH"],
} as const

/**
 * The cap of words and thoughts, and by some accounts of pictures too. The largest picture has
 * 3,780 tokens.
 */
const mostTokens = 8192

const common = {
  endpoint: "models/{model}:generateContent",
  constants: {
    "contents.0.role": "user",
    "generationConfig.responseModalities.0": "IMAGE",
    "generationConfig.maxOutputTokens": mostTokens,
  },
  options: {
    safetySettings: { kind: "json", list: true, source: "client" },
    "generationConfig.temperature": { kind: "range", min: 0, max: 2, source: "flash" },
    "generationConfig.topP": { kind: "range", min: 0, max: 1, source: "flash" },
    "generationConfig.thinkingConfig.includeThoughts": { kind: "flag", source: "client" },
    "generationConfig.thinkingConfig.thinkingLevel": thinkingLevel,
  },
} as const

const images = {
  kind: "images",
  max: 14,
  required: true,
  limits: { types: ["image/png", "image/jpeg", "image/webp"], bytes: 7_000_000 },
  places: [
    "contents.0.parts.1.inlineData.data",
    "contents.0.parts.2.inlineData.data",
    "contents.0.parts.3.inlineData.data",
    "contents.0.parts.4.inlineData.data",
    "contents.0.parts.5.inlineData.data",
    "contents.0.parts.6.inlineData.data",
    "contents.0.parts.7.inlineData.data",
    "contents.0.parts.8.inlineData.data",
    "contents.0.parts.9.inlineData.data",
    "contents.0.parts.10.inlineData.data",
    "contents.0.parts.11.inlineData.data",
    "contents.0.parts.12.inlineData.data",
    "contents.0.parts.13.inlineData.data",
    "contents.0.parts.14.inlineData.data",
  ],
  source: "flash",
} as const

/** Dollars per million tokens. */
interface Rates {
  readonly input: number
  /** Words and thoughts. */
  readonly words: number
  readonly picture: number
}

/** The tokens of a picture, by the most pixels of its tier. */
type Tokens = readonly (readonly [maxPixels: number, tokens: number])[]

/**
 * A row for each number of tokens. The bound counts a picture and, besides it, the whole cap as
 * words. No page says how many tokens the words of a prompt are: never more than its bytes, and a
 * few for its turn.
 */
const pricesOf = (
  { input, words, picture }: Rates,
  tokens: Tokens,
  { cap = mostTokens, thoughts = 256, source = "prices" } = {},
): readonly PriceRow[] =>
  tokens.map(([maxPixels, outputImageToken], index) => ({
    ...(index < tokens.length - 1 && { maxPixels }),
    units: {
      inputTextToken: input,
      inputImageToken: input,
      outputTextToken: words,
      outputImageToken: picture,
    },
    most: {
      call: { inputTextToken: 16, outputTextToken: cap },
      image: { outputImageToken },
      input: { inputImageToken: mostInputTokens },
      textByte: { inputTextToken: 1 },
    },
    likely: {
      call: { outputTextToken: thoughts },
      image: { outputImageToken },
      input: { inputImageToken: mostInputTokens },
      textByte: { inputTextToken: 0.25 },
    },
    source,
    inferred: true,
  }))

/** Of an input picture: 1,120 for most models. A page names 1,290 for the oldest one. */
const mostInputTokens = 1290

const litellm = {
  url: "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json",
  seen: "2026-11-30",
} as const

const nanoBanana21 = {
  id: "gemini-nano-banana-2.1",
  regions: [],
  lifecycle: { status: "active", source: "release" },
  tasks: {
    "text-to-image": {
      ...common,
      fields: { ...settings, aspectRatio: { ...aspectRatio, default: "1:1" } },
    },
    // Without a ratio, the picture has that of the input.
    "image-to-image": { ...common, fields: { ...settings, images, aspectRatio } },
  },
  prices: pricesOf(
    { input: 1.5, words: 7.5, picture: 30 },
    [
      [tiers["512"], 747],
      [tiers["1K"], 1120],
      [tiers["2K"], 1680],
      [tiers["4K"], 3780],
    ],
    { source: "release" },
  ),
  sources: {
    client: { url: "https://www.npmjs.com/package/@google/genai/v/3.3.0", seen: "2026-11-30" },
    flash: {
      url: "https://docs.cloud.google.com/vertex-ai/generative-ai/docs/models/gemini/3-1-flash-image",
      seen: "2026-11-30",
    },
    release: { url: "https://github.com/BerriAI/litellm/discussions/44983", seen: "2026-11-30" },
    prices: litellm,
    lifecycle: { url: "https://ai.google.dev/gemini-api/docs/deprecations", seen: "2026-09-30" },
  },
} as const satisfies ModelCard

const proTask = {
  fields: {
    size: { ...size, values: { "1K": tiers["1K"], "2K": tiers["2K"], "4K": tiers["4K"] } },
  },
  options: {
    "generationConfig.thinkingConfig.thinkingLevel": undefined,
  },
} as const

const pro = {
  ...deriveCard(nanoBanana21, {
    id: "gemini-3-pro-image",
    lifecycle: { status: "active", source: "lifecycle" },
    tasks: {
      "text-to-image": {
        ...proTask,
        fields: { ...proTask.fields, aspectRatio: { ...tenRatios, default: "1:1" } },
      },
      "image-to-image": { ...proTask, fields: { ...proTask.fields, aspectRatio: tenRatios } },
    },
    prices: pricesOf({ input: 2, words: 12, picture: 120 }, [
      [tiers["2K"], 1120],
      [tiers["4K"], 2000],
    ]),
    sources: {},
  }),
  aliases: [
    {
      id: "gemini-3-pro-image-preview",
      warning: "gemini-3-pro-image-preview ended on 2026-06-25; gemini-3-pro-image is called.",
    },
  ],
} as const satisfies ModelCard

const flashTask = {
  fields: { size },
  options: { "generationConfig.thinkingConfig.thinkingLevel": twoLevels },
} as const

const flash = {
  ...deriveCard(nanoBanana21, {
    id: "gemini-3.1-flash-image",
    lifecycle: {
      status: "retired",
      retiredFrom: "2026-10-29",
      successor: "gemini-nano-banana-2.1",
      source: "release",
    },
    tasks: { "text-to-image": flashTask, "image-to-image": flashTask },
    prices: pricesOf(
      { input: 0.5, words: 3, picture: 60 },
      [
        [tiers["512"], 747],
        [tiers["1K"], 1120],
        [tiers["2K"], 1680],
        [tiers["4K"], 2520],
      ],
      { thoughts: 64 },
    ),
  }),
  aliases: [
    {
      id: "gemini-3.1-flash-image-preview",
      warning:
        "gemini-3.1-flash-image-preview ended on 2026-06-25; gemini-3.1-flash-image is called.",
    },
  ],
} as const satisfies ModelCard

const liteCap = 4096

const liteTask = {
  constants: { "generationConfig.maxOutputTokens": liteCap },
  fields: { size: { ...size, values: { "1K": tiers["1K"] }, source: "lite" } },
  options: { "generationConfig.thinkingConfig.thinkingLevel": twoLevels },
} as const

const lite = deriveCard(nanoBanana21, {
  id: "gemini-3.1-flash-lite-image",
  lifecycle: { status: "active", source: "prices" },
  tasks: { "text-to-image": liteTask, "image-to-image": liteTask },
  prices: pricesOf({ input: 0.25, words: 1.5, picture: 30 }, [[tiers["1K"], 1120]], {
    cap: liteCap,
    thoughts: 64,
  }),
  sources: {
    lite: {
      url: "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-1-flash-lite-image",
      seen: "2026-11-30",
    },
  },
})

const flash25Task = {
  fields: { size: undefined },
  options: {
    "generationConfig.thinkingConfig.includeThoughts": undefined,
    "generationConfig.thinkingConfig.thinkingLevel": undefined,
  },
} as const

const flash25 = deriveCard(nanoBanana21, {
  id: "gemini-2.5-flash-image",
  // One source names 2026-10-02, as the earliest date, and a later one 2027-03-15.
  lifecycle: {
    status: "legacy",
    earliestEnd: "2026-10-02",
    retiredFrom: "2027-03-15",
    successor: "gemini-nano-banana-2.1",
    source: "prices",
  },
  tasks: {
    "text-to-image": {
      ...flash25Task,
      fields: { ...flash25Task.fields, aspectRatio: { ...tenRatios, default: "1:1" } },
    },
    "image-to-image": {
      ...flash25Task,
      // Vertex AI's page of the model allows three.
      fields: {
        ...flash25Task.fields,
        aspectRatio: tenRatios,
        images: { ...images, max: 3, unsure: true },
      },
    },
  },
  prices: pricesOf({ input: 0.3, words: 2.5, picture: 30 }, [[tiers["1K"], 1290]], { thoughts: 0 }),
})

/** The models as the Gemini API serves them. */
export const models = [
  nanoBanana21,
  pro,
  lite,
  flash,
  flash25,
] as const satisfies readonly ModelCard[]

const vertexTask = {
  fields: {
    outputFormat: {
      kind: "enum",
      path: "generationConfig.imageConfig.imageOutputOptions.mimeType",
      values: ["image/png", "image/jpeg"],
      synonyms: { png: "image/png", jpeg: "image/jpeg" },
      source: "client",
    },
    compression: {
      kind: "range",
      path: "generationConfig.imageConfig.imageOutputOptions.compressionQuality",
      min: 0,
      max: 100,
      integer: true,
      allowedWith: { outputFormat: ["image/jpeg"] },
      source: "client",
    },
  },
  options: {
    "generationConfig.imageConfig.personGeneration": {
      kind: "enum",
      values: ["ALLOW_ALL", "ALLOW_ADULT", "ALLOW_NONE"],
      source: "client",
    },
    "generationConfig.imageConfig.prominentPeople": {
      kind: "enum",
      values: ["ALLOW_PROMINENT_PEOPLE", "BLOCK_PROMINENT_PEOPLE"],
      source: "client",
    },
  },
} as const

const tasks = { "text-to-image": vertexTask, "image-to-image": vertexTask } as const

const ends2027 = { status: "active", retiredFrom: "2027-05-28", source: "prices" } as const

/** The models as Vertex AI serves them: more settings, and other ends. */
export const vertexModels = [
  deriveCard(nanoBanana21, { id: nanoBanana21.id, lifecycle: nanoBanana21.lifecycle, tasks }),
  deriveCard(pro, { id: pro.id, lifecycle: ends2027, tasks }),
  deriveCard(lite, { id: lite.id, lifecycle: lite.lifecycle, tasks }),
  deriveCard(flash, { id: flash.id, lifecycle: ends2027, tasks }),
  deriveCard(flash25, { id: flash25.id, lifecycle: flash25.lifecycle, tasks }),
] as const satisfies readonly ModelCard[]
