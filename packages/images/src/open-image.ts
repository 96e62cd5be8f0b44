import { ImageError, isImageError } from "@pictor/core"
import type { Metadata, Sharp, SharpOptions } from "sharp"
import { invalid } from "./errors.ts"

/** Sizes in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** One byte per pixel, in rows. */
export interface Grid extends Size {
  readonly data: Uint8Array
}

/** The image's name in errors. */
export type Subject = "image" | "mask"

/** An image whose header has been read. */
export interface OpenImage {
  readonly maxPixels: number
  readonly subject: Subject
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** Before the rotation that EXIF requests. */
  readonly stored: Size
  /** After that rotation. */
  readonly upright: Size
  /** EXIF's orientation, 1 to 8; above 1 it requests a rotation or a flip. */
  readonly orientation: number
  readonly hasAlpha: boolean
}

/** Loaded on first use, so that a process without images does not pay for it. */
const loadSharp = async () => {
  try {
    return (await import("sharp")).default
  } catch (cause) {
    throw new ImageError({
      code: "unsupported",
      message: "sharp cannot be loaded on this platform; run npm install sharp.",
      cause,
    })
  }
}

/**
 * Reads the header. Throws `invalid_request` for an image that is empty, too large, damaged, or not
 * a PNG, JPEG, WebP or GIF.
 */
export const openImage = async (
  bytes: Uint8Array,
  maxPixels: number,
  subject: Subject = "image",
): Promise<OpenImage> => {
  if (!ArrayBuffer.isView(bytes)) throw invalid(`The ${subject} is not a Uint8Array.`)
  if (bytes.byteLength === 0) throw invalid(`The ${subject} is empty.`)
  const mediaType = mediaTypeOf(bytes)
  if (mediaType === undefined) throw invalid(`The ${subject} is not a PNG, JPEG, WebP or GIF.`)
  const sharp = await loadSharp()
  const metadata = await rejectDamage(subject, () =>
    sharp(bytes, { limitInputPixels: false }).metadata(),
  )
  const { width, height, hasAlpha, orientation = 1 } = metadata
  requireArea(`The ${subject}`, { width, height }, maxPixels)
  return {
    maxPixels,
    subject,
    bytes,
    mediaType,
    stored: { width, height },
    upright: uprightSize(metadata),
    orientation,
    hasAlpha,
  }
}

/** Decodes the first frame. An error in `work` means that the image is damaged. */
export const decode = async <Out>(
  { bytes, subject, maxPixels }: OpenImage,
  work: (pixels: Sharp) => Promise<Out>,
): Promise<Out> => {
  const sharp = await loadSharp()
  return rejectDamage(subject, () =>
    work(sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" })),
  )
}

export const fromGrid = async (
  { data, width, height }: Grid,
  channels: 1 | 2 | 3 | 4 = 1,
): Promise<Sharp> => {
  const raw: SharpOptions = { raw: { width, height, channels }, limitInputPixels: false }
  return (await loadSharp())(data, raw)
}

/** Whether the first frame has a pixel that is not fully opaque. */
export const isTransparent = async (source: OpenImage): Promise<boolean> =>
  source.hasAlpha && !isAllOpaque((await alphaOf(source)).data)

/** Four pixels at a time: a callback for each would hold up the process. */
const isAllOpaque = (alpha: Uint8Array): boolean => {
  const whole = alpha.length - (alpha.length % 4)
  const isAligned = alpha.byteOffset % 4 === 0
  const bytes = isAligned ? alpha : alpha.slice()
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, whole / 4)
  for (let index = 0; index < words.length; index++) if (words[index] !== 0xffff_ffff) return false
  return bytes.subarray(whole).every((value) => value === 255)
}

/** From 0, transparent, to 255, opaque; an image without an alpha channel is opaque. */
export const alphaOf = async (source: OpenImage): Promise<Grid> => ({
  ...source.stored,
  data: source.hasAlpha
    ? await decode(source, (pixels) => pixels.extractChannel("alpha").raw().toBuffer())
    : new Uint8Array(source.stored.width * source.stored.height).fill(255),
})

/** Limits memory: a small file can unpack into any number of pixels. */
export const requireArea = (name: string, { width, height }: Size, maxPixels: number): void => {
  if (width * height > maxPixels)
    throw invalid(
      `${name} has ${width}x${height} pixels; the maximum is ${maxPixels.toLocaleString("en-US")}.`,
    )
}

/** The bytes as a plain `Uint8Array` instead of a `Buffer`. */
export const plain = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

// Checked before sharp sees a byte: sharp also opens SVG and PDF, whose readers follow links and
// take any amount of time.
const mediaTypeOf = (bytes: Uint8Array): string | undefined => {
  const head = String.fromCharCode(...bytes.subarray(0, 12))
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png"
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg"
  if (/^RIFF.{4}WEBP/s.test(head)) return "image/webp"
  return /^GIF8[79]a/.test(head) ? "image/gif" : undefined
}

const uprightSize = ({ width, height, orientation = 1 }: Metadata): Size =>
  orientation >= 5 ? { width: height, height: width } : { width, height }

const rejectDamage = async <Out>(subject: Subject, work: () => Promise<Out>): Promise<Out> => {
  try {
    return await work()
  } catch (cause) {
    throw isImageError(cause)
      ? cause
      : invalid(`The ${subject} cannot be read: it is damaged or incomplete.`, cause)
  }
}
