import type { Decoded, Outcome } from "../contract/adapter.ts"
import type { FilterStage } from "../contract/image.ts"
import { isRecord } from "../lib/object.ts"
import { isImageData } from "./image.ts"

/**
 * Reads a list of base64 images, `{ images, error?, maskImage? }`. Missing images are filtered if
 * there is an `error`, otherwise failed; both are free. `maskImage` belongs to every image.
 */
export const decodeImageList = (reply: unknown, count: number): readonly Outcome[] => {
  const { images, error, maskImage } = isRecord(reply) ? reply : {}
  const mask = isImageData(maskImage) ? { mask: maskImage } : {}
  const found = listOf(images).map(
    (data): Outcome => (isImageData(data) ? { status: "delivered", data, ...mask } : missing()),
  )
  const rest = Array.from({ length: Math.max(0, count - found.length) }, () =>
    typeof error === "string" && error !== "" ? filtered("output", error) : missing(),
  )
  return [...found, ...rest]
}

/**
 * Reads base64 images with one finish reason each, `{ images?, seeds?, finish_reasons? }`. `null`,
 * `""` and `"SUCCESS"` are no reason; `"Filter reason: …"` means filtered, `"Inference error"`
 * failed and retryable.
 */
export const decodeFinishReasons = (reply: unknown, count: number): readonly Outcome[] => {
  const { images, seeds, finish_reasons: reasons } = isRecord(reply) ? reply : {}
  const [data, words, numbers] = [listOf(images), listOf(reasons), listOf(seeds)]
  return Array.from({ length: Math.max(count, data.length) }, (_, index) =>
    finishedOutcome(words[index], data[index], numbers[index]),
  )
}

/** What `decode` returned, in its long form. */
export const decodedOf = (decoded: readonly Outcome[] | Decoded): Decoded =>
  "outcomes" in decoded ? decoded : { outcomes: decoded }

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const finishedOutcome = (reason: unknown, data: unknown, seed: unknown): Outcome => {
  const text = typeof reason === "string" ? reason : ""
  if (/^filter reason/i.test(text)) return filtered(stageOf(text), text)
  if (/^inference error/i.test(text))
    return failed("provider_failed", "The model reported an inference error.", true)
  const isDocumented = text === "" || text === "SUCCESS"
  if (!isImageData(data))
    return isDocumented
      ? missing()
      : failed("provider_failed", "The model returned an undocumented reason and no image.")
  const warning = "The model returned an image with an undocumented finish reason."
  return {
    status: "delivered",
    data,
    ...(typeof seed === "number" && { seed }),
    ...(!isDocumented && { warning }),
  }
}

const stageOf = (reason: string): FilterStage => {
  const text = reason.toLowerCase()
  if (text.includes("prompt")) return "prompt"
  if (text.includes("input")) return "input-image"
  return text.includes("output") ? "output" : "unknown"
}

const maxReasonLength = 300

const filtered = (stage: FilterStage, reason: string): Outcome => ({
  status: "filtered",
  stage,
  reason: reason.slice(0, maxReasonLength),
})

const failed = (
  code: "provider_failed" | "invalid_response",
  message: string,
  retryable = false,
): Outcome => ({ status: "failed", code, message, retryable })

const missing = (): Outcome =>
  failed("invalid_response", "The reply holds neither an image nor a reason for this slot.")
