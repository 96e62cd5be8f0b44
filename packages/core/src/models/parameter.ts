import type { Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { isRecord, mapValues } from "../lib/object.ts"
import { isOnGrid } from "./size.ts"
import { formatNumber } from "./suggest.ts"

export interface Rule {
  /** Completes the message "must be …". */
  readonly words: () => string
  readonly takes: (value: unknown) => boolean
  /** JSON Schema of what it takes, for parameters. */
  readonly schema?: JsonObject
  /** Which wrong values a message may repeat. For other texts it states the length. */
  readonly repeats?: "numbers" | "words"
}

export type Range = Extract<Parameter, { readonly kind: "range" }>

/** What a parameter takes in the model's own words and numbers. */
export const ruleOf = (parameter: Parameter): Rule =>
  (rules[parameter.kind] as (parameter: Parameter) => Rule)(parameter)

/** What a parameter takes in neutral words and numbers. */
export const neutralRule = (parameter: Parameter): Rule =>
  parameter.kind === "range"
    ? numberFrom(...neutralRange(parameter), parameter.integer)
    : ruleOf(parameter)

/** A neutral number on the model's scale, and the other way round. */
export const toModelScale = (parameter: Parameter, value: number): number =>
  parameter.kind === "range" && parameter.inverted ? round6(1 - value) : value

export const neutralRange = ({ min, max, inverted }: Range): readonly [min: number, max: number] =>
  inverted ? [round6(1 - max), round6(1 - min)] : [min, max]

/** A card's default in neutral words and numbers; on the card it is on the model's scale. */
export const defaultOf = (parameter: Parameter): unknown =>
  typeof parameter.default === "number"
    ? toModelScale(parameter, parameter.default)
    : parameter.default

/** The neutral parameters. A model of weighted prompts also takes `prompt` and `negativePrompt`. */
export const parametersOf = ({ fields }: TaskCard): Readonly<Record<string, Parameter>> => {
  const { prompts } = fields
  const text =
    prompts?.kind === "prompts" ? ({ kind: "text", max: prompts.max } as const) : undefined
  return { ...(text && { prompt: text, negativePrompt: text }), ...fields }
}

/** Derived numbers are sent with at most six decimals. */
export const round6 = (value: number): number => Math.round(value * 1e6) / 1e6

/** Unicode code points, as in JSON Schema. An iterator would take seconds for megabytes of text. */
export const characters = (text: string): number => {
  let count = text.length
  for (let at = 1; at < text.length; at++)
    if (isSurrogate(text, at, 0xdc00) && isSurrogate(text, at - 1, 0xd800)) count--
  return count
}

export const numberFrom = (min: number, max: number, isWhole = false): Rule => ({
  words: () =>
    `a ${isWhole ? "whole " : ""}number from ${formatNumber(min)} to ${formatNumber(max)}`,
  takes: (value) =>
    Number.isFinite(value) &&
    (value as number) >= min &&
    (value as number) <= max &&
    (!isWhole || Number.isInteger(value)),
  schema: { type: isWhole ? "integer" : "number", minimum: min, maximum: max },
  repeats: "numbers",
})

export const anyNumber: Rule = {
  words: () => "a number",
  takes: (value) => Number.isFinite(value),
  schema: { type: "number" },
  repeats: "numbers",
}

export const anyText: Rule = {
  words: () => "a text",
  takes: (value) => typeof value === "string",
}

/** One of these words. `tolerated` words are accepted and not listed. */
export const oneOf = (values: readonly string[], tolerated: readonly string[] = []): Rule => ({
  words: () => {
    const { length } = values
    if (length <= maxListed) return `one of ${values.join(", ")}`
    return `one of ${length}, among them ${values.slice(0, 9).join(", ")}`
  },
  takes: (value) => values.includes(value as string) || tolerated.includes(value as string),
  schema: { type: "string", enum: values },
  repeats: "words",
})

export const textOf = (min: number, max = Infinity): Rule => ({
  words: () => `a text of ${formatNumber(min)} to ${formatNumber(max)} characters`,
  takes: (value) => {
    if (typeof value !== "string" || value.length < min) return false
    const count = value.length > max || min > 1 ? characters(value) : value.length
    return count >= min && count <= max
  },
  schema: { type: "string", minLength: min, maxLength: max },
})

export const promptsOf = (max?: number): Rule =>
  listOf(
    `a list of { text, weight? }${max === undefined ? "" : `, each text of at most ${formatNumber(max)} characters`}`,
    objectOf("{ text, weight? }", { text: textOf(0, max), weight: anyNumber }, ["text"]),
  )

/** An object of these parts only. */
export const objectOf = (
  words: string,
  parts: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): Rule => ({
  words: () => words,
  takes: (value) =>
    isRecord(value) &&
    required.every((name) => value[name] !== undefined) &&
    Object.entries(value).every(
      ([name, each]) =>
        Object.hasOwn(parts, name) && (each === undefined || parts[name]?.takes(each)),
    ),
  schema: { type: "object", required, properties: mapValues(parts, ({ schema }) => schema) },
})

const maxListed = 30
const maxDepth = 32

const isSurrogate = (text: string, at: number, first: number): boolean =>
  text.charCodeAt(at) >= first && text.charCodeAt(at) < first + 0x400

const listOf = (words: string, item: Rule, max = Infinity): Rule => ({
  words: () => words,
  takes: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= max && value.every(item.takes),
  schema: {
    type: "array",
    minItems: 1,
    ...(max < Infinity && { maxItems: max }),
    items: item.schema,
  },
})

/** Can JSON represent the value without losing a number? */
const isJson = (value: unknown, depth = 0): boolean => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value !== "object") return Number.isFinite(value)
  return (
    depth < maxDepth &&
    Object.values(value).every((each) => each === undefined || isJson(each, depth + 1))
  )
}

const jsonOf = (words: () => string): Rule => ({
  words,
  takes: (value) => isRecord(value) && isJson(value),
  schema: { type: "object" },
})

const jsonList: Rule = {
  words: () => "a list of objects",
  takes: (value) =>
    Array.isArray(value) && value.length <= maxListed && value.every(isRecord) && isJson(value),
  schema: { type: "array", minItems: 1, items: { type: "object" } },
}

const image: Rule = {
  words: () => "an image in base64",
  takes: (value) => typeof value === "string" && value !== "",
  schema: { type: "string", contentEncoding: "base64" },
}

const color: Rule = {
  words: () => "a colour as #RRGGBB",
  takes: (value) => typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value),
  schema: { type: "string", pattern: "^#[0-9A-Fa-f]{6}$" },
}

type OfKind<Kind> = Extract<Parameter, { readonly kind: Kind }>

const gridWords = ({ side, multiple, pixels, minPixels, ratio }: OfKind<"grid">): string => {
  const [min, max, most] = [...side, pixels].map(formatNumber)
  const area = minPixels === undefined ? `at most ${most}` : `${formatNumber(minPixels)} to ${most}`
  return `sides of ${min} to ${max} pixels divisible by ${multiple}, ${area} pixels and ${minPixels === undefined ? "" : "at most "}${ratio}:1`
}

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
    words: () => gridWords(grid),
    takes: (value) => isOnGrid(grid, value),
    schema: { type: "string", pattern: "^[1-9][0-9]*x[1-9][0-9]*$" },
    repeats: "words",
  }),
  tiers: ({ values }) => oneOf(Object.keys(values)),
  image: () => image,
  mask: () => image,
  images: ({ max }) => listOf(`1 to ${max} images in base64`, image, max),
  colors: ({ max }) => listOf(`1 to ${max} colours as #RRGGBB`, color, max),
  flag: () => ({
    words: () => "true or false",
    takes: (value) => typeof value === "boolean",
    schema: { type: "boolean" },
  }),
  object: ({ fields }) => jsonOf(() => `an object of ${Object.keys(fields).join(", ")}`),
  json: ({ list }) => (list ? jsonList : jsonOf(() => "an object")),
}
