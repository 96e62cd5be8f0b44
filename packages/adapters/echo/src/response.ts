import { isImageData, type Outcome } from "@pictor/core/adapter"

const failed: Outcome = {
  status: "failed",
  code: "invalid_response",
  message: "The reply holds no image for this slot.",
}

/** `{ images: base64[], filtered?: number }`: the last `filtered` ones were held back. */
export const decode = (reply: unknown, count: number): readonly Outcome[] => {
  const { images, filtered } = (typeof reply === "object" && reply !== null ? reply : {}) as {
    readonly images?: unknown
    readonly filtered?: unknown
  }
  const found: readonly unknown[] = Array.isArray(images) ? images : []
  const held = typeof filtered === "number" ? filtered : 0
  return Array.from({ length: Math.max(count, found.length) }, (_, index): Outcome => {
    const data = found[index]
    if (isImageData(data)) return { status: "delivered", data }
    return index >= found.length && index < found.length + held
      ? { status: "filtered", stage: "output", reason: "held back" }
      : failed
  })
}
