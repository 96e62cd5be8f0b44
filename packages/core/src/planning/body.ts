import type { CallDraft } from "../contract/adapter.ts"
import type { Parameter, TaskCard } from "../contract/card.ts"
import type { InputImage } from "../contract/plan.ts"
import type { JsonObject, WeightedPrompt } from "../contract/request.ts"
import { firstGiven, isRecord, place, type UnknownRecord, valueAt } from "../lib/object.ts"
import { toModelScale } from "../models/parameter.ts"

/** The request body with everything that the card describes in its place. */
export const toBody = (draft: CallDraft): JsonObject => {
  const body: Record<string, unknown> = {}
  const task: Partial<TaskCard> = draft.card.tasks[draft.task] ?? {}
  placeAll(body, task.constants)
  for (const [name, parameter] of Object.entries(task.fields ?? {}))
    placeField(body, parameter, fieldValue(draft, name, parameter), draft.fields as UnknownRecord)
  for (const path in draft.options) placeAll(body, task.options?.[path]?.implies)
  placeAll(body, draft.options)
  return body
}

/** All texts as one list. The negative prompt is last, with the weight -1. */
export const weightedTexts = ({
  prompt,
  prompts = [],
  negativePrompt,
}: CallDraft["fields"]): readonly WeightedPrompt[] => [
  ...(prompt === undefined ? [] : [{ text: prompt }]),
  ...prompts,
  ...(negativePrompt === undefined ? [] : [{ text: negativePrompt, weight: -1 }]),
]

const placeAll = (body: Record<string, unknown>, values: UnknownRecord = {}): void => {
  for (const path in values) place(body, path, values[path])
}

const placeField = (
  body: Record<string, unknown>,
  parameter: Parameter,
  value: unknown,
  fields: UnknownRecord,
): void => {
  if (value === undefined) return
  const { pathBeside = {}, implies } = parameter
  const path = parameter.path ?? pathBeside[firstGiven(fields, Object.keys(pathBeside)) ?? ""]
  placeAll(body, implies)
  if (parameter.kind === "object") {
    for (const [part, inner] of Object.entries(parameter.fields))
      placeField(body, inner, valueAt(value as UnknownRecord, part), fields)
  } else if (typeof path === "string") place(body, path, modelValue(parameter, value))
  else if (path !== undefined && isRecord(value)) {
    place(body, path[0], value["width"])
    place(body, path[1], value["height"])
  }
}

const fieldValue = (draft: CallDraft, name: string, { kind }: Parameter): unknown => {
  if (kind === "seed") return draft.seed
  if (kind === "count") return draft.count
  if (kind === "prompts") return weightedTexts(draft.fields)
  return draft.fields[name as keyof CallDraft["fields"]]
}

const modelValue = (parameter: Parameter, value: unknown): unknown => {
  if (parameter.kind === "range") return toModelScale(parameter, value as number)
  if (parameter.kind === "image" || parameter.kind === "mask") return (value as InputImage).base64
  if (parameter.kind === "images")
    return (value as readonly InputImage[]).map(({ base64 }) => base64)
  return value
}
