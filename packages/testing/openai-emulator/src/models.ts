/** Prices in dollars per million tokens, which is micro-USD per token. */
export type TokenPrices = {
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
}

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

const second: Generation = {
  qualities: threeQualities,
  anySize: true,
  fidelities: [],
  markup: false,
  animated: true,
  prices,
}

/** 2.6 is read as 2.5: no page says that it accepts less. */
const secondPlus: Generation = { ...second, qualities: fiveQualities, markup: true }

/** litellm 1.110.2 on PyPI, its price map, seen 2026-11-30 */
const first: Generation = {
  ...second,
  anySize: false,
  fidelities: ["high", "low"],
  animated: false,
  prices: { ...prices, output: 32 },
}

/** The price of the small model is on no page that was read. It is billed as its larger sibling. */
const firstMini: Generation = { ...first, fidelities: ["low"] }

/** The types of the npm package openai 7.59.0 (resources/images.d.ts), seen 2026-11-30 */
export const generations: { readonly [id: string]: Generation } = {
  "gpt-image-2.6-sunburst": secondPlus,
  "gpt-image-2.6-flare": secondPlus,
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

/** Dollars per delivered picture by resolution, and per input picture; litellm 1.110.2. */
export const xaiModels: {
  readonly [id: string]: { readonly "1k": number; readonly "2k": number; readonly input: number }
} = {
  "grok-imagine-image-2.0": { "1k": 0.04, "2k": 0.06, input: 0.06 },
}

export const modelIds: readonly string[] = [...Object.keys(generations), ...Object.keys(xaiModels)]
