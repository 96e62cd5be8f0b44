import type { FieldName, JsonObject, Parameter } from "@pictor/core"
import { samplesOf } from "./samples.ts"
import type { Subject } from "./subject.ts"

const avoided = { negativePrompt: "fog over the water" } as const

// Another clause tests the ends of a range.
const usualOf = (parameter: Parameter): unknown => {
  if (parameter.kind !== "range") return samplesOf(parameter).at(-1)
  const middle = (parameter.min + parameter.max) / 2
  return parameter.integer ? Math.round(middle) : Math.round(middle * 10) / 10
}

/** The example with a value for every prompt and style setting that the model takes. */
export const richFields = ({ taskCard, request }: Subject): JsonObject => {
  const { fields } = taskCard
  const takesNegative = fields.negativePrompt !== undefined || fields.prompts !== undefined
  const settings = (
    [
      "guidance",
      "style",
      "outputFormat",
      "background",
      "compression",
      "moderation",
      "partialImages",
    ] as const satisfies readonly FieldName[]
  ).flatMap((field) => {
    const parameter = fields[field]
    return parameter ? [[field, usualOf(parameter)] as const] : []
  })
  return { ...(takesNegative ? avoided : {}), ...Object.fromEntries(settings), ...request }
}
