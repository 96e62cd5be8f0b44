import { alphaMask, maskPng, paint, requireSize, type Span } from "./mask.ts"
import { alphaOf, openPicture, type Size } from "./picture.ts"
import { refused } from "./refused.ts"

/** In pixels from the upper left corner; parts outside of the image are cut off. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** In pixels from the upper left corner; parts outside of the image are cut off. */
export interface Ellipse {
  readonly centerX: number
  readonly centerY: number
  readonly radiusX: number
  readonly radiusY: number
}

/** The area to change; `"alpha"` is what the image has fully transparent. */
export type MaskShape = "alpha" | { readonly box: Box } | { readonly ellipse: Ellipse }

export interface MaskOptions {
  /** Change everything but the shape. */
  readonly invert?: boolean
}

/**
 * A mask for an image or for a size: a pure black and white PNG, white where the model is to change the image. A pixel belongs to a shape if its
 * centre does. Throws `invalid_request`, also where nothing would be white for want of a pixel in the shape.
 *
 * @example
 * const mask = await maskFrom(photo, { ellipse: { centerX: 512, centerY: 300, radiusX: 120, radiusY: 160 } })
 */
export const maskFrom = async (
  source: Uint8Array | Size,
  shape: MaskShape,
  options: MaskOptions = {},
): Promise<Uint8Array> => {
  if (shape === "alpha") return fromAlpha(source, options)
  const size = ArrayBuffer.isView(source) ? (await openPicture(source)).stored : source
  requireSize("The mask", size)
  const rowOf = "box" in shape ? boxRow(shape.box) : ellipseRow(shape.ellipse)
  return maskPng(paint({ width: size.width, height: size.height }, rowOf, options))
}

const fromAlpha = async (source: Uint8Array | Size, options: MaskOptions): Promise<Uint8Array> => {
  if (!ArrayBuffer.isView(source))
    throw refused('A mask from "alpha" needs the image itself, not its size.')
  const alpha = await alphaOf(await openPicture(source))
  if (!alpha.data.includes(0))
    throw refused(
      "The image has no fully transparent pixel, so that its mask would change nothing.",
    )
  return alphaMask(alpha, options)
}

const boxRow = ({ left, top, width, height }: Box): ((y: number) => Span) => {
  requireNumbers("box", { left, top }, { width, height })
  const columns: Span = [firstCentre(left), firstCentre(left + width)]
  const [from, to] = [firstCentre(top), firstCentre(top + height)]
  return (y) => (y >= from && y < to ? columns : [0, 0])
}

const ellipseRow = ({ centerX, centerY, radiusX, radiusY }: Ellipse): ((y: number) => Span) => {
  requireNumbers("ellipse", { centerX, centerY }, { radiusX, radiusY })
  return (y) => {
    const reach = 1 - ((y + 0.5 - centerY) / radiusY) ** 2
    const half = radiusX * Math.sqrt(Math.max(reach, 0))
    return reach < 0 ? [0, 0] : [firstCentre(centerX - half), Math.floor(centerX + half - 0.5) + 1]
  }
}

/** The first pixel whose centre is not before that place. */
const firstCentre = (place: number): number => Math.ceil(place - 0.5)

const requireNumbers = (
  name: string,
  places: Readonly<Record<string, number>>,
  lengths: Readonly<Record<string, number>>,
): void => {
  for (const [key, value] of Object.entries(places))
    if (!Number.isFinite(value)) throw refused(`${name}.${key} is ${value}; give a number.`)
  for (const [key, value] of Object.entries(lengths)) {
    if (!(Number.isFinite(value) && value > 0))
      throw refused(`${name}.${key} is ${value}; give a number above 0.`)
  }
}
