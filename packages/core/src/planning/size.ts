import type { Parameter, TaskCard } from "../contract/card.ts"
import type { Resolved, Size } from "../contract/plan.ts"
import { defined, type UnknownRecord } from "../lib/object.ts"
import { type Rule, ruleOf } from "../models/parameter.ts"
import {
  area,
  findTier,
  gap,
  matchOf,
  nearestByPrice,
  type PriceByPixels,
  parseSize,
  type SizeParameter,
  sizeText,
  snapSize,
  type Tiers,
  tierPixels,
} from "../models/size.ts"
import { formatNumber } from "../models/suggest.ts"
import { createDiagnostics, type Diagnostics } from "./diagnostics.ts"

/** The size or the aspect ratio of the images. */
export interface OutputShape {
  /** In pixels, or the name of a tier. */
  readonly size?: Size | string
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
  const requested = readShape(task, fields, diagnostics)
  const { size, aspectRatio } = task.fields
  const ratios = aspectRatio?.kind === "ratios" ? aspectRatio : undefined
  if (size?.kind === "sizes" || size?.kind === "grid")
    return fitPixels(size, requested, prices, diagnostics)
  if (size?.kind === "tiers") return fitTier(size, ratios, requested, prices, diagnostics)
  if (ratios) return fitRatio(ratios, requested, diagnostics)
  for (const field of ["size", "aspectRatio"] as const)
    if (requested && fields[field] !== undefined && fields[field] !== "auto")
      diagnostics.drop(field, fields[field], "the model chooses the size itself")
  return {}
}

/**
 * The legal size nearest to the first input image, where an edit has the input's size and the
 * request names none. Nothing of the request changes by it.
 */
export const shapeLikeInput = (
  task: TaskCard,
  { size, aspectRatio }: UnknownRecord,
  { image, images }: Pick<Resolved, "image" | "images"> = {},
  prices: SizePrices,
): OutputShape | undefined => {
  const first = image ?? images?.[0]
  const isAuto = aspectRatio === undefined && (size === undefined || size === "auto")
  if (!task.fields.size || !first || !isAuto) return undefined
  return fitSize(task, { size: sizeText(first) }, prices, createDiagnostics(false))
}

/** The pixels of an image by its size or tier. */
export const pixelsOf = (
  { fields: { size: parameter } }: TaskCard,
  size: Size | string | undefined,
): number | undefined => {
  if (typeof size === "object") return area(size)
  return size !== undefined && parameter?.kind === "tiers" ? parameter.values[size] : undefined
}

/** The listed ratio nearest to the wanted one. */
export const snapRatio = (values: readonly string[], wanted: number): string => {
  // A word such as "auto" is no ratio.
  const ratios = values.filter((each) => parseRatio(each) !== undefined)
  const gaps = ratios.map((each) => gap(parseRatio(each) ?? 1, wanted))
  return (ratios[gaps.indexOf(Math.min(...gaps))] ?? values[0]) as string
}

/** `"16:9"` → 1.78; anything else → undefined. */
export const parseRatio = (text: unknown): number | undefined => {
  const match = matchOf(/^(\d{1,6}(?:\.\d{1,6})?):(\d{1,6}(?:\.\d{1,6})?)$/, text)
  const ratio = match ? Number(match[1]) / Number(match[2]) : 0
  return ratio > 0 && Number.isFinite(ratio) ? ratio : undefined
}

/** The unrounded size of a ratio and an area. */
export const sizeOfRatio = (ratio: number, pixels: number): Size => ({
  width: Math.sqrt(pixels * ratio),
  height: Math.sqrt(pixels / ratio),
})

type Ratios = Extract<Parameter, { readonly kind: "ratios" }>

interface RequestedShape {
  readonly field: "size" | "aspectRatio"
  /** The value of the field. */
  readonly text: string
  readonly size?: Size
  /** Of a size or a tier. */
  readonly pixels?: number
  /** A tier, by the card's name if the card has it. */
  readonly tier?: string
  readonly ratio?: number
  /** The requested aspect ratio. */
  readonly ratioText?: string
}

const ratioRule = ({ fields: { aspectRatio } }: TaskCard): Rule => ({
  words: () => 'two positive numbers with a colon, such as "16:9"',
  takes: (value) =>
    value === "auto" ||
    parseRatio(value) !== undefined ||
    (aspectRatio?.kind === "ratios" && ruleOf(aspectRatio).takes(value)),
  repeats: "words",
})

const sizeRule = ({ fields: { size } }: TaskCard): Rule => ({
  words: () => 'width x height in pixels, such as "1024x768", a tier such as "2K", or "auto"',
  takes: (value) =>
    value === "auto" || parseSize(value) !== undefined || tierOf(size, value) !== undefined,
  repeats: "words",
})

/** A tier by the card's name and pixels, else by its name alone. */
const tierOf = (
  parameter: Parameter | undefined,
  text: unknown,
): { readonly tier: string; readonly pixels: number } | undefined => {
  const name = parameter?.kind === "tiers" ? findTier(parameter, text) : undefined
  if (parameter?.kind === "tiers" && name !== undefined)
    return { tier: name, pixels: parameter.values[name] as number }
  const pixels = tierPixels(text)
  return pixels === undefined ? undefined : { tier: text as string, pixels }
}

const readShape = (
  task: TaskCard,
  { size, aspectRatio }: UnknownRecord,
  diagnostics: Diagnostics,
): RequestedShape | undefined => {
  const tier = tierOf(task.fields.size, size)
  if (size !== undefined && aspectRatio !== undefined && !tier)
    return diagnostics.conflict("size", "size and aspectRatio")
  if (size !== undefined && !diagnostics.check("size", sizeRule(task), size)) return undefined
  if (aspectRatio !== undefined && !diagnostics.check("aspectRatio", ratioRule(task), aspectRatio))
    return undefined
  const parsed = parseSize(size)
  const ratio = parsed ? parsed.width / parsed.height : parseRatio(aspectRatio)
  const isListed = task.fields.aspectRatio?.kind === "ratios" && aspectRatio !== undefined
  const ratioText = isListed || ratio !== undefined ? (aspectRatio as string) : undefined
  if (!parsed && !tier && ratioText === undefined) return undefined
  return {
    field: size === undefined ? "aspectRatio" : "size",
    text: (size ?? aspectRatio) as string,
    ...defined({ ratio, ratioText }),
    ...(parsed && { size: parsed, pixels: area(parsed) }),
    ...tier,
  }
}

const fitPixels = (
  parameter: SizeParameter,
  requested: RequestedShape | undefined,
  prices: SizePrices,
  diagnostics: Diagnostics,
): OutputShape => {
  const defaultSize = parseSize(parameter.default) as Size
  if (!requested || (requested.pixels ?? requested.ratio) === undefined)
    return { size: defaultSize }
  const { ratio: wantedRatio = defaultSize.width / defaultSize.height, pixels } = requested
  const wanted = requested.size ?? sizeOfRatio(wantedRatio, pixels ?? area(defaultSize))
  // An aspect ratio asks for no price.
  const priceOf: PriceByPixels = pixels === undefined ? () => undefined : prices.priceOf
  const size = snapSize(parameter, wanted, priceOf)
  // A legal size is the nearest to itself.
  if (sizeText(size) === requested.text) return { size }
  const ratio = size.width / size.height
  const isLossless =
    !requested.size &&
    gap(ratio, wantedRatio) < tinyGap &&
    (pixels === undefined || isAbout(area(size), pixels))
  const allowed =
    parameter.kind === "grid"
      ? ruleOf(parameter).words()
      : `${formatNumber(parameter.values.length)} sizes`
  const distance = `${percent(ratio, wantedRatio)} in ratio, ${percent(area(size), area(wanted))} in pixels`
  const cost = priceChange(area(size), area(wanted), { ...prices, priceOf })
  reportSnap(requested, sizeText(size), isLossless, allowed, distance + cost, diagnostics)
  return { size }
}

const priceChange = (to: number, from: number, { priceOf, priceText }: SizePrices): string => {
  const [price, askedPrice] = [priceOf(to), priceOf(from)]
  return price === undefined || askedPrice === undefined || price === askedPrice
    ? ""
    : `; an image costs ${priceText(price)} in place of ${priceText(askedPrice)}`
}

/** The tier and, where the card has ratios, the ratio. */
const fitTier = (
  parameter: Tiers,
  ratios: Ratios | undefined,
  requested: RequestedShape | undefined,
  prices: SizePrices,
  diagnostics: Diagnostics,
): OutputShape => {
  const tier = chooseTier(parameter, requested, prices.priceOf)
  const pixels = parameter.values[tier] as number
  const aspectRatio = ratios && chooseRatio(ratios, requested)
  const shape = { size: tier, ...defined({ aspectRatio }) }
  if (!requested) return shape
  const { size, ratio, ratioText, pixels: wanted = pixels, text } = requested
  const allowed = `sizes, ${ruleOf(parameter).words()}`
  const distance = `${percent(pixels, wanted)} in pixels`
  const cost = priceChange(pixels, wanted, prices)
  if (size) {
    const given = size.width / size.height
    const made = parseRatio(aspectRatio) ?? 1
    const isLossless = gap(made, given) < tinyGap && isAbout(pixels, wanted)
    const to = aspectRatio === undefined ? tier : `${tier} at ${aspectRatio}`
    const why = `${percent(made, given)} in ratio, ${distance}${cost}`
    reportSnap(requested, to, isLossless, allowed, why, diagnostics)
    return shape
  }
  if (requested.tier !== undefined && text !== tier)
    reportSnap(requested, tier, pixels === wanted, allowed, distance + cost, diagnostics)
  if (ratioText === undefined) return shape
  if (ratios) reportRatio(ratios, ratioText, ratio, aspectRatio as string, diagnostics)
  else diagnostics.drop("aspectRatio", ratioText, "the model takes no aspect ratio")
  return shape
}

/** The requested tier, else the nearest in pixels that is not dearer than the requested pixels. */
const chooseTier = (
  parameter: Tiers,
  requested: RequestedShape | undefined,
  priceOf: PriceByPixels,
): string => {
  const { tier, pixels } = requested ?? {}
  if (tier !== undefined && parameter.values[tier] !== undefined) return tier
  if (pixels === undefined) return parameter.default as string
  const sizes = Object.values(parameter.values).map((each) => ({ width: each, height: 1 }))
  const { width } = nearestByPrice(sizes, { width: pixels, height: 1 }, priceOf)
  return Object.entries(parameter.values).find(([, each]) => each === width)?.[0] as string
}

const chooseRatio = (
  { values, default: usual }: Ratios,
  { ratioText = "", ratio }: Partial<RequestedShape> = {},
): string => {
  if (values.includes(ratioText)) return ratioText
  return ratio === undefined ? (usual as string) : snapRatio(values, ratio)
}

const reportRatio = (
  parameter: Ratios,
  ratioText: string,
  ratio: number | undefined,
  to: string,
  diagnostics: Diagnostics,
): void => {
  const made = parseRatio(to)
  if (to === ratioText || ratio === undefined || made === undefined) return
  const allowed = `aspect ratios, ${ruleOf(parameter).words()}`
  const isLossless = gap(made, ratio) < tinyGap
  const distance = `${percent(made, ratio)} in ratio`
  const shape = { field: "aspectRatio", text: ratioText } as const
  reportSnap(shape, to, isLossless, allowed, distance, diagnostics)
}

const fitRatio = (
  parameter: Ratios,
  requested: RequestedShape | undefined,
  diagnostics: Diagnostics,
): OutputShape => {
  const aspectRatio = chooseRatio(parameter, requested)
  if (!requested) return { aspectRatio }
  const { ratioText, pixels, text } = requested
  if (ratioText !== undefined)
    reportRatio(parameter, ratioText, requested.ratio, aspectRatio, diagnostics)
  if (pixels === undefined || aspectRatio === text) return { aspectRatio }
  const made = parseRatio(aspectRatio) ?? 1
  const ratio = (requested.size && requested.ratio) ?? made
  // The model draws about one area; a requested size of another area is a loss.
  const isLossless = gap(made, ratio) < tinyGap && isAbout(pixels, parameter.pixels)
  const distance = `${percent(made, ratio)} in ratio, about ${percent(parameter.pixels, pixels)} in pixels`
  const allowed = `aspect ratios, ${ruleOf(parameter).words()}`
  reportSnap(requested, aspectRatio, isLossless, allowed, distance, diagnostics)
  return { aspectRatio }
}

const reportSnap = (
  { field, text }: Pick<RequestedShape, "field" | "text">,
  to: string,
  isLossless: boolean,
  allowed: string,
  distance: string,
  diagnostics: Diagnostics,
): void =>
  diagnostics[isLossless ? "map" : "snap"](
    field,
    text,
    to,
    `the model takes ${allowed}; the nearest differs by ${distance}`,
  )

/** Areas that differ by at most a tenth are one. */
const isAbout = (one: number, other: number): boolean => gap(one, other) <= Math.log(1.1)

const percent = (to: number, from: number): string => {
  const more = Math.round((to / from - 1) * 1000) / 10
  return `${more < 0 ? "" : "+"}${formatNumber(more)} %`
}

const tinyGap = 1e-9
