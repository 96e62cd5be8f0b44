import { type Decoded, isImageData, type Outcome, type Units } from "@pictor/core/adapter"

type UnknownRecord = Readonly<Record<string, unknown>>

/** Reads a reply of Converse. Its first picture is the result. */
export const decode = (reply: unknown, count: number): Decoded => {
  const { output, stopReason, usage: counted } = recordOf(reply)
  const parts = listOf(recordOf(recordOf(output)["message"])["content"]).map(recordOf)
  const pictures = parts.map(pictureOf).filter(isImageData)
  const hasWords = parts.some(({ text }) => typeof text === "string" && text !== "")
  const usage = usageOf(recordOf(counted), hasWords && pictures.length === 0)
  const [picture] = pictures
  const outcome: Outcome =
    picture === undefined
      ? withoutPicture(wordOf(stopReason), hasWords, usage !== undefined)
      : {
          status: "delivered",
          data: picture,
          ...(pictures.length > 1 && {
            warning: `The reply has ${pictures.length} pictures; the first one is the result, and all are charged.`,
          }),
        }
  const missing = Array.from({ length: Math.max(0, count - 1) }, () => onePicture)
  return { outcomes: [outcome, ...missing], ...(usage && { usage }) }
}

const onePicture: Outcome = {
  status: "failed",
  code: "invalid_response",
  message: "A call makes one picture.",
}

const pictureOf = ({ image }: UnknownRecord): unknown =>
  recordOf(recordOf(image)["source"])["bytes"]

/** A reply without a picture is charged for what it counts. */
const withoutPicture = (
  stopReason: string | undefined,
  hasWords: boolean,
  isCounted: boolean,
): Outcome => {
  const billed = isCounted || hasWords ? { billed: true as const } : {}
  if (stopReason === "content_filtered")
    // Bedrock does not say which of the two it was.
    return {
      status: "filtered",
      stage: "unknown",
      reason: "The prompt or the picture was refused: content_filtered.",
      ...billed,
    }
  if (stopReason === "max_tokens")
    return {
      status: "failed",
      code: "provider_failed",
      message: "The reply reached maxTokens before its picture. Use a shorter prompt.",
      retryable: false,
      ...billed,
    }
  if (hasWords)
    return {
      status: "filtered",
      stage: "output",
      reason: "The model answered with words instead of a picture.",
      ...billed,
    }
  const named = stopReason === undefined ? "" : ` and the stop reason ${stopReason}`
  return {
    status: "failed",
    code: stopReason === undefined ? "invalid_response" : "provider_failed",
    message: `The reply has no picture${named}.`,
    retryable: false,
    ...billed,
  }
}

/**
 * The reply counts the tokens of words and pictures in one number. Those of words alone are
 * charged as words, all others as a picture. Undefined for a reply that counts nothing.
 */
const usageOf = (
  { inputTokens, outputTokens }: UnknownRecord,
  hasWordsOnly: boolean,
): Units | undefined => {
  const [input, output] = [countOf(inputTokens), countOf(outputTokens)]
  if (input + output === 0) return undefined
  return {
    inputTextToken: input,
    [hasWordsOnly ? "outputTextToken" : "outputImageToken"]: output,
  }
}

const countOf = (value: unknown): number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0

/** A name of the API. Any other text may repeat the prompt. */
const wordOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return typeof value === "string" && /^[a-z_]{1,60}$/.test(value) ? value : "other"
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const recordOf = (value: unknown): UnknownRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as UnknownRecord)
    : {}
