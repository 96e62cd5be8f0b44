import type { Parameter } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"
import { memo } from "../tools/memo.ts"
import { area, type Grid, parseSize } from "./sizes.ts"

export type SizeParameter = Extract<Parameter, { readonly kind: "sizes" | "grid" }>

/** What an image of so many pixels costs; undefined where nobody knows. */
export type PriceOfPixels = (pixels: number) => number | undefined

/** `"16:9"` → 1.78; anything else → undefined. */
export const parseRatio = (text: unknown): number | undefined => {
  const match =
    typeof text === "string" ? /^(\d{1,6}(?:\.\d{1,6})?):(\d{1,6}(?:\.\d{1,6})?)$/.exec(text) : null
  const ratio = match ? Number(match[1]) / Number(match[2]) : 0
  return ratio > 0 && Number.isFinite(ratio) ? ratio : undefined
}

/** The size of this ratio and area, before it is made to fit. */
export const sizeOfRatio = (ratio: number, pixels: number): Size => ({
  width: Math.sqrt(pixels * ratio),
  height: Math.sqrt(pixels / ratio),
})

const sizesOf = memo((values: readonly string[]): readonly Size[] =>
  values.flatMap((each) => parseSize(each) ?? []),
)

/** How far two proportions are apart, whichever is larger. */
export const gap = (one: number, other: number): number => Math.abs(Math.log(one / other))

const onGrid = (grid: Grid, asked: Size, priceOf: PriceOfPixels): Size => {
  const { multiple, side, ratio, pixels } = grid
  // Ties go down: 1000 / 16 = 62.5 → 62.
  const rounded = (length: number): number => Math.ceil(length / multiple - 0.5) * multiple
  const down = (length: number): number => Math.floor(length / multiple) * multiple
  const legal = (round: (length: number) => number): Size => {
    const clamp = (length: number): number => Math.min(side[1], Math.max(side[0], round(length)))
    let width = clamp(asked.width)
    let height = clamp(asked.height)
    if (width > height * ratio) width = down(height * ratio)
    if (height > width * ratio) height = down(width * ratio)
    if (width * height > pixels) {
      const scale = Math.sqrt(pixels / (width * height))
      width = down(width * scale)
      height = down(height * scale)
    }
    return { width, height }
  }
  const nearestSize = legal(rounded)
  const limit = priceOf(area(asked))
  const price = priceOf(area(nearestSize))
  return limit !== undefined && price !== undefined && price > limit ? legal(down) : nearestSize
}

const inList = (values: readonly string[], asked: Size, priceOf: PriceOfPixels): Size => {
  const limit = priceOf(area(asked))
  // Rounded, so that sizes of one ratio tie whatever the order of the divisions was.
  const rounded = (distance: number): number => Math.round(distance * 1e12)
  const ratioGap = (size: Size): number =>
    rounded(gap(size.width / size.height, asked.width / asked.height))
  const areaGap = (size: Size): number => rounded(gap(area(size), area(asked)))
  const sizes = sizesOf(values)
  const affordable = sizes.filter(
    (size) => limit === undefined || (priceOf(area(size)) ?? 0) <= limit,
  )
  const closer = (left: Size, right: Size): Size => {
    const farther =
      ratioGap(left) - ratioGap(right) || areaGap(left) - areaGap(right) || area(left) - area(right)
    return farther <= 0 ? left : right
  }
  return (affordable.length > 0 ? affordable : sizes).reduce(closer)
}

/** The nearest legal size, never in a dearer price row than the asked one. */
export const snapSize = (parameter: SizeParameter, asked: Size, priceOf: PriceOfPixels): Size =>
  parameter.kind === "grid"
    ? onGrid(parameter, asked, priceOf)
    : inList(parameter.values, asked, priceOf)

const ratiosOf = memo((values: readonly string[]): readonly number[] =>
  values.map((each) => parseRatio(each) ?? 1),
)

/** The listed ratio nearest to the asked one. */
export const snapRatio = (values: readonly string[], asked: number): string => {
  const gaps = ratiosOf(values).map((ratio) => gap(ratio, asked))
  return values[gaps.indexOf(Math.min(...gaps))] as string
}
