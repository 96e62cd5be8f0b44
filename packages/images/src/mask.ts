import type { Sharp } from "sharp"
import {
  alphaOf,
  decoded,
  fromGrid,
  type Grid,
  openPicture,
  plain,
  requireArea,
  type Size,
} from "./picture.ts"
import { refused, requireWhole } from "./refused.ts"

/** The mask as pure black and white: at least 128 is white, and what is transparent counts as black. */
export const thresholdMask = async (mask: Uint8Array): Promise<Uint8Array> =>
  maskPng(await binary(mask))

/** The opposite of {@link thresholdMask}. */
export const invertMask = async (mask: Uint8Array): Promise<Uint8Array> =>
  maskPng(await binary(mask), (pixels) => pixels.negate())

/** White where the image is fully transparent, black elsewhere. */
export const alphaToMask = async (image: Uint8Array): Promise<Uint8Array> =>
  alphaMask(await alphaOf(await openPicture(image)))

/** The mask as pure black and white of that size, each pixel a copy of the nearest one. */
export const resizeMask = async (
  mask: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> => {
  requireSize("The resized mask", { width, height })
  return maskPng(await binary(mask), (pixels) =>
    pixels.resize(width, height, { fit: "fill", kernel: "nearest" }),
  )
}

/** {@link alphaToMask} of an alpha channel; `invert` makes the rest white. */
export const alphaMask = (
  alpha: Grid,
  { invert = false }: { readonly invert?: boolean } = {},
): Promise<Uint8Array> =>
  maskPng(alpha, (pixels) => {
    // Sharp negates after the threshold, in whatever order the two are called.
    const visible = pixels.threshold(1)
    return invert ? visible : visible.negate()
  })

/** PNG of 8 bits in red, green and blue, because that is how models' pages write a mask's colours. */
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

/** Throws `invalid_request` unless both sides are whole, above 0 and not too large together. */
export const requireSize = (name: string, size: Size): void => {
  requireWhole(`${name}'s width`, size.width, 1)
  requireWhole(`${name}'s height`, size.height, 1)
  requireArea(name, size)
}

/** The pixels of a row that lie inside a shape: from, up to but not including. */
export type Span = readonly [from: number, to: number]

/** 255 inside, 0 outside, or the other way round with `invert`. Throws `invalid_request` for a shape that touches no pixel. */
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
  if (painted === 0) throw refused(`The shape touches no pixel of ${width}x${height}.`)
  return { ...size, data }
}

const binary = async (mask: Uint8Array): Promise<Grid> => {
  const picture = await openPicture(mask, "mask")
  const data = await decoded(picture, (pixels) =>
    pixels.flatten({ background: "#000000" }).threshold(128).toColourspace("b-w").raw().toBuffer(),
  )
  return { ...picture.stored, data }
}
