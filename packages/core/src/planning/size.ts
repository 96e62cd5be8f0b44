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

export type SizeParameter = Extract<Parameter, { readonly kind: "sizes" | "grid" }>

/** The price of an image by its pixels; undefined where it is unknown. */
export type PriceByPixels = (pixels: number) => number | undefined

/** The size, or the aspect ratio, that the model will draw. */
export const fitSize = (
  task: TaskCard,
  fields: UnknownRecord,
  priceOf: PriceByPixels,
  diagnostics: Diagnostics,
): OutputShape => {
  const requested = readShape(fields, diagnostics)
  const { size, aspectRatio } = task.fields
  if (size?.kind === "sizes" || size?.kind === "grid")
    return fitPixels(size, requested, priceOf, diagnostics)
  if (aspectRatio?.kind === "ratios") return fitRatio(aspectRatio, requested, diagnostics)
  if (requested)
    diagnostics.drop(requested.field, requested.text, "the model chooses the size itself")
  return {}
}

/** The nearest legal size, never in a dearer price row than the requested one. */
export const snapSize = (parameter: SizeParameter, wanted: Size, priceOf: PriceByPixels): Size =>
  parameter.kind === "grid"
    ? snapToGrid(parameter, wanted, priceOf)
    : snapToList(parameter.values, wanted, priceOf)

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
  priceOf: PriceByPixels,
  diagnostics: Diagnostics,
): OutputShape => {
  const defaultSize = parseSize(parameter.default) as Size
  if (!requested) return { size: defaultSize }
  const rule = ruleOf(parameter)
  if (requested.size && rule.takes(requested.text)) return { size: requested.size }
  const wanted = requested.size ?? sizeOfRatio(requested.ratio, area(defaultSize))
  const size = snapSize(parameter, wanted, priceOf)
  const ratio = size.width / size.height
  const isLossless = !requested.size && gap(ratio, requested.ratio) < tinyGap
  const allowed =
    parameter.kind === "grid" ? rule.words() : `${formatNumber(parameter.values.length)} sizes`
  const distance = `${percent(ratio, requested.ratio)} in ratio, ${percent(area(size), area(wanted))} in pixels`
  reportSnap(requested, sizeText(size), isLossless, allowed, distance, diagnostics)
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

/** The distance of two proportions, in either direction. */
const gap = (one: number, other: number): number => Math.abs(Math.log(one / other))

const tinyGap = 1e-9

const snapToGrid = (grid: Grid, wanted: Size, priceOf: PriceByPixels): Size => {
  const { multiple, side, ratio, pixels } = grid
  // Ties go down: 1000 / 16 = 62.5 → 62.
  const rounded = (length: number): number => Math.ceil(length / multiple - 0.5) * multiple
  const down = (length: number): number => Math.floor(length / multiple) * multiple
  const legal = (round: (length: number) => number): Size => {
    const clamp = (length: number): number => Math.min(side[1], Math.max(side[0], round(length)))
    let width = clamp(wanted.width)
    let height = clamp(wanted.height)
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
  const limit = priceOf(area(wanted))
  const price = priceOf(area(nearestSize))
  return limit !== undefined && price !== undefined && price > limit ? legal(down) : nearestSize
}

const snapToList = (values: readonly string[], wanted: Size, priceOf: PriceByPixels): Size => {
  const limit = priceOf(area(wanted))
  // Rounding makes sizes of one ratio tie, whatever the order of the divisions.
  const rounded = (distance: number): number => Math.round(distance * 1e12)
  const ratioGap = (size: Size): number =>
    rounded(gap(size.width / size.height, wanted.width / wanted.height))
  const areaGap = (size: Size): number => rounded(gap(area(size), area(wanted)))
  const sizes = values.flatMap((each) => parseSize(each) ?? [])
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
