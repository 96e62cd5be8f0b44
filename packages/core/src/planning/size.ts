import type { Parameter, TaskCard } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"
import type { JsonObject } from "../contract/request.ts"
import { memo } from "../lib/object.ts"
import { anyText, type Rule, ruleOf } from "../models/parameter.ts"
import { area, type Grid, parseSize, sizeText } from "../models/size.ts"
import type { Notes } from "./diagnostics.ts"

export interface Frame {
  readonly size?: Size
  readonly aspectRatio?: string
}

interface Asked {
  readonly field: "size" | "aspectRatio"
  readonly text: string
  readonly size?: Size
  readonly ratio: number
}

const ratioRule: Rule = {
  ...anyText,
  words: 'two positive numbers with a colon, such as "16:9"',
  takes: (value) => parseRatio(value) !== undefined,
  repeats: "words",
}

const sizeRule: Rule = {
  ...ratioRule,
  words: 'width x height in pixels, such as "1024x768", or "auto"',
  takes: (value) => value === "auto" || parseSize(value) !== undefined,
}

const readAsked = ({ size, aspectRatio }: JsonObject, notes: Notes): Asked | undefined => {
  if (size !== undefined && aspectRatio !== undefined)
    return notes.choose("size", "size and aspectRatio")
  const [field, given, rule] =
    size === undefined
      ? (["aspectRatio", aspectRatio, ratioRule] as const)
      : (["size", size, sizeRule] as const)
  if (given === undefined || !notes.check(field, rule, given)) return undefined
  const parsed = parseSize(given)
  const ratio = parsed ? parsed.width / parsed.height : parseRatio(given)
  return ratio === undefined
    ? undefined
    : { field, text: given as string, ratio, ...(parsed && { size: parsed }) }
}

const percent = (to: number, from: number): string => {
  const more = Math.round((to / from - 1) * 1000) / 10
  return `${more < 0 ? "" : "+"}${more} %`
}

const same = 1e-9

const fitted = (
  { field, text }: Asked,
  to: string,
  lossless: boolean,
  takes: string,
  distance: string,
  notes: Notes,
): void =>
  notes.change({
    field,
    action: lossless ? "mapped" : "snapped",
    from: text,
    to,
    why: `the model takes ${takes}; the nearest differs by ${distance}`,
  })

const fitRatio = (
  parameter: Extract<Parameter, { readonly kind: "ratios" }>,
  asked: Asked | undefined,
  notes: Notes,
): Frame => {
  if (!asked) return { aspectRatio: parameter.default as string }
  const aspectRatio = snapRatio(parameter.values, asked.ratio)
  const ratio = parseRatio(aspectRatio) ?? 1
  const pixels = asked.size ? area(asked.size) : parameter.pixels
  // The model draws at about one size; an asked size of another area is a loss.
  const lossless = gap(ratio, asked.ratio) < same && gap(pixels, parameter.pixels) <= Math.log(1.1)
  const distance = `${percent(ratio, asked.ratio)} in ratio${asked.size ? `, about ${percent(parameter.pixels, pixels)} in pixels` : ""}`
  if (aspectRatio !== asked.text)
    fitted(
      asked,
      aspectRatio,
      lossless,
      `aspect ratios, ${ruleOf(parameter).words}`,
      distance,
      notes,
    )
  return { aspectRatio }
}

const fitSize = (
  parameter: SizeParameter,
  asked: Asked | undefined,
  priceOf: PriceOfPixels,
  notes: Notes,
): Frame => {
  const standard = parseSize(parameter.default) as Size
  if (!asked) return { size: standard }
  if (asked.size && ruleOf(parameter).takes(asked.text)) return { size: asked.size }
  const wanted = asked.size ?? sizeOfRatio(asked.ratio, area(standard))
  const size = snapSize(parameter, wanted, priceOf)
  const ratio = size.width / size.height
  const limits =
    parameter.kind === "grid" ? ruleOf(parameter).words : `${parameter.values.length} sizes`
  const distance = `${percent(ratio, asked.ratio)} in ratio, ${percent(area(size), area(wanted))} in pixels`
  fitted(
    asked,
    sizeText(size),
    !asked.size && gap(ratio, asked.ratio) < same,
    limits,
    distance,
    notes,
  )
  return { size }
}

/** The size, or the aspect ratio, that the model will draw. */
export const fitFrame = (
  task: TaskCard,
  fields: JsonObject,
  priceOf: PriceOfPixels,
  notes: Notes,
): Frame => {
  const asked = readAsked(fields, notes)
  const { size, aspectRatio } = task.fields
  if (size?.kind === "sizes" || size?.kind === "grid") return fitSize(size, asked, priceOf, notes)
  if (aspectRatio?.kind === "ratios") return fitRatio(aspectRatio, asked, notes)
  if (asked) notes.drop(asked.field, asked.text, "the model chooses the size itself")
  return {}
}

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
