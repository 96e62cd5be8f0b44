import type { FieldName, JsonObject, Parameter } from "@pictor/core"
import { samplesOf } from "./samples.ts"
import type { Subject } from "./subject.ts"

/** The settings that change how a picture looks or comes, and not how many pixels it has. */
export const styleSettings = [
  "guidance",
  "style",
  "outputFormat",
  "background",
  "compression",
  "moderation",
  "partialImages",
] as const satisfies readonly FieldName[]

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
  const settings = styleSettings.flatMap((field) => {
    const parameter = fields[field]
    return parameter ? [[field, usualOf(parameter)] as const] : []
  })
  return { ...(takesNegative ? avoided : {}), ...Object.fromEntries(settings), ...request }
}
