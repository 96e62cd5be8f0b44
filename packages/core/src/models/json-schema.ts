import type { Parameter, TaskCard } from "../contract/card.ts"
import type { Loose } from "../contract/request.ts"
import { neutralRule, standardOf } from "../planning/fit.ts"
import { place } from "../planning/wire.ts"
import { defined } from "../tools/defined.ts"
import { mapValues } from "../tools/records.ts"

const described = (parameter: Parameter): Loose => ({
  ...(parameter.kind === "object" ? ofObject(parameter.fields) : neutralRule(parameter).schema),
  ...defined({ default: standardOf(parameter) }),
})

/** A parameter, or parameters by their names. */
type Tree = Parameter | { readonly [name: string]: Tree }

const isParameter = (tree: Tree): tree is Parameter => typeof tree.kind === "string"

const ofTree = (tree: Tree): Loose => {
  if (isParameter(tree)) return described(tree)
  const required = Object.keys(tree).filter((name) => tree[name]?.required === true)
  return { type: "object", additionalProperties: false, properties: mapValues(tree, ofTree), ...(required.length > 0 && { required }) }
}

/** The parts of an object by their names, `"preserve.pose"` one level deeper. */
const ofObject = (parts: Readonly<Record<string, Parameter>>): Loose => {
  const tree: Record<string, Tree> = {}
  for (const [part, parameter] of Object.entries(parts)) place(tree, part, parameter)
  return ofTree(tree)
}

/** The neutral parameters; a model of weighted texts also takes a prompt and what to avoid. */
const parametersOf = ({ fields }: TaskCard): Readonly<Record<string, Parameter>> => {
  const { prompts } = fields
  const text = prompts?.kind === "prompts" ? ({ kind: "text", max: prompts.max } as const) : undefined
  return { ...(text && { prompt: text, negativePrompt: text }), ...fields }
}

/** What a value must have for `"garment.class"` to be given. */
const having = (name: string): Loose => {
  const [head = "", ...rest] = name.split(".")
  return { required: [head], ...(rest.length > 0 && { properties: { [head]: having(rest.join(".")) } }) }
}

/** JSON Schema (2020-12) of a model's neutral parameters in one task, as its card has them. */
export const toJsonSchema = (task: TaskCard): Loose => {
  const fields = parametersOf(task)
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: mapValues(fields, described),
    required: Object.keys(fields).filter((name) => fields[name]?.required && fields[name].kind !== "prompts"),
    ...(task.oneOf && { allOf: task.oneOf.map((group) => ({ oneOf: group.map(having) })) }),
  }
}
