import type { Parameter, TaskCard } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"
import type { UnknownRecord } from "../lib/object.ts"
import { type Rule, ruleOf } from "../models/parameter.ts"
import { area, type Grid, parseSize, sizeText } from "../models/size.ts"
import { formatNumber } from "../models/suggest.ts"
import type { Diagnostics } from "./diagnostics.ts"

/** The size or the aspect ratio of the images. */
export interface OutputShape {
  readonly size?: Size
  readonly aspectRatio?: string
}

/** What an image costs by its pixels, and a price in words. */
export interface SizePrices {
  readonly priceOf: PriceByPixels
  readonly priceText: (price: number) => string
}

/** The size, or the aspect ratio, that the model will draw. */
export const fitSize = (
  task: TaskCard,
  fields: UnknownRecord,
  prices: SizePrices,
  diagnostics: Diagnostics,
): OutputShape => {
  const requested = readShape(fields, diagnostics)
  const { size, aspectRatio } = task.fields
  if (size?.kind === "sizes" || size?.kind === "grid")
    return fitPixels(size, requested, prices, diagnostics)
  if (aspectRatio?.kind === "ratios") return fitRatio(aspectRatio, requested, diagnostics)
  if (requested)
    diagnostics.drop(requested.field, requested.text, "the model chooses the size itself")
  return {}
}

/** The listed ratio nearest to the wanted one. */
export const snapRatio = (values: readonly string[], wanted: number): string => {
  const gaps = values.map((each) => gap(parseRatio(each) ?? 1, wanted))
  return values[gaps.indexOf(Math.min(...gaps))] as string
}

/** `"16:9"` → 1.78; anything else → undefined. */
export const parseRatio = (text: unknown): number | undefined => {
  const match =
    typeof text === "string" ? /^(\d{1,6}(?:\.\d{1,6})?):(\d{1,6}(?:\.\d{1,6})?)$/.exec(text) : null
  const ratio = match ? Number(match[1]) / Number(match[2]) : 0
  return ratio > 0 && Number.isFinite(ratio) ? ratio : undefined
}

/** The unrounded size of a ratio and an area. */
export const sizeOfRatio = (ratio: number, pixels: number): Size => ({
  width: Math.sqrt(pixels * ratio),
  height: Math.sqrt(pixels / ratio),
})

interface RequestedShape {
  readonly field: "size" | "aspectRatio"
  readonly text: string
  readonly size?: Size
  readonly ratio: number
}

const ratioRule: Rule = {
  words: () => 'two positive numbers with a colon, such as "16:9"',
  takes: (value) => parseRatio(value) !== undefined,
  repeats: "words",
}

const sizeRule: Rule = {
  words: () => 'width x height in pixels, such as "1024x768", or "auto"',
  takes: (value) => value === "auto" || parseSize(value) !== undefined,
  repeats: "words",
}

const readShape = (
  { size, aspectRatio }: UnknownRecord,
  diagnostics: Diagnostics,
): RequestedShape | undefined => {
  if (size !== undefined && aspectRatio !== undefined)
    return diagnostics.conflict("size", "size and aspectRatio")
  const [field, given, rule] =
    size === undefined
      ? (["aspectRatio", aspectRatio, ratioRule] as const)
      : (["size", size, sizeRule] as const)
  if (given === undefined || !diagnostics.check(field, rule, given)) return undefined
  const parsed = parseSize(given)
  const ratio = parsed ? parsed.width / parsed.height : parseRatio(given)
  if (ratio === undefined) return undefined
  return { field, text: given as string, ratio, ...(parsed && { size: parsed }) }
}

const fitPixels = (
  parameter: SizeParameter,
  requested: RequestedShape | undefined,
  prices: SizePrices,
  diagnostics: Diagnostics,
): OutputShape => {
  const defaultSize = parseSize(parameter.default) as Size
  if (!requested) return { size: defaultSize }
  const rule = ruleOf(parameter)
  if (requested.size && rule.takes(requested.text)) return { size: requested.size }
  const wanted = requested.size ?? sizeOfRatio(requested.ratio, area(defaultSize))
  // An aspect ratio asks for no price.
  const priceOf: PriceByPixels = requested.size ? prices.priceOf : () => undefined
  const size = snapSize(parameter, wanted, priceOf)
  const ratio = size.width / size.height
  const isLossless = !requested.size && gap(ratio, requested.ratio) < tinyGap
  const allowed =
    parameter.kind === "grid" ? rule.words() : `${formatNumber(parameter.values.length)} sizes`
  const distance = `${percent(ratio, requested.ratio)} in ratio, ${percent(area(size), area(wanted))} in pixels`
  const [price, askedPrice] = [priceOf(area(size)), priceOf(area(wanted))]
  const cost =
    price === undefined || askedPrice === undefined || price === askedPrice
      ? ""
      : `; an image costs ${prices.priceText(price)} in place of ${prices.priceText(askedPrice)}`
  reportSnap(requested, sizeText(size), isLossless, allowed, distance + cost, diagnostics)
  return { size }
}

const fitRatio = (
  parameter: Extract<Parameter, { readonly kind: "ratios" }>,
  requested: RequestedShape | undefined,
  diagnostics: Diagnostics,
): OutputShape => {
  if (!requested) return { aspectRatio: parameter.default as string }
  const aspectRatio = snapRatio(parameter.values, requested.ratio)
  if (aspectRatio === requested.text) return { aspectRatio }
  const ratio = parseRatio(aspectRatio) ?? 1
  const pixels = requested.size ? area(requested.size) : parameter.pixels
  // The model draws about one area; a requested size of another area is a loss.
  const isLossless =
    gap(ratio, requested.ratio) < tinyGap && gap(pixels, parameter.pixels) <= Math.log(1.1)
  const inPixels = requested.size ? `, about ${percent(parameter.pixels, pixels)} in pixels` : ""
  const distance = `${percent(ratio, requested.ratio)} in ratio${inPixels}`
  const allowed = `aspect ratios, ${ruleOf(parameter).words()}`
  reportSnap(requested, aspectRatio, isLossless, allowed, distance, diagnostics)
  return { aspectRatio }
}

const reportSnap = (
  { field, text }: RequestedShape,
  to: string,
  isLossless: boolean,
  allowed: string,
  distance: string,
  diagnostics: Diagnostics,
): void =>
  diagnostics.change({
    field,
    action: isLossless ? "mapped" : "snapped",
    from: text,
    to,
    why: `the model takes ${allowed}; the nearest differs by ${distance}`,
  })

const percent = (to: number, from: number): string => {
  const more = Math.round((to / from - 1) * 1000) / 10
  return `${more < 0 ? "" : "+"}${formatNumber(more)} %`
}

const tinyGap = 1e-9

export type SizeParameter = Extract<Parameter, { readonly kind: "sizes" | "grid" }>

/** The price of an image by its pixels; undefined where it is unknown. */
export type PriceByPixels = (pixels: number) => number | undefined

/** The nearest legal size. The ratio counts first, then the price row, then the pixels. */
export const snapSize = (parameter: SizeParameter, wanted: Size, priceOf: PriceByPixels): Size =>
  parameter.kind === "grid"
    ? snapToGrid(parameter, wanted, priceOf)
    : snapToList(parameter.values, wanted, priceOf)

/** The distance of two proportions, in either direction. */
const gap = (one: number, other: number): number => Math.abs(Math.log(one / other))

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

const legalSize = (
  { multiple, side, ratio, pixels }: Grid,
  wanted: Size,
  round: (length: number) => number,
): Size => {
  const down = (length: number): number => Math.floor(length / multiple) * multiple
  const least = Math.ceil(side[0] / multiple) * multiple
  const clamp = (length: number): number => Math.min(down(side[1]), Math.max(least, length))
  let width = clamp(round(wanted.width))
  let height = clamp(round(wanted.height))
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
    if (width * height === before) return { width, height }
  }
}

const snapToList = (values: readonly string[], wanted: Size, priceOf: PriceByPixels): Size => {
  const sizes = values.flatMap((each) => parseSize(each) ?? [])
  const ratioGap = ({ width, height }: Size): number =>
    gap(width / height, wanted.width / wanted.height)
  const least = Math.min(...sizes.map(ratioGap))
  const rivals = sizes.filter((size) => ratioGap(size) <= least + sameRatio)
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
