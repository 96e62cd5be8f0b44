import { ImageError, isImageData, type Outcome, type Stage } from "@pictor/core"

const stageOf = (reason: string): Stage => {
  const words = reason.toLowerCase()
  return words.includes("prompt") ? "prompt" : words.includes("input") ? "input-image" : words.includes("output") ? "output" : "unknown"
}

const listOf = (reply: unknown, key: string): readonly unknown[] => {
  const value: unknown = typeof reply === "object" && reply !== null ? (reply as Record<string, unknown>)[key] : undefined
  return Array.isArray(value) ? value : []
}

const failed = (code: "provider_failed" | "invalid_response", message: string, retryable: boolean): Outcome => ({
  status: "failed",
  error: new ImageError({ code, message, retryable }),
})

const outcome = (reason: unknown, data: unknown, seed: unknown): Outcome => {
  const word = typeof reason === "string" ? reason : ""
  if (/^filter reason/i.test(word)) return { status: "filtered", stage: stageOf(word), reason: word.slice(0, 300) }
  if (/^inference error/i.test(word)) return failed("provider_failed", "The model reported an inference error.", true)
  if (!isImageData(data))
    return word === "" || word === "SUCCESS"
      ? failed("invalid_response", "The reply holds no image for this slot, and no reason why.", false)
      : failed("provider_failed", "The model gave no image, for a reason that is not documented.", false)
  return {
    status: "delivered",
    data,
    ...(typeof seed === "number" ? { seed } : {}),
    ...(word === "" || word === "SUCCESS" ? {} : { warning: "The model gave an image with a finish reason that is not documented." }),
  }
}

/** `{ seeds, finish_reasons, images }`; a filtered reply has the reasons alone. */
export const decode = (reply: unknown, count: number): readonly Outcome[] => {
  const [images, reasons, seeds] = [listOf(reply, "images"), listOf(reply, "finish_reasons"), listOf(reply, "seeds")]
  const length = Math.max(count, images.length)
  return Array.from({ length }, (_, index) => outcome(reasons[index], images[index], seeds[index]))
}
