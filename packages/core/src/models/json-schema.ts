import type { Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { defined, mapValues, place } from "../lib/object.ts"
import { defaultOf, neutralRange, parametersOf } from "./parameter.ts"

/** JSON Schema (2020-12) of a task's neutral parameters. */
export const toJsonSchema = (task: TaskCard): JsonObject => {
  const fields = parametersOf(task)
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: mapValues(fields, described),
    required: Object.entries(fields).flatMap(([name, { kind, required, default: usual }]) =>
      required && usual === undefined && kind !== "prompts" ? [name] : [],
    ),
    ...(task.oneOf && { allOf: task.oneOf.map((group) => ({ oneOf: group.map(having) })) }),
  }
}

type OfKind<Kind> = Extract<Parameter, { readonly kind: Kind }>

const number = (minimum: number, maximum: number, whole?: boolean): JsonObject => ({
  type: whole ? "integer" : "number",
  minimum,
  maximum,
})

const enumOf = ({ values }: { readonly values: readonly string[] }): JsonObject => ({
  type: "string",
  enum: values,
})

const text = (maxLength: number, minLength = 0): JsonObject => ({
  type: "string",
  minLength,
  maxLength,
})

const list = (items: JsonObject, maxItems?: number): JsonObject => ({
  type: "array",
  minItems: 1,
  ...defined({ maxItems }),
  items,
})

const image: JsonObject = { type: "string", contentEncoding: "base64" }

const schemas: { readonly [Kind in Parameter["kind"]]: (parameter: OfKind<Kind>) => JsonObject } = {
  range: (parameter) => number(...neutralRange(parameter), parameter.integer),
  seed: ({ min, max }) => number(min, max, true),
  // A request may have more images than one call makes.
  count: () => ({ type: "integer", minimum: 1 }),
  enum: enumOf,
  sizes: enumOf,
  ratios: enumOf,
  text: ({ max, min }) => text(max, min),
  prompts: ({ max }) =>
    list({
      type: "object",
      required: ["text"],
      properties: { text: text(max), weight: { type: "number" } },
    }),
  grid: () => ({ type: "string", pattern: "^[1-9][0-9]*x[1-9][0-9]*$" }),
  tiers: ({ values }) => ({ type: "string", enum: Object.keys(values) }),
  image: () => image,
  mask: () => image,
  images: ({ max }) => list(image, max),
  colors: ({ max }) => list({ type: "string", pattern: "^#[0-9A-Fa-f]{6}$" }, max),
  flag: () => ({ type: "boolean" }),
  object: ({ fields }) => ofObject(fields),
  json: (parameter) => (parameter.list ? list({ type: "object" }) : { type: "object" }),
}

const described = (parameter: Parameter): JsonObject => ({
  ...(schemas[parameter.kind] as (parameter: Parameter) => JsonObject)(parameter),
  ...defined({ default: defaultOf(parameter) }),
})

/** A parameter, or parameters by their names. */
type Tree = Parameter | { readonly [name: string]: Tree }

const isParameter = (tree: Tree): tree is Parameter => typeof tree.kind === "string"

const ofTree = (tree: Tree): JsonObject => {
  if (isParameter(tree)) return described(tree)
  const required = Object.keys(tree).filter((name) => tree[name]?.required === true)
  return {
    type: "object",
    additionalProperties: false,
    properties: mapValues(tree, ofTree),
    ...(required.length > 0 && { required }),
  }
}

/** A part's name with a dot is nested: `"preserve.pose"`. */
const ofObject = (parts: Readonly<Record<string, Parameter>>): JsonObject => {
  const tree: Record<string, Tree> = {}
  for (const [part, parameter] of Object.entries(parts)) place(tree, part, parameter)
  return ofTree(tree)
}

const having = (name: string): JsonObject => {
  const [head = "", ...rest] = name.split(".")
  return {
    required: [head],
    ...(rest.length > 0 && { properties: { [head]: having(rest.join(".")) } }),
  }
}
