import type { Base64, Outcome } from "../contract/adapter.ts"
import type { FilterStage } from "../contract/result.ts"
import { isRecord, times } from "../lib/object.ts"

/** Is it what `lift` leaves of an image? */
export const isImageData = (value: unknown): value is Base64 =>
  (typeof value === "string" && value !== "") ||
  (isRecord(value) && value["base64"] instanceof Uint8Array)

const unreadable = (): Outcome => ({
  status: "failed",
  code: "invalid_response",
  message: "The reply holds no image for this slot, and no reason why.",
})

/**
 * Reads `{ images: base64[], error?: string, maskImage?: base64 }`: with an `error` the missing images were filtered, without one they failed; both
 * are free. Titan Image Generator and Nova Canvas answer so.
 * https://docs.aws.amazon.com/nova/latest/userguide/image-gen-errors.html, seen 2026-11-20
 */
export const decodeImageList = (reply: unknown, count: number): readonly Outcome[] => {
  const { images, error, maskImage } = isRecord(reply) ? reply : {}
  const mask = isImageData(maskImage) ? { mask: maskImage } : {}
  const found = (Array.isArray(images) ? images : []).map(
    (data: unknown): Outcome =>
      isImageData(data) ? { status: "delivered", data, ...mask } : unreadable(),
  )
  const missing = (): Outcome =>
    typeof error === "string" && error !== ""
      ? { status: "filtered", stage: "output", reason: error.slice(0, 300) }
      : unreadable()
  return [...found, ...times(count - found.length, missing)]
}

const stageOf = (reason: string): FilterStage => {
  const words = reason.toLowerCase()
  return words.includes("prompt")
    ? "prompt"
    : words.includes("input")
      ? "input-image"
      : words.includes("output")
        ? "output"
        : "unknown"
}

const failed = (
  code: "provider_failed" | "invalid_response",
  message: string,
  retryable: boolean,
): Outcome => ({
  status: "failed",
  code,
  message,
  retryable,
})

const outcome = (reason: unknown, data: unknown, seed: unknown): Outcome => {
  const word = typeof reason === "string" ? reason : ""
  if (/^filter reason/i.test(word))
    return { status: "filtered", stage: stageOf(word), reason: word.slice(0, 300) }
  if (/^inference error/i.test(word))
    return failed("provider_failed", "The model reported an inference error.", true)
  if (!isImageData(data))
    return word === "" || word === "SUCCESS"
      ? failed(
          "invalid_response",
          "The reply holds no image for this slot, and no reason why.",
          false,
        )
      : failed(
          "provider_failed",
          "The model gave no image, for a reason that is not documented.",
          false,
        )
  return {
    status: "delivered",
    data,
    ...(typeof seed === "number" ? { seed } : {}),
    ...(word === "" || word === "SUCCESS"
      ? {}
      : { warning: "The model gave an image with a finish reason that is not documented." }),
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/**
 * Reads `{ images: base64[], seeds: number[], finish_reasons: (string | null)[] }`; a filtered reply has the reasons alone. Stability's models from
 * SD3 on answer so.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-stability-diffusion.html, seen 2026-11-20
 */
export const decodeFinishReasons = (reply: unknown, count: number): readonly Outcome[] => {
  const { images, seeds, finish_reasons: reasons } = isRecord(reply) ? reply : {}
  const [data, words, numbers] = [listOf(images), listOf(reasons), listOf(seeds)]
  return times(Math.max(count, data.length), (index) =>
    outcome(words[index], data[index], numbers[index]),
  )
}
