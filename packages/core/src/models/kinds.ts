import type { Parameter } from "../contract/card.ts"
import { isOnGrid } from "../planning/sizes.ts"
import { isRecord } from "../planning/wire.ts"
import { memo } from "../tools/memo.ts"
import { anyNumber, listOf, numberFrom, objectOf, oneOf, type Rule, textOf } from "./rule.ts"

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
