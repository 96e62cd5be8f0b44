import type { Parameter } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"

export type Grid = Extract<Parameter, { readonly kind: "grid" }>
export type Tiers = Extract<Parameter, { readonly kind: "tiers" }>

export const area = ({ width, height }: Size): number => Math.round(width * height)

export const sizeText = ({ width, height }: Size): string => `${width}x${height}`

export const matchOf = (pattern: RegExp, text: unknown): RegExpExecArray | null =>
  typeof text === "string" ? pattern.exec(text) : null

/** `"1024x768"` → numbers; anything else → undefined. */
export const parseSize = (text: unknown): Size | undefined => {
  const match = matchOf(/^([1-9]\d{0,8})x([1-9]\d{0,8})$/, text)
  return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined
}

/** The pixels of a tier: `"2K"` is 2,048 squared, `"512"` or `"512sq"` is 512 squared. */
export const tierPixels = (text: unknown): number | undefined => {
  const match = matchOf(/^(?:(\d{1,2}(?:\.\d{1,2})?)k|(\d{2,5})(?:sq)?)$/i, text)
  const side = match ? Math.round(Number(match[1] ?? 0) * 1024) || Number(match[2]) : 0
  return side > 0 ? side ** 2 : undefined
}

/** The card's name of a tier, whose letters may have any case. */
export const findTier = ({ values }: Tiers, text: unknown): string | undefined =>
  typeof text === "string"
    ? Object.keys(values).find((name) => name.toLowerCase() === text.toLowerCase())
    : undefined

/** Is the text, such as `"1024x768"`, a size of the grid? */
export const isOnGrid = (grid: Grid, text: unknown): boolean => {
  const { side, multiple, pixels, minPixels = 0, ratio } = grid
  const size = parseSize(text)
  if (!size) return false
  const { width, height } = size
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  return (
    short >= side[0] &&
    long <= side[1] &&
    width % multiple === 0 &&
    height % multiple === 0 &&
    width * height <= pixels &&
    width * height >= minPixels &&
    long <= short * ratio
  )
}

export type SizeParameter = Extract<Parameter, { readonly kind: "sizes" | "grid" }>

/** The price of an image by its pixels; undefined where it is unknown. */
export type PriceByPixels = (pixels: number) => number | undefined

/** The nearest legal size. The ratio counts first, then the price row, then the pixels. */
export const snapSize = (parameter: SizeParameter, wanted: Size, priceOf: PriceByPixels): Size =>
  parameter.kind === "grid"
    ? snapToGrid(parameter, wanted, priceOf)
    : snapToList(parameter.values, wanted, priceOf)

/** The distance of two proportions, in either direction. */
export const gap = (one: number, other: number): number => Math.abs(Math.log(one / other))

/** Ratios that differ by less are equal. */
const sameRatio = 1e-6

/** A size keeps at least this share of the requested pixels to be preferred for its price. */
const keptShare = 0.8

const isDearer = (size: Size, wanted: Size, priceOf: PriceByPixels): boolean => {
  const [price, limit] = [priceOf(area(size)), priceOf(area(wanted))]
  return price !== undefined && limit !== undefined && price > limit
}

const snapToGrid = (grid: Grid, wanted: Size, priceOf: PriceByPixels): Size => {
  const { multiple } = grid
  // Ties go down: 1000 / 16 = 62.5 → 62.
  const nearest = legalSize(grid, wanted, (length) => Math.ceil(length / multiple - 0.5) * multiple)
  return isDearer(nearest, wanted, priceOf)
    ? legalSize(grid, wanted, (length) => Math.floor(length / multiple) * multiple)
    : nearest
}

const legalSize = (grid: Grid, wanted: Size, round: (length: number) => number): Size => {
  const { multiple, side, ratio, pixels, minPixels = 0 } = grid
  const down = (length: number): number => Math.floor(length / multiple) * multiple
  const up = (length: number): number => Math.ceil(length / multiple) * multiple
  const least = up(side[0])
  const clamp = (length: number): number => Math.min(down(side[1]), Math.max(least, length))
  const enlarged = enlarge(grid, wanted)
  let width = clamp(enlarged ? up(enlarged.width) : round(wanted.width))
  let height = clamp(enlarged ? up(enlarged.height) : round(wanted.height))
  // Rounding after one limit may break another one. Every pass makes the size smaller.
  for (;;) {
    const before = width * height
    width = Math.min(width, down(height * ratio))
    height = Math.min(height, down(width * ratio))
    if (width * height > pixels) {
      const scale = Math.sqrt(pixels / (width * height))
      ;[width, height] = [clamp(down(width * scale)), clamp(down(height * scale))]
      // A side that cannot shrink leaves the rest to the other one.
      if (width > height) width = Math.min(width, clamp(down(pixels / height)))
      else height = Math.min(height, clamp(down(pixels / width)))
    }
    if (width * height === before) break
  }
  // The shorter side can grow without breaking the limit of the ratio.
  while (width * height < minPixels && Math.min(width, height) < down(side[1]))
    if (width < height) width += multiple
    else height += multiple
  return { width, height }
}

/** A smaller size at the fewest pixels of the grid, in a ratio that it allows. */
const enlarge = ({ ratio, minPixels = 0 }: Grid, { width, height }: Size): Size | undefined => {
  const within = { width: Math.min(width, height * ratio), height: Math.min(height, width * ratio) }
  const scale = Math.sqrt(minPixels / (within.width * within.height))
  return scale > 1 ? { width: within.width * scale, height: within.height * scale } : undefined
}

const snapToList = (values: readonly string[], wanted: Size, priceOf: PriceByPixels): Size => {
  const sizes = values.flatMap((each) => parseSize(each) ?? [])
  const ratioGap = ({ width, height }: Size): number =>
    gap(width / height, wanted.width / wanted.height)
  const least = Math.min(...sizes.map(ratioGap))
  const rivals = sizes.filter((size) => ratioGap(size) <= least + sameRatio)
  return nearestByPrice(rivals, wanted, priceOf)
}

/** The nearest area, unless it is dearer than the wanted one and another keeps enough of it. */
export const nearestByPrice = (
  rivals: readonly Size[],
  wanted: Size,
  priceOf: PriceByPixels,
): Size => {
  const nearest = nearestArea(rivals, wanted)
  if (!isDearer(nearest, wanted, priceOf)) return nearest
  const cheaper = rivals.filter(
    (size) => !isDearer(size, wanted, priceOf) && area(size) >= keptShare * area(wanted),
  )
  return cheaper.length > 0 ? nearestArea(cheaper, wanted) : nearest
}

/** Of two areas that are equally near, the smaller. */
const nearestArea = (sizes: readonly Size[], wanted: Size): Size => {
  // Rounding makes areas tie, whatever the order of the divisions.
  const distance = (size: Size): number => Math.round(gap(area(size), area(wanted)) * 1e12)
  return sizes.reduce((left, right) =>
    (distance(left) - distance(right) || area(left) - area(right)) <= 0 ? left : right,
  )
}
