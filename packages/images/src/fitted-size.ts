import type { Size } from "./open-image.ts"

/** `ratio` is the longer side divided by the shorter. */
export interface SizeLimits {
  readonly side?: readonly [min: number, max: number]
  readonly pixels?: readonly [min: number, max: number]
  readonly ratio?: number
}

/**
 * How an image gets an allowed ratio: `contain` pads its short sides, `cover` crops its long ones.
 */
export type Fit = "contain" | "cover"

export interface FittedSize extends Size {
  /** The ratio changes so much that stretching would show. */
  readonly isReshaped: boolean
  /** Relative to the source. */
  readonly scale: number
}

export const isWithin = ({ width, height }: Size, limits: SizeLimits): boolean => {
  const { side, pixels, ratio } = bounds(limits)
  const [short, long] = sorted({ width, height })
  const area = short * long
  return (
    short >= side[0] &&
    long <= side[1] &&
    area >= pixels[0] &&
    area <= pixels[1] &&
    long <= short * ratio
  )
}

/**
 * The size within the limits that is nearest to the scaled source, at the source's ratio or the
 * largest ratio that the limits allow; undefined if no size meets the limits.
 */
export const fittedSize = (
  source: Size,
  limits: SizeLimits,
  fit: Fit,
  scale = 1,
): FittedSize | undefined => {
  const [short, long] = sorted(source)
  const ratio = Math.min(long / short, maxRatio(limits))
  if (ratio < 1) return undefined
  const unscaled = fit === "contain" ? long / ratio : short
  const found = nearestWhole(shortSide(unscaled * scale, ratio, limits), ratio, limits)
  if (found === undefined) return undefined
  const [width, height] =
    source.width >= source.height ? [found.long, found.short] : [found.short, found.long]
  return {
    width,
    height,
    isReshaped: needsReshape(found, long / short),
    scale: found.short / unscaled,
  }
}

const bounds = ({
  side = [1, Infinity],
  pixels = [1, Infinity],
  ratio = Infinity,
}: SizeLimits): Required<SizeLimits> => ({ side, pixels, ratio })

const sorted = ({ width, height }: Size): readonly [short: number, long: number] =>
  width < height ? [width, height] : [height, width]

/** The limits of sides and pixels also limit the ratio. */
const maxRatio = (limits: SizeLimits): number => {
  const { side, pixels, ratio } = bounds(limits)
  return Math.min(ratio, side[1] / side[0], pixels[1] / side[0] ** 2, side[1] ** 2 / pixels[0])
}

const shortSide = (preferred: number, ratio: number, limits: SizeLimits): number => {
  const { side, pixels } = bounds(limits)
  const min = Math.max(side[0], Math.sqrt(pixels[0] / ratio))
  const max = Math.min(side[1] / ratio, Math.sqrt(pixels[1] / ratio))
  return Math.min(Math.max(preferred, min), max)
}

interface Sides {
  readonly short: number
  readonly long: number
}

const nearestWhole = (short: number, ratio: number, limits: SizeLimits): Sides | undefined => {
  const distance = (sides: Sides): number =>
    Math.abs(Math.log(sides.short / short)) + Math.abs(Math.log(sides.long / sides.short / ratio))
  return [0, -1, 1, -2, 2, -3, 3]
    .map((step) => Math.round(short) + step)
    .flatMap((side) => longSide(side, ratio, limits))
    .toSorted((one, other) => distance(one) - distance(other))[0]
}

/** Empty if no long side meets the limits with this short side. */
const longSide = (short: number, ratio: number, limits: SizeLimits): readonly Sides[] => {
  const { side, pixels, ratio: ratioLimit } = bounds(limits)
  const min = Math.max(short, Math.ceil(pixels[0] / short))
  const max = Math.floor(Math.min(side[1], pixels[1] / short, short * ratioLimit))
  return short > 0 && short >= side[0] && min <= max
    ? [{ short, long: Math.min(Math.max(Math.round(short * ratio), min), max) }]
    : []
}

/** A difference of one pixel or 1 % is stretched: padding would show more. */
const needsReshape = (sides: Sides, ratio: number): boolean => {
  const exact = sides.short * ratio
  return Math.abs(sides.long - exact) > Math.max(1, exact / 100)
}
