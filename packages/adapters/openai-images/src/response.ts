import {
  type Decoded,
  type HttpFailure,
  isImageData,
  type Outcome,
  type PartialImage,
  type Units,
} from "@pictor/core/adapter"

type JsonRecord = Readonly<Record<string, unknown>>

export const recordOf = (value: unknown): JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {}

/**
 * Reads a reply with a list of pictures, or the last event of a stream, which has one picture. What
 * a picture of the list has instead of base64 is the file behind its URL, if the transport fetched
 * it.
 */
export const decode = (reply: unknown, count: number): Decoded => {
  const { data, type, usage } = recordOf(reply)
  const counted = usageOf(usage)
  const outcomes =
    typeof type === "string"
      ? [eventOutcome(type, recordOf(reply))]
      : outcomesOf(data, count, outcomeOf)
  return { outcomes, ...(counted && { usage: counted }) }
}

/** The outcomes of the entries of `data`; an entry that is missing has failed. */
export const outcomesOf = (
  data: unknown,
  count: number,
  outcome: (entry: JsonRecord) => Outcome,
): readonly Outcome[] => {
  const entries: readonly unknown[] = Array.isArray(data) ? data : []
  return Array.from({ length: Math.max(count, entries.length) }, (_, index) =>
    outcome(recordOf(entries[index])),
  )
}

/** A preliminary picture of a stream. A streamed call makes one image. */
export const partial = (event: unknown): PartialImage | undefined => {
  const { type, b64_json: data, partial_image_index: step } = recordOf(event)
  if (typeof type !== "string" || !type.endsWith(".partial_image") || !isImageData(data))
    return undefined
  return { index: 0, step: Number.isSafeInteger(step) ? (step as number) : 0, data }
}

/** The picture of an entry of `data`. */
export const outcomeOf = ({ b64_json: base64, url }: JsonRecord): Outcome => {
  if (isImageData(base64)) return { status: "delivered", data: base64 }
  if (typeof url === "object" && isImageData(url)) return { status: "delivered", data: url }
  return typeof url === "string"
    ? failed("The image is behind a URL that could not be fetched.")
    : { status: "failed", code: "invalid_response", message: "The reply has no image here." }
}

const eventOutcome = (type: string, { b64_json: data }: JsonRecord): Outcome =>
  type.endsWith(".completed") && isImageData(data)
    ? { status: "delivered", data }
    : failed("The stream ended before the image was complete.")

const failed = (message: string): Outcome => ({
  status: "failed",
  code: "invalid_response",
  message: `${message} It may have been charged.`,
  retryable: false,
  billed: true,
})

/** What the reply counted; undefined without numbers. */
const usageOf = (usage: unknown): Units | undefined => {
  const { input_tokens_details: input, output_tokens: output, ...rest } = recordOf(usage)
  const { text_tokens: text, image_tokens: image, cached_tokens_details: cached } = recordOf(input)
  const [texts, images, outputs] = [countOf(text), countOf(image), countOf(output)]
  if (texts === undefined || images === undefined || outputs === undefined) return undefined
  const { text_tokens: cachedText, image_tokens: cachedImage } = recordOf(cached)
  const outputText = within(recordOf(rest["output_tokens_details"])["text_tokens"], outputs)
  const [cachedTexts, cachedImages] = [within(cachedText, texts), within(cachedImage, images)]
  return {
    inputTextToken: texts - cachedTexts,
    inputImageToken: images - cachedImages,
    ...(cachedTexts > 0 && { cachedInputTextToken: cachedTexts }),
    ...(cachedImages > 0 && { cachedInputImageToken: cachedImages }),
    outputImageToken: outputs - outputText,
    ...(outputText > 0 && { outputTextToken: outputText }),
  }
}

const countOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined

/** A part of a count; 0 if it is none. */
const within = (part: unknown, whole: number): number => Math.min(countOf(part) ?? 0, whole)

/** The provider's own words that may be repeated: names of fields, codes and categories. */
const wordOf = (value: unknown): string | undefined =>
  typeof value === "string" && /^[\w.[\]/-]{1,60}$/.test(value) ? value : undefined

const stages = { input: "prompt", output: "output" } as const

const blockedCodes: readonly unknown[] = [
  "moderation_blocked",
  "content_policy_violation",
  "content_filter",
  "contentFilter",
  "ResponsibleAIPolicyViolation",
]

const billingCodes: readonly unknown[] = ["insufficient_quota", "billing_hard_limit_reached"]

/** Reads an error in the envelope `{ error: { code, type, param, message } }`. */
export const failure = (status: number, body: unknown): HttpFailure | undefined => {
  const error = recordOf(recordOf(body)["error"])
  const { code, type, param, message } = error
  if (blockedCodes.includes(code)) return blocked(error)
  if (billingCodes.includes(code) || type === "insufficient_quota")
    return {
      code: "quota_exceeded",
      message: "The account has no credit left, or its spending limit is reached; add credit",
      retryable: false,
    }
  const text = typeof message === "string" ? message : ""
  if (status === 403 && /verif/i.test(text))
    return {
      code: "forbidden",
      message:
        "The organization must be verified to use this model; verify it in the provider's settings, under General",
    }
  if (/\b(?:retired|shut down|deprecated|no longer available)\b/i.test(text) && status === 404)
    return { code: "model_retired", message: "The model is retired; use its successor" }
  const field = wordOf(param)
  if (status !== 400 || field === undefined) return undefined
  const why = wordOf(code)
  return {
    code: "invalid_request",
    message: `The provider rejected the field ${field}${why === undefined ? "" : ` (${why})`}`,
  }
}

const maxCategories = 5

const blocked = ({ moderation_details: details }: JsonRecord): HttpFailure => {
  const { moderation_stage: found, categories } = recordOf(details)
  const stage = found === "input" || found === "output" ? stages[found] : "unknown"
  const names = (Array.isArray(categories) ? categories.slice(0, maxCategories) : []).flatMap(
    (each) => wordOf(each) ?? [],
  )
  const why = names.length > 0 ? `: ${names.join(", ")}` : ""
  return {
    code: "content_filtered",
    message: `The provider's moderation blocked the ${subjects[stage]}${why}`,
    stage,
  }
}

const subjects = { prompt: "request", output: "image", unknown: "request or its image" } as const
