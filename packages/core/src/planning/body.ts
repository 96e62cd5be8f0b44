import type { CallDraft } from "../contract/adapter.ts"
import type { Parameter, PictureText, TaskCard } from "../contract/card.ts"
import type { InputImage, Size } from "../contract/plan.ts"
import type { JsonObject, WeightedPrompt } from "../contract/request.ts"
import {
  firstGiven,
  isRecord,
  memo,
  place,
  type UnknownRecord,
  valueAt,
  withoutHoles,
} from "../lib/object.ts"
import { toModelScale } from "../models/parameter.ts"
import { sizeText } from "../models/size.ts"
import { hasLists, placesOf } from "./card-fields.ts"

/** The request body with everything that the card describes in its place. */
export const toBody = (draft: CallDraft): JsonObject => {
  const body: Record<string, unknown> = {}
  const task: TaskCard = draft.card.tasks[draft.task] ?? { fields: {} }
  const target = { body, fields: draft.fields as UnknownRecord, isForm: task.encoding === "form" }
  placeAll(body, task.constants)
  for (const [name, parameter] of Object.entries(task.fields))
    placeField(target, parameter, fieldValue(draft, name, parameter))
  for (const path in draft.options) placeAll(body, task.options?.[path]?.implies)
  placeAll(body, draft.options)
  return hasLists(task) ? withoutHoles(body) : body
}

/** A body under construction, and the fields that decide some paths. */
interface Target {
  readonly body: Record<string, unknown>
  readonly fields: UnknownRecord
  readonly isForm: boolean
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

const placeField = (target: Target, parameter: Parameter, value: unknown): void => {
  if (value === undefined) return
  const { body, fields, isForm } = target
  const { pathBeside = {}, implies } = parameter
  const path = parameter.path ?? pathBeside[firstGiven(fields, Object.keys(pathBeside)) ?? ""]
  placeAll(body, implies)
  if (parameter.kind === "object") {
    for (const [part, inner] of Object.entries(parameter.fields))
      placeField(target, inner, valueAt(value as UnknownRecord, part))
    return
  }
  const sent = modelValue(parameter, value, isForm)
  const places = placesOf(parameter)
  if (places.length > 0)
    for (const [index, each] of (sent as readonly unknown[]).entries())
      place(body, places[index] as string, each)
  else if (typeof path === "string") place(body, path, sent)
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

const modelValue = (parameter: Parameter, value: unknown, isForm: boolean): unknown => {
  const { kind } = parameter
  if (kind === "range") return toModelScale(parameter, value as number)
  if (kind === "sizes" || kind === "grid") return sizeText(value as Size)
  if (kind === "image" || kind === "mask") return pictureOf(value as InputImage, parameter, isForm)
  if (kind === "images")
    return (value as readonly InputImage[]).map((each) => pictureOf(each, parameter, isForm))
  return value
}

const pictureOf = (
  image: InputImage,
  { as }: { readonly as?: PictureText },
  isForm: boolean,
): unknown => {
  if (isForm) return { base64: image.base64, mediaType: image.mediaType }
  return as === "data-url" ? dataUrlOf(image) : image.base64
}

/** The calls of a plan share one text. */
const dataUrlOf = memo(({ base64, mediaType }: InputImage) => `data:${mediaType};base64,${base64}`)
