import type { Transform } from "@pictor/core"
import type { Sharp } from "sharp"
import { invalid, requireWhole } from "./errors.ts"
import {
  alphaOf,
  decode,
  fromGrid,
  type Grid,
  openImage,
  plain,
  requireArea,
  type Size,
} from "./open-image.ts"

/** Pure black and white: brightness of at least 128 is white, transparent pixels are black. */
export const thresholdMask = async (maxPixels: number, mask: Uint8Array): Promise<Uint8Array> =>
  maskPng(await binary(mask, maxPixels))

/** The opposite of {@link thresholdMask}. */
export const invertMask = async (maxPixels: number, mask: Uint8Array): Promise<Uint8Array> =>
  maskPng(await binary(mask, maxPixels), (pixels) => pixels.negate())

/** White where the alpha of the image is below 128, black elsewhere. */
export const alphaToMask = async (maxPixels: number, image: Uint8Array): Promise<Uint8Array> =>
  alphaMask(await alphaOf(await openImage(image, maxPixels)))

/** Transparent where the mask is white, black and opaque elsewhere. */
export const maskToAlpha = async (maxPixels: number, mask: Uint8Array): Promise<Uint8Array> => {
  const { data, ...size } = await binary(mask, maxPixels)
  const pixels = new Uint8Array(data.length * 2)
  for (let at = 0; at < data.length; at++) pixels[2 * at + 1] = 255 - (data[at] ?? 0)
  const image = await fromGrid({ ...size, data: pixels }, 2)
  return plain(await image.toColourspace("srgb").png().toBuffer())
}

/** Pure black and white in another size; each pixel is a copy of the nearest one. */
export const resizeMask = async (
  maxPixels: number,
  mask: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> => {
  requireSize("The resized mask", { width, height }, maxPixels)
  return maskPng(await binary(mask, maxPixels), (pixels) =>
    pixels.resize(width, height, { fit: "fill", kernel: "nearest" }),
  )
}

/** Turned as EXIF's orientation says, and in another size; black and white. */
export const applyTransform = async (
  maxPixels: number,
  mask: Uint8Array,
  { orientation, width, height }: Transform,
): Promise<Uint8Array> => {
  requireSize("The turned mask", { width, height }, maxPixels)
  const [stored, size] =
    orientation >= 5
      ? [
          { width: height, height: width },
          { width, height },
        ]
      : [
          { width, height },
          { width, height },
        ]
  const scaled = (await fromGrid(await binary(mask, maxPixels)))
    .resize(stored.width, stored.height, { fit: "fill", kernel: "nearest" })
    .toColourspace("b-w")
  const grid = { ...stored, data: await scaled.raw().toBuffer() }
  const { angle, mirror } = turns[orientation - 1] ?? turns[0]
  const data = await (await fromGrid(grid)).rotate(angle).toColourspace("b-w").raw().toBuffer()
  // A second pass: sharp mirrors before it rotates, in whatever order they are called.
  return maskPng({ ...size, data }, (pixels) => (mirror ? pixels[mirror]() : pixels))
}

/** How each of EXIF's orientations is undone, from 1: first rotated, then mirrored. */
const turns: readonly [Turn, ...Turn[]] = [
  { angle: 0 },
  { angle: 0, mirror: "flop" },
  { angle: 180 },
  { angle: 0, mirror: "flip" },
  { angle: 90, mirror: "flop" },
  { angle: 90 },
  { angle: 90, mirror: "flip" },
  { angle: 270 },
]

interface Turn {
  readonly angle: number
  readonly mirror?: "flip" | "flop"
}

/** Whether a mask has black and white pixels, read as {@link thresholdMask} does. */
export const maskTones = async (
  maxPixels: number,
  mask: Uint8Array,
): Promise<{ readonly black: boolean; readonly white: boolean }> => {
  const { data } = await binary(mask, maxPixels)
  return { black: data.includes(0), white: data.includes(255) }
}

/** {@link alphaToMask} of an alpha channel; `invert` makes the rest white. */
export const alphaMask = (
  alpha: Grid,
  { invert = false }: { readonly invert?: boolean } = {},
): Promise<Uint8Array> =>
  maskPng(alpha, (pixels) => {
    // Sharp applies the threshold before the negation, in whatever order they are called.
    const visible = pixels.threshold(128)
    return invert ? visible : visible.negate()
  })

/** PNG of 8 bits in red, green and blue, because providers document a mask's colours in RGB. */
export const maskPng = async (
  grid: Grid,
  change: (pixels: Sharp) => Sharp = (pixels) => pixels,
): Promise<Uint8Array> =>
  plain(
    await change(await fromGrid(grid))
      .toColourspace("srgb")
      .png()
      .toBuffer(),
  )

/** Throws `invalid_request` unless both sides are whole, above 0 and not too large. */
export const requireSize = (name: string, size: Size, maxPixels: number): void => {
  requireWhole(`${name}'s width`, size.width, 1)
  requireWhole(`${name}'s height`, size.height, 1)
  requireArea(name, size, maxPixels)
}

/** The pixels of a row that are inside a shape; `to` is exclusive. */
export type Span = readonly [from: number, to: number]

/**
 * 255 inside the shape and 0 outside, or the opposite with `invert`. Throws `invalid_request` for a
 * shape without a pixel.
 */
export const paint = (
  size: Size,
  rowOf: (y: number) => Span,
  { invert = false }: { readonly invert?: boolean } = {},
): Grid => {
  const { width, height } = size
  const data = new Uint8Array(width * height).fill(invert ? 255 : 0)
  let painted = 0
  for (let y = 0; y < height; y += 1) {
    const [from, to] = rowOf(y).map((x) => Math.min(Math.max(x, 0), width)) as [number, number]
    if (from < to) data.fill(invert ? 0 : 255, y * width + from, y * width + to)
    painted += Math.max(to - from, 0)
  }
  if (painted === 0)
    throw invalid(`The shape contains no pixel of the image, which has ${width}x${height}.`)
  return { ...size, data }
}

const binary = async (mask: Uint8Array, maxPixels: number): Promise<Grid> => {
  const source = await openImage(mask, maxPixels, "mask")
  const data = await decode(source, (pixels) =>
    pixels.flatten({ background: "#000000" }).threshold(128).toColourspace("b-w").raw().toBuffer(),
  )
  return { ...source.stored, data }
}
