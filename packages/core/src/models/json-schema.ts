import type { Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { defined, mapValues, place } from "../lib/object.ts"
import { defaultOf, neutralRule, parametersOf } from "./parameter.ts"

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

const described = (parameter: Parameter): JsonObject => ({
  ...schemaOf(parameter),
  ...defined({ default: defaultOf(parameter) }),
})

const schemaOf = (parameter: Parameter): JsonObject | undefined => {
  // A request may have more images than one call makes.
  if (parameter.kind === "count") return { type: "integer", minimum: 1 }
  return parameter.kind === "object" ? ofObject(parameter.fields) : neutralRule(parameter).schema
}

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
