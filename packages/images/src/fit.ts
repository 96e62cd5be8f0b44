import { defaultMaxInputPixels } from "@pictor/core/host"
import type { Sharp } from "sharp"
import { inTurn } from "./concurrency.ts"
import { type Encoding, encode, encodings, hasAlphaType } from "./encoding.ts"
import { invalid } from "./errors.ts"
import { type Fit, type FittedSize, fittedSize, isWithin, type SizeLimits } from "./fitted-size.ts"
import { decode, fromGrid, isTransparent, type OpenImage, openImage } from "./open-image.ts"

/** A model's limits for an input image. An absent property is no limit. */
export interface FitLimits extends SizeLimits {
  /** `"image/png"`, `"image/jpeg"`, `"image/webp"`. */
  readonly types?: readonly string[]
  /** Maximum size of the file. */
  readonly bytes?: number
  /** No pixel may be transparent. */
  readonly opaque?: true
  /** Colour of transparent pixels and of padding, `#RRGGBB`; white by default. */
  readonly background?: string
  /**
   * How a ratio that is not allowed changes: `contain` (default) pads the short sides, `cover`
   * crops the long ones.
   */
  readonly fit?: Fit
}

/** The limits, and the image with its settings. */
export interface FitJob extends FitLimits {
  readonly source: OpenImage
  readonly keepsAlpha: boolean
  readonly background: string
  readonly fit: Fit
}

/**
 * Brings an image within a model's limits: resizes it at its own ratio, converts, flattens and
 * rotates it as needed. Returns the same bytes if the image already fits. To save bytes it lowers
 * the quality in an allowed lossy type first, then the size. A new file is 8-bit sRGB without
 * metadata, with sides of at most 16,383 pixels. Throws `invalid_request` for limits that no image
 * can meet.
 *
 * @example
 * const image = await fitImage(photo, { side: [320, 4096], types: ["image/png"], opaque: true })
 */
export const fitImage = (image: Uint8Array, limits: FitLimits): Promise<Uint8Array> =>
  inTurn(() => fitOne(image, limits))

const fitOne = async (image: Uint8Array, limits: FitLimits): Promise<Uint8Array> => {
  const { background = "#ffffff", fit = "contain" } = limits
  requireLimits(limits, background)
  const source = await openImage(image, defaultMaxInputPixels)
  const hasTransparency = await isTransparent(source)
  if (fits(source, limits, hasTransparency)) return image
  const keepsAlpha = hasTransparency && limits.opaque !== true && hasAlphaType(limits.types)
  const candidates = encodings(source.mediaType, limits.types, keepsAlpha)
  if (candidates.length === 0)
    throw invalid(
      `types must include image/png, image/jpeg or image/webp; the image is ${source.mediaType}.`,
    )
  const job = {
    ...limits,
    ...writableSize(limits, defaultMaxInputPixels),
    source,
    keepsAlpha,
    background,
    fit,
  }
  return (await shrink(job, candidates)).file
}

const fits = (source: OpenImage, limits: FitLimits, hasTransparency: boolean): boolean =>
  source.orientation === 1 &&
  isWithin(source.stored, limits) &&
  (limits.types?.includes(source.mediaType) ?? true) &&
  source.bytes.byteLength <= (limits.bytes ?? Infinity) &&
  !(hasTransparency && limits.opaque === true)

/** Tries every encoding at a size before it tries a smaller size. */
export const shrink = async (
  job: FitJob,
  candidates: readonly Encoding[],
): Promise<{ readonly file: Uint8Array; readonly width: number; readonly height: number }> => {
  const { bytes: maxBytes = Infinity, source, fit } = job
  let scale = 1
  let previous: FittedSize | undefined
  for (;;) {
    const size = fittedSize(source.upright, job, fit, scale)
    if (size === undefined)
      throw invalid("No size meets the limits: side, pixels and ratio contradict each other.")
    if (previous && size.width * size.height >= previous.width * previous.height) {
      throw invalid(
        `The image does not fit into ${maxBytes.toLocaleString("en-US")} bytes within the other limits${job.keepsAlpha ? "; try opaque: true" : ""}.`,
      )
    }
    const pixels = await render(job, size)
    let smallest = Infinity
    for (const encoding of candidates) {
      const file = await encode(pixels.clone(), encoding)
      if (file.byteLength <= maxBytes) return { file, width: size.width, height: size.height }
      smallest = Math.min(smallest, file.byteLength)
    }
    previous = size
    scale = size.scale * Math.min(Math.max(Math.sqrt(maxBytes / smallest) * 0.95, 0.25), 0.8)
  }
}

const render = async (
  { source, keepsAlpha, background, fit }: FitJob,
  { width, height, isReshaped }: FittedSize,
): Promise<Sharp> => {
  const { data, info } = await decode(source, (pixels) =>
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

/** WebP's longest side: https://developers.google.com/speed/webp/faq, seen 2026-11-20. */
const longestSide = 16_383

export const writableSize = (
  { side = [1, longestSide], pixels = [1, Infinity] }: SizeLimits,
  maxPixels: number,
): SizeLimits => ({
  side: [side[0], Math.min(side[1], longestSide)],
  pixels: [pixels[0], Math.min(pixels[1], maxPixels)],
})

const requireLimits = (
  { side, pixels, ratio = 1, bytes = 1 }: FitLimits,
  background: string,
): void => {
  for (const [name, range] of Object.entries({ side, pixels })) {
    if (range && !(range[0] > 0 && range[0] <= range[1]))
      throw invalid(`${name} is [${range.join(", ")}]; it must be [min, max] with 0 < min ≤ max.`)
  }
  if (!(ratio >= 1))
    throw invalid(`ratio is ${ratio}; it is the longer side divided by the shorter, at least 1.`)
  if (!(bytes >= 1)) throw invalid(`bytes is ${bytes}; it must be a number above 0.`)
  if (!/^#[0-9a-f]{6}$/i.test(background))
    throw invalid("background is not a colour; it must be #RRGGBB.")
}
