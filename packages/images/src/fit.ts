import type { Sharp } from "sharp"
import { type Encoding, encode, encodings, hasAlphaType } from "./encoding.ts"
import { type Fit, type FittedSize, fittedSize, isWithin, type SizeLimits } from "./fitted-size.ts"
import {
  decoded,
  fromGrid,
  isTransparent,
  maxPixels,
  openPicture,
  type Picture,
} from "./picture.ts"
import { refused } from "./refused.ts"

/** What an image may be, as a model's card says it; nothing is limited that is absent. */
export interface FitLimits extends SizeLimits {
  /** `"image/png"`, `"image/jpeg"`, `"image/webp"`. */
  readonly types?: readonly string[]
  /** The most bytes of the file. */
  readonly bytes?: number
  /** No pixel may be transparent. */
  readonly opaque?: true
  /** What transparent pixels and filled-up sides become, `#RRGGBB`. Default white. */
  readonly background?: string
  /** What to do about a ratio that is not allowed: `contain` (default) fills up the short sides, `cover` cuts off the long ones. */
  readonly fit?: Fit
}

/** The pixels as they are to be written. */
interface Job extends FitLimits {
  readonly picture: Picture
  readonly keepsAlpha: boolean
  readonly background: string
  readonly fit: Fit
}

/**
 * The image within a model's limits: resized at its own ratio, converted, flattened and turned upright as needed; the very same bytes if it already
 * fits. Too many bytes are met first by lower quality in an allowed lossy type, then by a smaller size. What is written anew is sRGB of 8 bits
 * without metadata, and a side is at most 16,383 pixels. Throws `invalid_request` for limits that no image can meet.
 *
 * @example
 * const image = await fitImage(photo, { side: [320, 4096], types: ["image/png", "image/jpeg"], opaque: true })
 */
export const fitImage = async (image: Uint8Array, limits: FitLimits): Promise<Uint8Array> => {
  const { background = "#ffffff", fit = "contain" } = limits
  requireLimits(limits, background)
  const picture = await openPicture(image)
  const isClear = await isTransparent(picture)
  if (fits(picture, limits, isClear)) return image
  const keepsAlpha = isClear && limits.opaque !== true && hasAlphaType(limits.types)
  const ways = encodings(picture.mediaType, limits.types, keepsAlpha)
  if (ways.length === 0)
    throw refused(
      `types names none of image/png, image/jpeg and image/webp, and the image is ${picture.mediaType}.`,
    )
  return shrunk({ ...limits, ...writableSize(limits), picture, keepsAlpha, background, fit }, ways)
}

const fits = (picture: Picture, limits: FitLimits, isClear: boolean): boolean =>
  !picture.isTurned &&
  isWithin(picture.stored, limits) &&
  (limits.types?.includes(picture.mediaType) ?? true) &&
  picture.bytes.byteLength <= (limits.bytes ?? Infinity) &&
  !(isClear && limits.opaque === true)

/** Every encoding is tried at a size before a smaller one is. */
const shrunk = async (job: Job, ways: readonly Encoding[]): Promise<Uint8Array> => {
  const { bytes: most = Infinity, picture, fit } = job
  let scale = 1
  let previous: FittedSize | undefined
  for (;;) {
    const size = fittedSize(picture.upright, job, fit, scale)
    if (size === undefined)
      throw refused("No size is within the limits: side, pixels and ratio contradict each other.")
    if (previous && size.width * size.height >= previous.width * previous.height) {
      throw refused(
        `The image cannot be brought to ${most} bytes within the limits${job.keepsAlpha ? "; try opaque: true" : ""}.`,
      )
    }
    const pixels = await rendered(job, size)
    let smallest = Infinity
    for (const way of ways) {
      const written = await encode(pixels.clone(), way)
      if (written.byteLength <= most) return written
      smallest = Math.min(smallest, written.byteLength)
    }
    previous = size
    scale = size.scale * Math.min(Math.max(Math.sqrt(most / smallest) * 0.95, 0.25), 0.8)
  }
}

const rendered = async (
  { picture, keepsAlpha, background, fit }: Job,
  { width, height, isReshaped }: FittedSize,
): Promise<Sharp> => {
  const { data, info } = await decoded(picture, (pixels) =>
    (keepsAlpha ? pixels : pixels.flatten({ background }))
      .autoOrient()
      .resize(width, height, {
        fit: isReshaped ? fit : "fill",
        background: keepsAlpha ? `${background}00` : background,
      })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true }),
  )
  return fromGrid({ data, width: info.width, height: info.height }, info.channels)
}

/** WebP's longest side, https://developers.google.com/speed/webp/faq, seen 2026-11-20. */
const longestSide = 16_383

const writableSize = ({
  side = [1, longestSide],
  pixels = [1, maxPixels],
}: FitLimits): SizeLimits => ({
  side: [side[0], Math.min(side[1], longestSide)],
  pixels: [pixels[0], Math.min(pixels[1], maxPixels)],
})

const requireLimits = (
  { side, pixels, ratio = 1, bytes = 1 }: FitLimits,
  background: string,
): void => {
  for (const [name, range] of Object.entries({ side, pixels })) {
    if (range && !(range[0] > 0 && range[0] <= range[1]))
      throw refused(`${name} is [${range.join(", ")}]; give [least, most] above 0.`)
  }
  if (!(ratio >= 1)) throw refused(`ratio is ${ratio}; give longer side to shorter, at least 1.`)
  if (!(bytes >= 1)) throw refused(`bytes is ${bytes}; give a number above 0.`)
  if (!/^#[0-9a-f]{6}$/i.test(background))
    throw refused("background is not a colour; give it as #RRGGBB.")
}
