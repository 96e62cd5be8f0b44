import type { Parameter, TaskCard } from "../contract/card.ts"
import type { Size } from "../contract/plan.ts"
import type { JsonObject } from "../contract/request.ts"
import { ruleOf } from "../models/kinds.ts"
import { anyText, type Rule } from "../models/rule.ts"
import type { Notes } from "./notes.ts"
import { area, parseSize, sizeText } from "./sizes.ts"
import {
  gap,
  type PriceOfPixels,
  parseRatio,
  type SizeParameter,
  sizeOfRatio,
  snapRatio,
  snapSize,
} from "./snap.ts"

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
