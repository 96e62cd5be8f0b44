import type { Parameter, TaskCard } from "../contract/card.ts"
import { isRecord, memo } from "../lib/object.ts"
import { isOnGrid } from "./size.ts"

const deepest = 32

/** Is it what JSON can say, no number lost? */
const isJson = (value: unknown, depth = 0): boolean => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value !== "object") return Number.isFinite(value)
  return (
    depth < deepest &&
    Object.values(value).every((each) => each === undefined || isJson(each, depth + 1))
  )
}

const jsonOf = (words: string): Rule => ({
  words,
  takes: (value) => isRecord(value) && isJson(value),
})

const image: Rule = {
  words: "an image in base64",
  takes: (value) => typeof value === "string" && value !== "",
}

const color: Rule = {
  words: "a colour as #RRGGBB",
  takes: (value) => typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value),
}

/** A list of weighted texts. */
export const promptsOf = (max?: number): Rule =>
  listOf(
    `a list of { text, weight? }${max === undefined ? "" : `, each text of at most ${max} characters`}`,
    objectOf("{ text, weight? }", { text: textOf(0, max), weight: anyNumber }, ["text"]),
  )

type OfKind<Kind> = Extract<Parameter, { readonly kind: Kind }>

/** What each kind of parameter takes, in the model's own words and numbers. */
const rules: { readonly [Kind in Parameter["kind"]]: (parameter: OfKind<Kind>) => Rule } = {
  range: ({ min, max, integer }) => numberFrom(min, max, integer),
  seed: ({ min, max }) => numberFrom(min, max, true),
  count: ({ max }) => numberFrom(1, max, true),
  enum: ({ values, tolerated }) => oneOf(values, tolerated),
  sizes: ({ values }) => oneOf(values),
  ratios: ({ values }) => oneOf(values),
  text: ({ min = 0, max }) => textOf(min, max),
  prompts: ({ max }) => promptsOf(max),
  grid: (grid) => ({
    words: `sides of ${grid.side[0]} to ${grid.side[1]} pixels divisible by ${grid.multiple}, at most ${grid.pixels} pixels and ${grid.ratio}:1`,
    takes: (value) => isOnGrid(grid, value),
    repeats: "words",
  }),
  image: () => image,
  mask: () => image,
  images: ({ max }) => listOf(`1 to ${max} images in base64`, image, max),
  colors: ({ max }) => listOf(`1 to ${max} colours as #RRGGBB`, color, max),
  flag: () => ({ words: "true or false", takes: (value) => typeof value === "boolean" }),
  object: ({ fields }) => jsonOf(`an object of ${Object.keys(fields).join(", ")}`),
  json: () => jsonOf("an object"),
}

/** What a parameter takes. */
export const ruleOf = memo(
  (parameter: Parameter): Rule =>
    (rules[parameter.kind] as (parameter: Parameter) => Rule)(parameter),
)

/** What a value may be: in words for messages, and as a test. */
export interface Rule {
  readonly words: string
  readonly takes: (value: unknown) => boolean
  /** Which wrong values a message may repeat; of a text of the caller's it tells the length. */
  readonly repeats?: "numbers" | "words"
}

const isHalf = (unit: number, first: number): boolean => unit >= first && unit < first + 0x400

/** As JSON Schema counts: Unicode code points. Texts may be megabytes of an attacker's, where an iterator takes seconds. */
export const characters = (text: string): number => {
  let count = text.length
  for (let at = 1; at < text.length; at++)
    if (isHalf(text.charCodeAt(at), 0xdc00) && isHalf(text.charCodeAt(at - 1), 0xd800)) count--
  return count
}

export const numberFrom = (minimum: number, maximum: number, whole = false): Rule => ({
  words: `a ${whole ? "whole " : ""}number from ${minimum} to ${maximum}`,
  takes: (value) =>
    Number.isFinite(value) &&
    (value as number) >= minimum &&
    (value as number) <= maximum &&
    (!whole || Number.isInteger(value)),
  repeats: "numbers",
})

export const anyNumber: Rule = {
  words: "a number",
  takes: (value) => Number.isFinite(value),
  repeats: "numbers",
}

export const anyText: Rule = { words: "a text", takes: (value) => typeof value === "string" }

const mostListed = 30

/** One of these words; `tolerated` ones are taken too, and not told. */
export const oneOf = (values: readonly string[], tolerated: readonly string[] = []): Rule => ({
  words: `one of ${values.length > mostListed ? `${values.length}, among them ${values.slice(0, 9).join(", ")}` : values.join(", ")}`,
  takes: (value) => values.includes(value as string) || tolerated.includes(value as string),
  repeats: "words",
})

export const textOf = (minLength: number, maxLength = Number.POSITIVE_INFINITY): Rule => ({
  words: `a text of ${minLength} to ${maxLength} characters`,
  takes: (value) => {
    if (typeof value !== "string" || value.length < minLength) return false
    const count = value.length > maxLength || minLength > 1 ? characters(value) : value.length
    return count >= minLength && count <= maxLength
  },
})

export const listOf = (words: string, item: Rule, maxItems = Number.POSITIVE_INFINITY): Rule => ({
  words,
  takes: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= maxItems && value.every(item.takes),
})

/** An object of these parts alone; those not required may be absent. */
export const objectOf = (
  words: string,
  parts: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): Rule => ({
  words,
  takes: (value) =>
    isRecord(value) &&
    required.every((name) => value[name] !== undefined) &&
    Object.entries(value).every(
      ([name, each]) =>
        Object.hasOwn(parts, name) && (each === undefined || parts[name]?.takes(each)),
    ),
})

export type Range = Extract<Parameter, { readonly kind: "range" }>

/** Derived numbers are sent with six decimals at most. */
export const round6 = (value: number): number => Math.round(value * 1e6) / 1e6

/** A neutral value as the model counts it, and the other way round. */
export const turned = (parameter: Parameter, value: number): number =>
  parameter.kind === "range" && parameter.inverted ? round6(1 - value) : value

/** What a neutral number may be, where the model counts from the other end too. */
export const neutralRange = ({ min, max, inverted }: Range): readonly [min: number, max: number] =>
  inverted ? [round6(1 - max), round6(1 - min)] : [min, max]

/** A card's default in neutral words: there a number is the model's own. */
export const standardOf = (parameter: Parameter): unknown =>
  typeof parameter.default === "number" ? turned(parameter, parameter.default) : parameter.default

/** The neutral parameters; a model of weighted texts also takes a prompt and what to avoid. */
export const parametersOf = ({ fields }: TaskCard): Readonly<Record<string, Parameter>> => {
  const { prompts } = fields
  const text =
    prompts?.kind === "prompts" ? ({ kind: "text", max: prompts.max } as const) : undefined
  return { ...(text && { prompt: text, negativePrompt: text }), ...fields }
}
