import type { Size } from "./picture.ts"

/** Sides and pixels as [least, most], `ratio` as longer side to shorter. */
export interface SizeLimits {
  readonly side?: readonly [least: number, most: number]
  readonly pixels?: readonly [least: number, most: number]
  readonly ratio?: number
}

/** How an image comes to a ratio that is allowed: by filling up its short sides, or by cutting off its long ones. */
export type Fit = "contain" | "cover"

export interface FittedSize extends Size {
  /** The ratio had to change by more than stretching hides. */
  readonly isReshaped: boolean
  /** How much smaller or larger than the source it came out. */
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
 * The size within the limits that is nearest to the source scaled by `scale`, at the source's ratio if the limits allow it, else at the most that they
 * allow; undefined if no size is within them.
 */
export const fittedSize = (
  source: Size,
  limits: SizeLimits,
  fit: Fit,
  scale = 1,
): FittedSize | undefined => {
  const [short, long] = sorted(source)
  const ratio = Math.min(long / short, ratioAllowed(limits))
  if (ratio < 1) return undefined
  const whole = fit === "contain" ? long / ratio : short
  const found = nearestWhole(shortSide(whole * scale, ratio, limits), ratio, limits)
  if (found === undefined) return undefined
  const [width, height] =
    source.width >= source.height ? [found.long, found.short] : [found.short, found.long]
  return { width, height, isReshaped: isOff(found, long / short), scale: found.short / whole }
}

const bounds = ({
  side = [1, Infinity],
  pixels = [1, Infinity],
  ratio = Infinity,
}: SizeLimits): Required<SizeLimits> => ({ side, pixels, ratio })

const sorted = ({ width, height }: Size): readonly [short: number, long: number] =>
  width < height ? [width, height] : [height, width]

/** Sides and pixels bound the ratio too: the longest side beside the shortest, the most pixels on the shortest, the least on the longest. */
const ratioAllowed = (limits: SizeLimits): number => {
  const { side, pixels, ratio } = bounds(limits)
  return Math.min(ratio, side[1] / side[0], pixels[1] / side[0] ** 2, side[1] ** 2 / pixels[0])
}

const shortSide = (wanted: number, ratio: number, limits: SizeLimits): number => {
  const { side, pixels } = bounds(limits)
  const least = Math.max(side[0], Math.sqrt(pixels[0] / ratio))
  const most = Math.min(side[1] / ratio, Math.sqrt(pixels[1] / ratio))
  return Math.min(Math.max(wanted, least), most)
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

/** None if no long side is within the limits beside that short one. */
const longSide = (short: number, ratio: number, limits: SizeLimits): readonly Sides[] => {
  const { side, pixels, ratio: mostRatio } = bounds(limits)
  const least = Math.max(short, Math.ceil(pixels[0] / short))
  const most = Math.floor(Math.min(side[1], pixels[1] / short, short * mostRatio))
  return short > 0 && short >= side[0] && least <= most
    ? [{ short, long: Math.min(Math.max(Math.round(short * ratio), least), most) }]
    : []
}

/** Off by a pixel or a hundredth is not worth a bar of background: it is stretched. */
const isOff = (sides: Sides, ratio: number): boolean => {
  const due = sides.short * ratio
  return Math.abs(sides.long - due) > Math.max(1, due / 100)
}
