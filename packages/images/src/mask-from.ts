import { defaultMaxInputPixels } from "@pictor/core/host"
import { inTurn } from "./concurrency.ts"
import { invalid } from "./errors.ts"
import { alphaMask, maskPng, paint, requireSize, type Span } from "./mask.ts"
import { alphaOf, openImage, type Size } from "./open-image.ts"

/** In pixels from the top left corner; parts outside the image are ignored. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** In pixels from the top left corner; parts outside the image are ignored. */
export interface Ellipse {
  readonly centerX: number
  readonly centerY: number
  readonly radiusX: number
  readonly radiusY: number
}

/** The area to change; `"alpha"` is the image's pixels of alpha below 128. */
export type MaskShape = "alpha" | { readonly box: Box } | { readonly ellipse: Ellipse }

export interface MaskOptions {
  /** Change everything but the shape. */
  readonly invert?: boolean
}

/**
 * Creates a mask for an image or a size: a black and white PNG, white where the model changes the
 * image. A pixel belongs to a shape if its centre does. Throws `invalid_request` if the shape
 * contains no pixel.
 *
 * @example
 * const mask = await maskFrom(photo, { box: { left: 64, top: 64, width: 512, height: 256 } })
 */
export const maskFrom = (
  source: Uint8Array | Size,
  shape: MaskShape,
  options: MaskOptions = {},
): Promise<Uint8Array> => inTurn(() => drawMask(source, shape, options))

const drawMask = async (
  source: Uint8Array | Size,
  shape: MaskShape,
  options: MaskOptions,
): Promise<Uint8Array> => {
  if (shape === "alpha") return fromAlpha(source, options)
  const size = ArrayBuffer.isView(source)
    ? (await openImage(source, defaultMaxInputPixels)).stored
    : source
  requireSize("The mask", size, defaultMaxInputPixels)
  const rowOf = "box" in shape ? boxRow(shape.box) : ellipseRow(shape.ellipse)
  return maskPng(paint({ width: size.width, height: size.height }, rowOf, options))
}

const fromAlpha = async (source: Uint8Array | Size, options: MaskOptions): Promise<Uint8Array> => {
  if (!ArrayBuffer.isView(source)) throw invalid('The shape "alpha" needs an image, not a size.')
  const alpha = await alphaOf(await openImage(source, defaultMaxInputPixels))
  if (alpha.data.every((value) => value >= 128))
    throw invalid("The image has no pixel of alpha below 128, so its mask would be empty.")
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
    const rest = 1 - ((y + 0.5 - centerY) / radiusY) ** 2
    const half = radiusX * Math.sqrt(Math.max(rest, 0))
    return rest < 0 ? [0, 0] : [firstCentre(centerX - half), Math.floor(centerX + half - 0.5) + 1]
  }
}

/** The first pixel whose centre is at or after a coordinate. */
const firstCentre = (coordinate: number): number => Math.ceil(coordinate - 0.5)

const requireNumbers = (
  name: string,
  coordinates: Readonly<Record<string, number>>,
  lengths: Readonly<Record<string, number>>,
): void => {
  for (const [key, value] of Object.entries(coordinates))
    if (!Number.isFinite(value)) throw invalid(`${name}.${key} is ${value}; it must be a number.`)
  for (const [key, value] of Object.entries(lengths)) {
    if (!(Number.isFinite(value) && value > 0))
      throw invalid(`${name}.${key} is ${value}; it must be a number above 0.`)
  }
}
