import { isImageData, type Outcome } from "@pictor/core/adapter"

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

const outcome = (artifact: unknown): Outcome => {
  const { base64, seed, finishReason } = (
    typeof artifact === "object" && artifact !== null ? artifact : {}
  ) as Record<string, unknown>
  const preview = isImageData(base64) ? { preview: base64 } : {}
  // That a filtered image is charged is inferred: it was drawn, and its blurred bytes come with it.
  if (finishReason === "CONTENT_FILTERED")
    return {
      status: "filtered",
      stage: "output",
      reason: "CONTENT_FILTERED",
      ...preview,
      ...("preview" in preview ? { billed: true } : {}),
    }
  if (finishReason === "ERROR")
    return failed("provider_failed", "The model reported an error for this image.", true)
  if (!isImageData(base64))
    return failed(
      "invalid_response",
      "The reply holds no image for this slot, and no reason why.",
      false,
    )
  return {
    status: "delivered",
    data: base64,
    ...(typeof seed === "number" ? { seed } : {}),
    ...(finishReason === "SUCCESS" || finishReason === undefined
      ? {}
      : { warning: "The model gave an image with a finish reason that is not documented." }),
  }
}

/** `{ result, artifacts: [{ seed, base64, finishReason }] }`: each image has its own verdict. */
export const decode = (reply: unknown, count: number): readonly Outcome[] => {
  const artifacts: unknown =
    typeof reply === "object" && reply !== null
      ? (reply as Record<string, unknown>)["artifacts"]
      : undefined
  const list: readonly unknown[] = Array.isArray(artifacts) ? artifacts : []
  return Array.from({ length: Math.max(count, list.length) }, (_, index) => outcome(list[index]))
}
