import type { CallDraft } from "../contract/adapter.ts"
import type { FieldName, Parameter, TaskCard } from "../contract/card.ts"
import type { InputImage } from "../contract/plan.ts"
import type { JsonObject, WeightedPrompt } from "../contract/request.ts"
import { firstGiven, isRecord, place, valueAt } from "../lib/object.ts"
import { turned } from "../models/parameter.ts"

/** All texts as one list: what to avoid comes last, with the weight -1. */
export const weightedTexts = ({
  prompt,
  prompts = [],
  negativePrompt,
}: CallDraft["fields"]): readonly WeightedPrompt[] => [
  ...(prompt === undefined ? [] : [{ text: prompt }]),
  ...prompts,
  ...(negativePrompt === undefined ? [] : [{ text: negativePrompt, weight: -1 }]),
]

const onWire = (parameter: Parameter, value: unknown): unknown => {
  if (parameter.kind === "range") return turned(parameter, value as number)
  if (parameter.kind === "image" || parameter.kind === "mask") return (value as InputImage).base64
  if (parameter.kind === "images")
    return (value as readonly InputImage[]).map(({ base64 }) => base64)
  return value
}

const fieldOf = (draft: CallDraft, name: string, { kind }: Parameter): unknown => {
  if (kind === "seed") return draft.seed
  if (kind === "count") return draft.count
  if (kind === "prompts") return weightedTexts(draft.fields)
  return (draft.fields as JsonObject)[name]
}

const placeField = (
  body: Record<string, unknown>,
  parameter: Parameter,
  value: unknown,
  fields: JsonObject,
): void => {
  if (value === undefined) return
  const { pathBeside: wires, implies: says } = parameter
  const wire = parameter.path ?? wires?.[firstGiven(fields, Object.keys(wires)) ?? ""]
  for (const path in says) place(body, path, says[path])
  if (parameter.kind === "object") {
    for (const [part, inner] of Object.entries(parameter.fields))
      placeField(body, inner, valueAt(value as JsonObject, part), fields)
  } else if (typeof wire === "string") place(body, wire, onWire(parameter, value))
  else if (wire !== undefined && isRecord(value)) {
    place(body, wire[0], value["width"])
    place(body, wire[1], value["height"])
  }
}

/** The request body with everything that the card describes in its place. */
export const toBody = (draft: CallDraft): JsonObject => {
  const body: Record<string, unknown> = {}
  const {
    constants: fixed,
    fields = {},
    options,
  }: Partial<TaskCard> = draft.card.tasks[draft.task] ?? {}
  for (const path in fixed) place(body, path, fixed[path])
  for (const name in fields) {
    const parameter = fields[name as FieldName] as Parameter
    placeField(body, parameter, fieldOf(draft, name, parameter), draft.fields as JsonObject)
  }
  for (const path in draft.options) {
    const says = options?.[path]?.implies
    for (const at in says) place(body, at, says[at])
  }
  for (const path in draft.options) place(body, path, draft.options[path])
  return body
}
