import type { Parameter, TaskCard } from "./card.ts"
import type { Loose } from "./request.ts"

const bySetting = (parameter: Parameter): Loose => {
  switch (parameter.kind) {
    case "range":
      return { type: parameter.integer ? "integer" : "number", minimum: parameter.min, maximum: parameter.max }
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
