import { chunksOfPng, segmentsOfJpeg, textAt, viewOf } from "./segments.ts"

/** How the pixels of a picture are stored. */
type Colors = "RGB" | "grey" | "palette" | "CMYK" | "16-bit"

/** What the head of a picture says beside its type and size. */
export interface PictureTraits {
  /** EXIF's orientation, 1 to 8; 1 is upright. */
  readonly orientation: number
  readonly colors: Colors
}

/** Reads the head of a PNG, JPEG, WebP or GIF. Upright RGB where nothing else is found. */
export const traitsOf = (bytes: Uint8Array, mediaType: string): PictureTraits => {
  const view = viewOf(bytes)
  if (mediaType === "image/jpeg") return jpegTraits(view)
  if (mediaType === "image/png") return pngTraits(view)
  if (mediaType === "image/gif") return { orientation: 1, colors: "palette" }
  return { orientation: webpOrientation(view), colors: "RGB" }
}

/** The format of a picture that is recognized and not taken. */
export const foreignFormat = (bytes: Uint8Array): "AVIF" | "HEIC" | undefined => {
  const head = textAt(viewOf(bytes), 4, 8)
  if (/^ftypavi[fs]$/.test(head)) return "AVIF"
  return /^ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1)$/.test(head) ? "HEIC" : undefined
}

const jpegTraits = (view: DataView): PictureTraits => {
  let orientation = 1
  for (const { marker, start, length, isFrame } of segmentsOfJpeg(view)) {
    if (marker === 0xe1 && textAt(view, start, 6) === "Exif\0\0")
      orientation = orientationOf(view, start + 6, length - 6)
    if (!isFrame || start + 6 > view.byteLength) continue
    const [precision, channels] = [view.getUint8(start), view.getUint8(start + 5)]
    if (precision !== 8) return { orientation, colors: "16-bit" }
    const colors = channels === 1 ? "grey" : channels === 4 ? "CMYK" : "RGB"
    return { orientation, colors }
  }
  return { orientation, colors: "RGB" }
}

/** https://www.w3.org/TR/png-3/#11IHDR, seen 2026-11-20. */
const pngTraits = (view: DataView): PictureTraits => {
  const [depth, type] = view.byteLength > 25 ? [view.getUint8(24), view.getUint8(25)] : [8, 2]
  let orientation = 1
  for (const { name, start, length } of chunksOfPng(view)) {
    if (name === "eXIf") orientation = orientationOf(view, start, length)
    if (name === "IDAT") break
  }
  if (depth === 16) return { orientation, colors: "16-bit" }
  return { orientation, colors: type === 3 ? "palette" : type === 0 || type === 4 ? "grey" : "RGB" }
}

const webpOrientation = (view: DataView): number => {
  // Only the extended format has metadata.
  if (textAt(view, 12, 4) !== "VP8X") return 1
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at + 4, true)
    if (textAt(view, at, 4) === "EXIF") {
      const head = textAt(view, at + 8, 6) === "Exif\0\0" ? 6 : 0
      return orientationOf(view, at + 8 + head, length - head)
    }
    at += 8 + length + (length % 2)
  }
  return 1
}

/** Tag 0x0112 of the first directory of a TIFF. https://www.cipa.jp/e/std/std-sec.html. */
const orientationOf = (view: DataView, start: number, length: number): number => {
  const end = Math.min(start + length, view.byteLength)
  if (start + 8 > end) return 1
  const isLittle = view.getUint16(start) === 0x4949
  const directory = start + view.getUint32(start + 4, isLittle)
  if (directory + 2 > end) return 1
  const count = view.getUint16(directory, isLittle)
  for (let at = directory + 2; at + 12 <= Math.min(end, directory + 2 + count * 12); at += 12) {
    if (view.getUint16(at, isLittle) !== 0x0112) continue
    const value = view.getUint16(at + 8, isLittle)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}
