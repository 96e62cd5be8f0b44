import { ImageError, isImageError } from "@pictor/core"
import type { Metadata, Sharp, SharpOptions } from "sharp"
import { refused } from "./refused.ts"

/** Sizes in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** One byte per pixel, in rows. */
export interface Grid extends Size {
  readonly data: Uint8Array
}

/** What the image is called in an error. */
export type Subject = "image" | "mask"

/** An image whose head has been read. */
export interface Picture {
  readonly subject: Subject
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** As the bytes have it, before any turn that EXIF asks for. */
  readonly stored: Size
  /** As people see it. */
  readonly upright: Size
  /** EXIF asks for a turn or a flip. */
  readonly isTurned: boolean
  readonly hasAlpha: boolean
}

/** The most pixels that are read or made, 100 million, so that a small file cannot unpack into all the memory there is. */
export const maxPixels = 100_000_000

/** Sharp is loaded at the first use: a process that never touches an image does not pay for it. */
const loadSharp = async () => {
  try {
    return (await import("sharp")).default
  } catch (cause) {
    throw new ImageError({
      code: "unsupported",
      message: "sharp cannot be loaded on this platform; install it with npm install sharp.",
      cause,
    })
  }
}

/** Reads the head. Throws `invalid_request` for what is empty, too large, damaged, or not a PNG, JPEG, WebP or GIF. */
export const openPicture = async (
  bytes: Uint8Array,
  subject: Subject = "image",
): Promise<Picture> => {
  if (!ArrayBuffer.isView(bytes)) throw refused(`The ${subject} is not a Uint8Array.`)
  if (bytes.byteLength === 0) throw refused(`The ${subject} is empty.`)
  const mediaType = mediaTypeOf(bytes)
  if (mediaType === undefined) throw refused(`The ${subject} is not a PNG, JPEG, WebP or GIF.`)
  const sharp = await loadSharp()
  const metadata = await reading(subject, () =>
    sharp(bytes, { limitInputPixels: false }).metadata(),
  )
  const { width, height, hasAlpha, orientation = 1 } = metadata
  requireArea(`The ${subject}`, { width, height })
  return {
    subject,
    bytes,
    mediaType,
    stored: { width, height },
    upright: uprightSize(metadata),
    isTurned: orientation > 1,
    hasAlpha,
  }
}

/** Its pixels, of the first frame where there are several; whatever fails in `work` is told as damage of the image. */
export const decoded = async <Out>(
  { bytes, subject }: Picture,
  work: (pixels: Sharp) => Promise<Out>,
): Promise<Out> => {
  const sharp = await loadSharp()
  return reading(subject, () =>
    work(sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" })),
  )
}

export const fromGrid = async (
  { data, width, height }: Grid,
  channels: 1 | 2 | 3 | 4 = 1,
): Promise<Sharp> => {
  const raw: SharpOptions = { raw: { width, height, channels }, limitInputPixels: maxPixels }
  return (await loadSharp())(data, raw)
}

/** Whether the first frame has a pixel that is not wholly opaque. */
export const isTransparent = async (picture: Picture): Promise<boolean> =>
  picture.hasAlpha && (await alphaOf(picture)).data.some((alpha) => alpha < 255)

/** 0 is transparent, 255 opaque; all opaque without an alpha channel. */
export const alphaOf = async (picture: Picture): Promise<Grid> => ({
  ...picture.stored,
  data: picture.hasAlpha
    ? await decoded(picture, (pixels) => pixels.extractChannel("alpha").raw().toBuffer())
    : new Uint8Array(picture.stored.width * picture.stored.height).fill(255),
})

/** Throws `invalid_request` for more pixels than are worked on. */
export const requireArea = (name: string, { width, height }: Size): void => {
  if (width * height > maxPixels)
    throw refused(`${name} has ${width}x${height} pixels; at most ${maxPixels} are worked on.`)
}

/** The bytes without Node's `Buffer` around them. */
export const plain = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

// Read here, before sharp sees a byte: sharp would also open SVG, PDF and more, whose readers follow links and cost far more than pixels do.
const mediaTypeOf = (bytes: Uint8Array): string | undefined => {
  const head = String.fromCharCode(...bytes.subarray(0, 12))
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png"
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg"
  if (/^RIFF.{4}WEBP/s.test(head)) return "image/webp"
  return /^GIF8[79]a/.test(head) ? "image/gif" : undefined
}

const uprightSize = ({ width, height, orientation = 1 }: Metadata): Size =>
  orientation >= 5 ? { width: height, height: width } : { width, height }

const reading = async <Out>(subject: Subject, work: () => Promise<Out>): Promise<Out> => {
  try {
    return await work()
  } catch (cause) {
    throw isImageError(cause)
      ? cause
      : refused(`The ${subject} cannot be read: it is damaged or cut off.`, cause)
  }
}
