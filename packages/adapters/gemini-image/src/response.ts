import {
  type Decoded,
  type ImageData,
  isImageData,
  type Outcome,
  type Units,
} from "@pictor/core/adapter"

type UnknownRecord = Readonly<Record<string, unknown>>

/**
 * Reads a reply of `generateContent`. The last picture that is no thought is the result. The other
 * pictures are drafts of it, and charged like it.
 */
export const decode = (reply: unknown, count: number): Decoded => {
  const { candidates, promptFeedback, usageMetadata } = recordOf(reply)
  const candidate = recordOf(listOf(candidates)[0])
  const parts = listOf(recordOf(candidate["content"])["parts"])
    .map(recordOf)
    .filter(({ thought }) => thought !== true)
  const pictures = parts.map(({ inlineData }) => recordOf(inlineData)["data"]).filter(isImageData)
  const usage = usageOf(recordOf(usageMetadata), pictures.length > 0)
  const finishReason = wordOf(candidate["finishReason"])
  const blockReason = wordOf(recordOf(promptFeedback)["blockReason"])
  const picture = pictures.at(-1)
  const outcome =
    picture === undefined
      ? withoutPicture(blockReason, finishReason, parts.some(hasText), usage !== undefined)
      : delivered(picture, pictures.length, finishReason)
  const missing = Array.from({ length: Math.max(0, count - 1) }, () => onePicture)
  return { outcomes: [outcome, ...missing], ...(usage && { usage }) }
}

const onePicture: Outcome = {
  status: "failed",
  code: "invalid_response",
  message: "A call makes one picture.",
}

const delivered = (data: ImageData, count: number, finishReason: string | undefined): Outcome => {
  const warnings = [
    ...(count > 1
      ? [`The reply has ${count} pictures; the last one is the result, and all are charged.`]
      : []),
    ...(finishReason === undefined || finishReason === "STOP"
      ? []
      : [`The model returned a picture with the finish reason ${finishReason}.`]),
  ]
  return {
    status: "delivered",
    data,
    ...(warnings.length > 0 && { warning: warnings.join(" ") }),
  }
}

/** Finish reasons of a picture that was refused. */
const refusals: ReadonlySet<string> = new Set([
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MODEL_ARMOR",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "IMAGE_OTHER",
  "NO_IMAGE",
  "OTHER",
])

/** A reply without a picture is charged for what it counts. A blocked prompt is free. */
const withoutPicture = (
  blockReason: string | undefined,
  finishReason: string | undefined,
  hasWords: boolean,
  isCounted: boolean,
): Outcome => {
  if (blockReason !== undefined)
    return {
      status: "filtered",
      stage: "prompt",
      reason: `The prompt was blocked: ${blockReason}.`,
    }
  const billed = isCounted || hasWords ? { billed: true as const } : {}
  if (finishReason === "MAX_TOKENS")
    return {
      status: "failed",
      code: "provider_failed",
      message:
        "The reply reached maxOutputTokens before its picture. Use a shorter prompt, a smaller size or a lower thinkingLevel.",
      retryable: false,
      ...billed,
    }
  if (finishReason !== undefined && refusals.has(finishReason))
    return {
      status: "filtered",
      stage: "output",
      reason: `The picture was refused: ${finishReason}.`,
      ...billed,
    }
  if (hasWords)
    return {
      status: "filtered",
      stage: "output",
      reason: "The model answered with words instead of a picture.",
      ...billed,
    }
  const named = finishReason === undefined ? "" : ` and the finish reason ${finishReason}`
  return {
    status: "failed",
    code: finishReason === undefined ? "invalid_response" : "provider_failed",
    message: `The reply has no picture${named}.`,
    retryable: false,
    ...billed,
  }
}

/** Undefined for a reply that counts nothing. */
const usageOf = (metadata: UnknownRecord, hasPicture: boolean): Units | undefined => {
  const input = tokensOf(metadata["promptTokenCount"], metadata["promptTokensDetails"], false)
  const output = tokensOf(
    metadata["candidatesTokenCount"],
    metadata["candidatesTokensDetails"],
    hasPicture,
  )
  const usage = {
    inputTextToken: input.words + countOf(metadata["toolUsePromptTokenCount"]),
    inputImageToken: input.pictures,
    outputTextToken: output.words + countOf(metadata["thoughtsTokenCount"]),
    outputImageToken: output.pictures,
  }
  return Object.values(usage).some((tokens) => tokens > 0) ? usage : undefined
}

interface Tokens {
  readonly words: number
  readonly pictures: number
}

/** A total by modality. Without details, an answer with a picture is counted as pictures. */
const tokensOf = (total: unknown, details: unknown, hasPicture: boolean): Tokens => {
  const parts = listOf(details).map(recordOf)
  const sum = (isPicture: boolean): number =>
    parts
      .filter(({ modality }) => (modality === "IMAGE") === isPicture)
      .reduce((tokens, { tokenCount }) => tokens + countOf(tokenCount), 0)
  const [words, pictures] = [sum(false), sum(true)]
  const rest = Math.max(0, countOf(total) - words - pictures)
  return hasPicture && parts.length === 0
    ? { words, pictures: rest }
    : { words: words + rest, pictures }
}

const countOf = (value: unknown): number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0

const hasText = ({ text }: UnknownRecord): boolean => text !== undefined && text !== ""

/** A name of the API. Any other text may repeat the prompt. */
const wordOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return typeof value === "string" && /^[A-Z_]{1,60}$/.test(value) ? value : "OTHER"
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const recordOf = (value: unknown): UnknownRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as UnknownRecord)
    : {}
