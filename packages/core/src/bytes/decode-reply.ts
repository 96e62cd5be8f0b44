import type { Base64, Outcome } from "../contract/adapter.ts"
import type { FilterStage } from "../contract/result.ts"
import { isRecord, times } from "../lib/object.ts"

/** Is the value image data, as `lift` leaves it in a reply? */
export const isImageData = (value: unknown): value is Base64 =>
  (typeof value === "string" && value !== "") ||
  (isRecord(value) && value["base64"] instanceof Uint8Array)

const unreadable = (): Outcome => ({
  status: "failed",
  code: "invalid_response",
  message: "The reply holds no image for this slot, and no reason why.",
})

/**
 * Reads a list of base64 images, `{ images, error?, maskImage? }`. Missing images are filtered if
 * there is an `error`, otherwise failed; both are free.
 * `maskImage` belongs to every image.
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
 * Reads base64 images with one finish reason each, `{ images?, seeds?, finish_reasons? }`. `null`,
 * `""` and `"SUCCESS"` are no reason;
 * `"Filter reason: …"` means filtered, `"Inference error"` failed and retryable.
 */
export const decodeFinishReasons = (reply: unknown, count: number): readonly Outcome[] => {
  const { images, seeds, finish_reasons: reasons } = isRecord(reply) ? reply : {}
  const [data, words, numbers] = [listOf(images), listOf(reasons), listOf(seeds)]
  return times(Math.max(count, data.length), (index) =>
    outcome(words[index], data[index], numbers[index]),
  )
}
