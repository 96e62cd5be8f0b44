import type { Size } from "@pictor/emulator-kit"
import { generations } from "./models.ts"

/** The usage in a reply. */
export type Usage = {
  readonly input_tokens: number
  readonly input_tokens_details: {
    readonly text_tokens: number
    readonly image_tokens: number
    readonly cached_tokens?: number
    readonly cached_tokens_details?: {
      readonly text_tokens: number
      readonly image_tokens: number
    }
  }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly image_tokens: number; readonly text_tokens: number }
  readonly total_tokens: number
}

/** The output tokens of a picture. A grid has as many cells across as the picture is long. */
const outputTokens = (model: string, quality: string, { width, height }: Size): number => {
  const tokens = generations[model]?.output
  if (tokens === undefined) return 0
  if ("listed" in tokens) return tokens.listed[quality]?.[width === height ? 0 : 1] ?? 0
  const long = tokens.grids[quality] ?? 0
  const short = Math.round((long * Math.min(width, height)) / Math.max(width, height))
  return Math.ceil((long * short * (2_000_000 + width * height)) / 4_000_000)
}

/** OpenAI's guide of gpt-image-1 states it. */
const partialTokens = 100

/** The emulator's own text tokens: one for every four bytes of the prompt. */
const textTokens = (prompt: string): number => Math.ceil(Buffer.byteLength(prompt) / 4)

const patch = 32

const maxPatches = 1536

const highFidelityTokens = 4160

/** The emulator's own input tokens: a picture's patches of 32x32 pixels, at most 1536. */
const pictureTokens = ({ width, height }: Size, highFidelity: boolean): number =>
  Math.min(maxPatches, Math.ceil(width / patch) * Math.ceil(height / patch)) +
  (highFidelity ? highFidelityTokens : 0)

export type Work = {
  readonly model: string
  readonly prompt: string
  readonly size: Size
  readonly quality: string
  /** Pictures that were drawn. */
  readonly count: number
  /** Partial images that were sent. */
  readonly partials: number
  /** Input pictures; mask and markup count as one each. */
  readonly inputs: readonly Size[]
  readonly highFidelity: boolean
  /** Whether the same input was sent before, and its tokens are reported as cached. */
  readonly cached: boolean
}

export const usageOf = (work: Work): Usage => {
  const text = textTokens(work.prompt)
  const image = work.inputs.reduce((sum, size) => sum + pictureTokens(size, work.highFidelity), 0)
  const perPicture = outputTokens(work.model, work.quality, work.size)
  const output = perPicture * work.count + partialTokens * work.partials
  return {
    input_tokens: text + image,
    input_tokens_details: {
      text_tokens: text,
      image_tokens: image,
      ...(work.cached
        ? {
            cached_tokens: text + image,
            cached_tokens_details: { text_tokens: text, image_tokens: image },
          }
        : {}),
    },
    output_tokens: output,
    output_tokens_details: { image_tokens: output, text_tokens: 0 },
    total_tokens: text + image + output,
  }
}

/** A call on the bill. */
export type BillEntry = {
  readonly requestId: string
  readonly model: string
  readonly images: number
  /** Undefined for models that are billed per picture. */
  readonly usage?: Usage
  /** In millionths of a dollar. Rounded half up. */
  readonly microUsd: number
}

export const chargeOf = (model: string, usage: Usage): number => {
  const prices = generations[model]?.prices
  if (prices === undefined) return 0
  const { text_tokens, image_tokens, cached_tokens_details: cached } = usage.input_tokens_details
  const [cachedText, cachedImage] = [cached?.text_tokens ?? 0, cached?.image_tokens ?? 0]
  // Prices are multiples of 1/20.
  const per = (price: number): number => Math.round(20 * price)
  const twentieths =
    per(prices.text) * (text_tokens - cachedText) +
    per(prices.cachedText) * cachedText +
    per(prices.image) * (image_tokens - cachedImage) +
    per(prices.cachedImage) * cachedImage +
    per(prices.output) * usage.output_tokens
  return Math.floor((twentieths + 10) / 20)
}
