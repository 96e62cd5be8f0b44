import type { Input } from "./inputs.ts"
import { made, type Workshop, worked } from "./workshop.ts"

/** Byte 25 is the colour type, and 4 and 6 have an alpha channel; a `tRNS` chunk before the pixels says the same. */
const pngAlpha = (bytes: Uint8Array): boolean => {
  if (bytes[25] === 4 || bytes[25] === 6) return true
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (name === "tRNS" || name === "IDAT") return name === "tRNS"
  }
  return false
}

/** Bit 4 of byte 20 of the extended form, and of byte 24 of the lossless one. */
const webpAlpha = (bytes: Uint8Array): boolean => {
  const [form, flags = 0, lossless = 0] = [bytes[15], bytes[20], bytes[24]]
  return form === 0x58 ? (flags & 16) !== 0 : form === 0x4c && (lossless & 16) !== 0
}

/** Does the head of the file say that pixels may be transparent? */
export const hasAlpha = ({ bytes, image }: Input): boolean =>
  image.mediaType === "image/png"
    ? pngAlpha(bytes)
    : image.mediaType === "image/webp" && webpAlpha(bytes)

/** Has it a transparent pixel? Undefined where nobody can tell. */
const isTransparent = async (
  path: string,
  input: Input,
  workshop: Workshop,
): Promise<boolean | undefined> => {
  const { ops } = workshop
  if (!hasAlpha(input)) return false
  return ops && (await worked(path, workshop, () => ops.inspect(input.bytes)))?.transparent
}

/** Refuses transparent pixels where they are known, and warns where they may be. */
export const checkOpaque = async (
  path: string,
  input: Input,
  workshop: Workshop,
): Promise<void> => {
  const { notes } = workshop
  const transparent = await isTransparent(path, input, workshop)
  if (transparent)
    notes.invalid(
      path,
      `${path} has transparent pixels, of which the model takes none. fitImage of @pictor/images flattens it.`,
      "opaque pixels",
    )
  else if (transparent === undefined)
    notes.warnings.push(
      `${path} has an alpha channel; the model refuses an image with transparent pixels.`,
    )
}

/** The mask that an image's own transparent pixels are; undefined where it has none. */
export const maskOfAlpha = async (image: Input, workshop: Workshop): Promise<Input | undefined> => {
  const { ops, notes } = workshop
  if (!ops || !(await isTransparent("image", image, workshop))) return undefined
  notes.change({
    field: "mask",
    action: "mapped",
    from: undefined,
    to: "what is transparent changes",
    why: "no mask is given, and the image has transparent pixels",
  })
  return made("mask", workshop, () => ops.alphaToMask(image.bytes))
}
