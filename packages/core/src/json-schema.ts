import { round6 } from "./body.ts"
import type { Parameter, TaskCard } from "./card.ts"
import type { Loose } from "./request.ts"

const neutralRange = ({ min, max, inverted }: Extract<Parameter, { readonly kind: "range" }>): Loose =>
  inverted ? { minimum: round6(1 - max), maximum: round6(1 - min) } : { minimum: min, maximum: max }

const bySetting = (parameter: Parameter): Loose => {
  switch (parameter.kind) {
    case "range":
      return { type: parameter.integer ? "integer" : "number", ...neutralRange(parameter) }
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

/** JSON Schema (2020-12) of a model's neutral parameters in one task, as its card has them. */
export const toJsonSchema = (task: TaskCard): Loose => {
  const fields = parametersOf(task)
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: Object.fromEntries(
      fields.map(([name, parameter]) => [
        name,
        { ...bySetting(parameter), ...(parameter.default === undefined ? {} : { default: parameter.default }) },
      ]),
    ),
    required: fields.flatMap(([name, { required, kind }]) => (required && kind !== "prompts" ? [name] : [])),
  }
}
