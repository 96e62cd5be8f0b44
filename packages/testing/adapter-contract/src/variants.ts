import type { FieldName, JsonObject, Parameter } from "@pictor/core"
import { samplesOf } from "./samples.ts"
import type { Subject } from "./subject.ts"

const words = { negativePrompt: "fog over the water" } as const

// The ends of a range are another clause's.
const usualOf = (parameter: Parameter): unknown => {
  if (parameter.kind !== "range") return samplesOf(parameter).at(-1)
  const middle = (parameter.min + parameter.max) / 2
  return parameter.integer ? Math.round(middle) : Math.round(middle * 10) / 10
}

/**
 * A value for every setting of words and manner that the model takes and the example does not name.
 */
export const richFields = ({ taskCard, request }: Subject): JsonObject => {
  const { fields } = taskCard
  const avoids = fields.negativePrompt !== undefined || fields.prompts !== undefined
  const manner = (
    ["guidance", "style", "outputFormat"] as const satisfies readonly FieldName[]
  ).flatMap((field) => {
    const parameter = fields[field]
    return parameter ? [[field, usualOf(parameter)] as const] : []
  })
  return { ...(avoids ? words : {}), ...Object.fromEntries(manner), ...request }
}
