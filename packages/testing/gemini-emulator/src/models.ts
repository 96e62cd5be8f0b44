/** Width and height of a picture in pixels. */
export type Dimensions = readonly [width: number, height: number]

export type Tier = "512" | "1K" | "2K" | "4K"

export type ThinkingLevel = "MINIMAL" | "MEDIUM" | "HIGH"

/** Dollars per million tokens, which is also micro-USD per token. */
type Prices = {
  /** Texts and pictures of the request. */
  readonly input: number
  /** Words and thoughts of the reply. */
  readonly text: number
  /** Pictures of the reply. */
  readonly image: number
}

/** One model that the emulator serves. */
export type Model = {
  readonly id: string
  /** The name in its pictures and in the list of models. */
  readonly label: string
  /** Pixels at the smallest documented scale of the ratio. */
  readonly ratios: Readonly<Record<string, Dimensions>>
  /** Output tokens of a picture by `imageSize`. Absent if the model does not take that field. */
  readonly sizes?: { readonly [tier in Tier]?: number }
  /** Output tokens of a picture without `imageSize`. */
  readonly imageTokens: number
  /** Absent if the model does not think. Without levels it always thinks alike. */
  readonly thinking?: {
    readonly levels: readonly ThinkingLevel[]
    readonly standard: ThinkingLevel
  }
  readonly prices: Prices
  readonly inputTokenLimit: number
  /** Input tokens of a picture. */
  readonly inputImageTokens: number
}

/**
 * The pixels of 1K; 512, 2K and 4K have half, twice and four times the sides. Google's page says
 * 792x168 for 21:9 at 512, which is another ratio.
 * https://ai.google.dev/gemini-api/docs/image-generation, a copy of 2026
 */
const tenRatios = {
  "1:1": [1024, 1024],
  "2:3": [848, 1264],
  "3:2": [1264, 848],
  "3:4": [896, 1200],
  "4:3": [1200, 896],
  "4:5": [928, 1152],
  "5:4": [1152, 928],
  "9:16": [768, 1376],
  "16:9": [1376, 768],
  "21:9": [1584, 672],
} as const satisfies Readonly<Record<string, Dimensions>>

const fourteenRatios = {
  ...tenRatios,
  "1:4": [512, 2048],
  "4:1": [2048, 512],
  "1:8": [384, 3072],
  "8:1": [3072, 384],
} as const

/** https://ai.google.dev/gemini-api/docs/image-generation, a copy of 2025 */
const flash25Ratios = {
  "1:1": [1024, 1024],
  "2:3": [832, 1248],
  "3:2": [1248, 832],
  "3:4": [864, 1184],
  "4:3": [1184, 864],
  "4:5": [896, 1152],
  "5:4": [1152, 896],
  "9:16": [768, 1344],
  "16:9": [1344, 768],
  "21:9": [1536, 672],
} as const

/**
 * Prices and lifecycles: https://ai.google.dev/gemini-api/docs/pricing as LiteLLM 1.110.2 cites it,
 * and https://ngrok.com/changelog/ai-gateway-gemini-image-output, seen 2026-11-30. Input limits
 * other than Nano Banana 2.1's and input tokens of a picture are assumptions.
 */
export const models: readonly Model[] = [
  {
    id: "gemini-nano-banana-2.1",
    label: "Nano Banana 2.1",
    ratios: fourteenRatios,
    // 1K and 4K: https://inference.sh/apps/google/gemini-nano-banana-2-1.md, 2026-11-06. 2K costs
    // $0.0504: https://docs.laozhang.ai/ja/api-capabilities/nano-banana-2-1-image.md, 2026-10-14.
    // Sources disagree on 512, so the emulator takes it; its tokens are those of Nano Banana 2.
    sizes: { "512": 747, "1K": 1120, "2K": 1680, "4K": 3780 },
    imageTokens: 1120,
    thinking: { levels: ["MINIMAL", "MEDIUM", "HIGH"], standard: "MEDIUM" },
    prices: { input: 1.5, text: 7.5, image: 30 },
    inputTokenLimit: 131_072,
    inputImageTokens: 1120,
  },
  {
    id: "gemini-3-pro-image",
    label: "Nano Banana Pro",
    ratios: tenRatios,
    sizes: { "1K": 1120, "2K": 1120, "4K": 2000 },
    imageTokens: 1120,
    thinking: { levels: [], standard: "MEDIUM" },
    prices: { input: 2, text: 12, image: 120 },
    inputTokenLimit: 65_536,
    inputImageTokens: 560,
  },
  {
    id: "gemini-3.1-flash-image",
    label: "Nano Banana 2",
    ratios: fourteenRatios,
    sizes: { "512": 747, "1K": 1120, "2K": 1680, "4K": 2520 },
    imageTokens: 1120,
    thinking: { levels: ["MINIMAL", "HIGH"], standard: "MINIMAL" },
    prices: { input: 0.5, text: 3, image: 60 },
    inputTokenLimit: 65_536,
    inputImageTokens: 1120,
  },
  {
    id: "gemini-3.1-flash-lite-image",
    label: "Nano Banana 2 Lite",
    // Sources disagree on 10 or 14 ratios.
    ratios: fourteenRatios,
    sizes: { "1K": 1120 },
    imageTokens: 1120,
    thinking: { levels: ["MINIMAL", "HIGH"], standard: "MINIMAL" },
    prices: { input: 0.25, text: 1.5, image: 30 },
    inputTokenLimit: 65_536,
    inputImageTokens: 1120,
  },
  {
    id: "gemini-2.5-flash-image",
    label: "Nano Banana",
    ratios: flash25Ratios,
    imageTokens: 1290,
    prices: { input: 0.3, text: 2.5, image: 30 },
    inputTokenLimit: 65_536,
    inputImageTokens: 258,
  },
]

/** The most tokens of a reply, thoughts and pictures included. */
export const outputTokenLimit = 32_768

/** The most pictures of a request. */
export const maxPictures = 14

const scales: Readonly<Record<Tier, number>> = { "512": 0.5, "1K": 1, "2K": 2, "4K": 4 }

export const dimensionsOf = (model: Model, ratio: string, tier: Tier): Dimensions => {
  const [width, height] = model.ratios[ratio] ?? [1024, 1024]
  return [width * scales[tier], height * scales[tier]]
}

/** The model's ratio that is nearest to a picture's. */
export const nearestRatio = (model: Model, width: number, height: number): string => {
  const distance = ([across, down]: Dimensions): number =>
    Math.abs(Math.log(across / down / (width / height)))
  return Object.entries(model.ratios).reduce<readonly [string, Dimensions]>(
    (best, entry) => (distance(entry[1]) < distance(best[1]) ? entry : best),
    ["1:1", [1024, 1024]],
  )[0]
}

export const modelOf = (id: string): Model | undefined => models.find((model) => model.id === id)
