import type { Base64, Outcome } from "../contract/adapter.ts"
import { ImageError } from "../contract/errors.ts"
import { isRecord } from "../planning/wire.ts"
import { times } from "../tools/records.ts"

/** Is it what `lift` leaves of an image? */
export const isImageData = (value: unknown): value is Base64 =>
  (typeof value === "string" && value !== "") ||
  (isRecord(value) && value["base64"] instanceof Uint8Array)

const unreadable = (): Outcome => ({
  status: "failed",
  error: new ImageError({
    code: "invalid_response",
    message: "The reply holds no image for this slot, and no reason why.",
  }),
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
