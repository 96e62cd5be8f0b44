import type { Model, ThinkingLevel, Tier } from "./models.ts"
import type { ImageRequest } from "./request.ts"

/** The tokens of one call. */
export type Usage = {
  readonly inputText: number
  readonly inputImage: number
  readonly thoughts: number
  readonly outputText: number
  readonly outputImage: number
}

/** A token for four bytes of UTF-8, rounded up for each text. */
export const textTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)

export type PromptUsage = Pick<Usage, "inputText" | "inputImage">

export const promptUsage = (
  model: Model,
  { prompt, context, pictures }: ImageRequest,
): PromptUsage => ({
  inputText: textTokens(prompt) + textTokens(context),
  inputImage: pictures.length * model.inputImageTokens,
})

/** Thought tokens by level, an assumption of the emulator. */
const thoughtTokens: Readonly<Record<ThinkingLevel, number>> = {
  MINIMAL: 48,
  MEDIUM: 240,
  HIGH: 960,
}

export const thoughtsAt = (
  level: ThinkingLevel | undefined,
  budget: number | undefined,
): number => {
  if (level === undefined) return 0
  return budget === undefined || budget < 0
    ? thoughtTokens[level]
    : Math.min(budget, thoughtTokens[level])
}

/** Output tokens of one picture. */
export const pictureTokens = (model: Model, tier: Tier | undefined): number =>
  (tier === undefined ? undefined : model.sizes?.[tier]) ?? model.imageTokens

/** What a reply would hold without a limit. */
export type Wanted = {
  readonly thoughts: number
  readonly words: string
  readonly pictures: number
  readonly pictureTokens: number
}

/** What a reply holds, and its tokens. */
export type Plan = {
  readonly words: string
  readonly pictures: number
  readonly isCut: boolean
  readonly usage: Omit<Usage, keyof PromptUsage>
}

/**
 * Thoughts, words and pictures share one limit, in this order. A picture that does not fit is
 * dropped, and the tokens up to the limit are billed.
 */
export const cutAt = (limit: number, wanted: Wanted): Plan => {
  const thoughts = Math.min(limit, wanted.thoughts)
  const outputText = Math.min(limit - thoughts, textTokens(wanted.words))
  const left = limit - thoughts - outputText
  const wantedImage = wanted.pictures * wanted.pictureTokens
  const pictures = Math.min(wanted.pictures, Math.floor(left / wanted.pictureTokens))
  return {
    words: Buffer.from(wanted.words)
      .subarray(0, outputText * 4)
      .toString(),
    pictures,
    isCut: wanted.thoughts + textTokens(wanted.words) + wantedImage > limit,
    usage: { thoughts, outputText, outputImage: Math.min(left, wantedImage) },
  }
}

/** The charge for a call, rounded half up once. */
export const microUsd = ({ prices }: Model, usage: Usage): number =>
  Math.round(
    ((usage.inputText + usage.inputImage) * prices.input * 100 +
      (usage.thoughts + usage.outputText) * prices.text * 100 +
      usage.outputImage * prices.image * 100) /
      100,
  )

type Modality = "TEXT" | "IMAGE"

const details = (
  counts: Readonly<Record<Modality, number>>,
): readonly { readonly modality: Modality; readonly tokenCount: number }[] =>
  (["TEXT", "IMAGE"] as const)
    .map((modality) => ({ modality, tokenCount: counts[modality] }))
    .filter(({ tokenCount }) => tokenCount > 0)

/** The counts as a reply states them. A count of 0 is absent, as in every JSON of its kind. */
export const usageMetadata = (usage: Usage): object => {
  const prompt = usage.inputText + usage.inputImage
  const candidates = usage.outputText + usage.outputImage
  return {
    promptTokenCount: prompt,
    ...(candidates === 0 ? {} : { candidatesTokenCount: candidates }),
    totalTokenCount: prompt + candidates + usage.thoughts,
    promptTokensDetails: details({ TEXT: usage.inputText, IMAGE: usage.inputImage }),
    ...(candidates === 0
      ? {}
      : {
          candidatesTokensDetails: details({ TEXT: usage.outputText, IMAGE: usage.outputImage }),
        }),
    ...(usage.thoughts === 0 ? {} : { thoughtsTokenCount: usage.thoughts }),
  }
}
