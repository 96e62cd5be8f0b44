import type { Parameter, TaskCard } from "./card.ts"
import { neutralRange, standardOf } from "./fit.ts"
import type { Loose } from "./request.ts"
import { place } from "./wire.ts"

const rangeOf = (parameter: Extract<Parameter, { readonly kind: "range" }>): Loose => {
  const { min, max } = neutralRange(parameter)
  return { type: parameter.integer ? "integer" : "number", minimum: min, maximum: max }
}

const described = (parameter: Parameter): Loose => {
  const standard = standardOf(parameter)
  return { ...bySetting(parameter), ...(standard === undefined ? {} : { default: standard }) }
}

/** The parts of an object by their names, `"preserve.pose"` one level deeper. */
const byPart = (parts: Readonly<Record<string, Parameter>>): Loose => {
  const schema: Record<string, unknown> = { type: "object", additionalProperties: false }
  for (const [part, parameter] of Object.entries(parts)) {
    const names = part.split(".")
    names.slice(0, -1).forEach((_, depth) => {
      const outer = names.slice(0, depth + 1).join(".properties.")
      place(schema, `properties.${outer}.type`, "object")
      place(schema, `properties.${outer}.additionalProperties`, false)
    })
    place(schema, `properties.${names.join(".properties.")}`, described(parameter))
  }
  const required = Object.entries(parts).flatMap(([part, parameter]) => (parameter.required && !part.includes(".") ? [part] : []))
  return required.length > 0 ? { ...schema, required } : schema
}

const bySetting = (parameter: Parameter): Loose => {
  switch (parameter.kind) {
    case "range":
      return rangeOf(parameter)
    case "seed":
      return { type: "integer", minimum: parameter.min, maximum: parameter.max }
    case "count":
      return { type: "integer", minimum: 1 }
    case "enum":
    case "sizes":
    case "ratios":
      return { type: "string", enum: parameter.values }
    case "text":
      return { type: "string", minLength: parameter.min ?? 0, maxLength: parameter.max }
    case "prompts":
      return {
        type: "array",
        minItems: 1,
        items: { type: "object", required: ["text"], properties: { text: { type: "string", maxLength: parameter.max }, weight: { type: "number" } } },
      }
    case "grid":
      return { type: "string", pattern: "^[1-9][0-9]*x[1-9][0-9]*$" }
    case "image":
    case "mask":
      return { type: "string", contentEncoding: "base64" }
    case "images":
      return { type: "array", minItems: 1, maxItems: parameter.max, items: { type: "string", contentEncoding: "base64" } }
    case "colors":
      return { type: "array", minItems: 1, maxItems: parameter.max, items: { type: "string", pattern: "^#[0-9A-Fa-f]{6}$" } }
    case "flag":
      return { type: "boolean" }
    case "object":
      return byPart(parameter.fields)
    case "json":
      return { type: "object" }
  }
}

/** The neutral parameters; a model of weighted texts also takes a prompt and what to avoid. */
const parametersOf = ({ fields }: TaskCard): readonly (readonly [name: string, parameter: Parameter])[] => {
  const { prompts } = fields
  const text = prompts?.kind === "prompts" ? ({ kind: "text", max: prompts.max } as const) : undefined
  return Object.entries({ ...(text && { prompt: text, negativePrompt: text }), ...fields })
}

/** What a value must have for `"garment.class"` to be given. */
const having = (name: string): Loose => {
  const [head = "", ...rest] = name.split(".")
  return { required: [head], ...(rest.length > 0 ? { properties: { [head]: having(rest.join(".")) } } : {}) }
}

/** JSON Schema (2020-12) of a model's neutral parameters in one task, as its card has them. */
export const toJsonSchema = (task: TaskCard): Loose => {
  const fields = parametersOf(task)
  const groups = (task.oneOf ?? []).map((group) => ({ oneOf: group.map(having) }))
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: Object.fromEntries(fields.map(([name, parameter]) => [name, described(parameter)])),
    required: fields.flatMap(([name, { required, kind }]) => (required && kind !== "prompts" ? [name] : [])),
    ...(groups.length > 0 ? { allOf: groups } : {}),
  }
}
