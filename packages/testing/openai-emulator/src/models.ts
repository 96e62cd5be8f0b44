/** Prices in dollars per million tokens, which is micro-USD per token. */
type TokenPrices = {
  readonly text: number
  readonly cachedText: number
  readonly image: number
  readonly cachedImage: number
  readonly output: number
}

/** What the models of one generation accept. */
export type Generation = {
  readonly qualities: readonly string[]
  /** Whether sizes beside the three standard ones are accepted. */
  readonly anySize: boolean
  /** The values of `input_fidelity`. Empty if the field has to be omitted. */
  readonly fidelities: readonly string[]
  readonly markup: boolean
  /** Whether gif and svg are accepted from those who have access. */
  readonly animated: boolean
  readonly prices: TokenPrices
  readonly output: OutputTokens
}

/** Tokens of a picture of 1024x1024 and of a longer one, or a grid for any size, by quality. */
type OutputTokens =
  | { readonly listed: { readonly [quality: string]: readonly [square: number, other: number] } }
  | { readonly grids: { readonly [quality: string]: number } }

const threeQualities = ["low", "medium", "high", "auto"]

const fiveQualities = ["low", "medium", "high", "xhigh", "max", "auto"]

/** https://developers.openai.com/api/docs/models/gpt-image-2.6-sunburst, seen 2026-11-30 */
const prices: TokenPrices = {
  text: 5,
  cachedText: 1.25,
  image: 8,
  cachedImage: 2,
  output: 30,
}

/**
 * Cells on the longer side. They give the tokens that OpenAI's calculator shows for gpt-image-2
 * (https://community.openai.com/t/livestream-starting-now-chatgpt-images-2-0/1379464?page=2) and
 * the prices of https://fal.ai/models/openai/gpt-image-2.5/flare/text-to-image for 2.5, both seen
 * 2026-11-30. No page states those of 2.6; a reseller measured those of 2.5 from high upwards, and
 * three to four times as many tokens below.
 */
const grids = {
  second: { low: 16, medium: 48, high: 96 },
  secondPlus: { low: 16, medium: 24, high: 48, xhigh: 64, max: 96 },
  third: { low: 30, medium: 44, high: 48, xhigh: 64, max: 96 },
}

const second: Generation = {
  qualities: threeQualities,
  anySize: true,
  fidelities: [],
  markup: false,
  animated: true,
  prices,
  output: { grids: grids.second },
}

const secondPlus: Generation = {
  ...second,
  qualities: fiveQualities,
  markup: true,
  output: { grids: grids.secondPlus },
}

/** 2.6 is read as 2.5: no page says that it accepts less. */
const third: Generation = { ...secondPlus, output: { grids: grids.third } }

/** litellm 1.110.2 on PyPI, its price map, seen 2026-11-30 */
const first: Generation = {
  ...second,
  anySize: false,
  fidelities: ["high", "low"],
  animated: false,
  prices: { ...prices, output: 32 },
  output: { listed: { low: [272, 408], medium: [1056, 1584], high: [4160, 6240] } },
}

/** https://developers.openai.com/de-DE/api/docs/models/gpt-image-1-mini, seen 2026-11-30 */
const firstMini: Generation = {
  ...first,
  fidelities: ["low"],
  prices: { text: 2, cachedText: 0.2, image: 2.5, cachedImage: 0.25, output: 8 },
}

/** The types of the npm package openai 7.59.0 (resources/images.d.ts), seen 2026-11-30 */
export const generations: { readonly [id: string]: Generation } = {
  "gpt-image-2.6-sunburst": third,
  "gpt-image-2.6-flare": third,
  "gpt-image-2.5-sunburst": secondPlus,
  "gpt-image-2.5-sunburst-2026-09-08": secondPlus,
  "gpt-image-2.5-flare": secondPlus,
  "gpt-image-2.5-flare-2026-09-08": secondPlus,
  "gpt-image-2": second,
  "gpt-image-2-2026-04-21": second,
  "gpt-image-1.5": first,
  "gpt-image-1-mini": firstMini,
  "chatgpt-image-latest": first,
}

/** Models that were shut down before 2026-11-30, by the same types. */
export const retiredModels: readonly string[] = ["gpt-image-1", "dall-e-3", "dall-e-2"]

export type XaiPrices = {
  readonly low: { readonly "1k": number; readonly "2k": number }
  readonly medium: { readonly "1k": number; readonly "2k": number }
  /** The emulator's own: no page states it. */
  readonly input: number
}

/**
 * Dollars per delivered picture by quality and resolution, and per input picture. From
 * https://docs.x.ai/developers/migration/imagine-image-quality-nov-2 and a reseller's discount on
 * it, both seen 2026-11-30.
 */
export const xaiModels: { readonly [id: string]: XaiPrices } = {
  "grok-imagine-image-2.0": {
    low: { "1k": 0.04, "2k": 0.06 },
    medium: { "1k": 0.06, "2k": 0.08 },
    input: 0.01,
  },
}

export const modelIds: readonly string[] = [...Object.keys(generations), ...Object.keys(xaiModels)]
