import { chunksOfPng, viewOf } from "../../bytes/segments.ts"
import { type ImageTools, type Input, runOp } from "./read-image.ts"

/** Rejects transparent pixels, and warns where they cannot be ruled out. */
export const checkOpaque = async (path: string, input: Input, tools: ImageTools): Promise<void> => {
  const { diagnostics } = tools
  const transparent = await isTransparent(path, input, tools)
  if (transparent)
    diagnostics.invalid(path, `${path} has transparent pixels; the model takes opaque images.`, {
      allowed: "opaque pixels",
      remedy: "fitImage of @pictor/images flattens it.",
    })
  else if (transparent === undefined)
    diagnostics.warnings.push(
      `${path} has an alpha channel; the model rejects images with transparent pixels.`,
    )
}

/** Does the head of the file allow transparent pixels? */
export const hasAlpha = ({ bytes, image }: Input): boolean =>
  mayBeTransparent(bytes, image.mediaType)

export const mayBeTransparent = (bytes: Uint8Array, mediaType: string | undefined): boolean =>
  mediaType === "image/png" ? hasPngAlpha(bytes) : mediaType === "image/webp" && hasWebpAlpha(bytes)

/** Has the image a pixel that is not opaque? Undefined where it is not known. */
export const isTransparent = async (
  path: string,
  input: Input,
  tools: ImageTools,
): Promise<boolean | undefined> => {
  const { ops } = tools
  if (!hasAlpha(input)) return false
  return ops && (await runOp(path, tools, () => ops.inspect(input.bytes)))?.transparent
}

/** Colour types 4 and 6 (byte 25) have an alpha channel; a `tRNS` chunk has transparent colours. */
const hasPngAlpha = (bytes: Uint8Array): boolean => {
  if (bytes[25] === 4 || bytes[25] === 6) return true
  for (const { name } of chunksOfPng(viewOf(bytes)))
    if (name === "tRNS" || name === "IDAT") return name === "tRNS"
  return false
}

/** Bit 4 of byte 20 in the extended format, of byte 24 in the lossless one. */
const hasWebpAlpha = (bytes: Uint8Array): boolean => {
  const [format, flags = 0, lossless = 0] = [bytes[15], bytes[20], bytes[24]]
  return format === 0x58 ? (flags & 16) !== 0 : format === 0x4c && (lossless & 16) !== 0
}
