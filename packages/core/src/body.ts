import type { Draft } from "./adapter.ts"
import type { Parameter } from "./card.ts"
import type { Loose, WeightedPrompt } from "./request.ts"
import { isRecord, place } from "./wire.ts"

/** All texts as one list: what to avoid comes last, with the weight -1. */
export const weightedTexts = ({ prompt, prompts = [], negativePrompt }: Draft["fields"]): readonly WeightedPrompt[] => [
  ...(prompt === undefined ? [] : [{ text: prompt }]),
  ...prompts,
  ...(negativePrompt === undefined ? [] : [{ text: negativePrompt, weight: -1 }]),
]

const fieldOf = (draft: Draft, name: string, { kind }: Parameter): unknown => {
  if (kind === "seed") return draft.seed
  if (kind === "count") return draft.count
  if (kind === "prompts") return weightedTexts(draft.fields)
  return (draft.fields as Loose)[name]
}

/** The request body with everything that the card describes in its place. */
export const toBody = (draft: Draft): Loose => {
  const body: Record<string, unknown> = {}
  const task = draft.card.tasks[draft.task]
  for (const [path, value] of Object.entries(task?.fixed ?? {})) place(body, path, value)
  for (const [name, parameter] of Object.entries(task?.fields ?? {})) {
    const value = fieldOf(draft, name, parameter)
    const { wire } = parameter
    if (value === undefined || wire === undefined) continue
    if (typeof wire === "string") place(body, wire, value)
    else if (isRecord(value)) {
      place(body, wire[0], value["width"])
      place(body, wire[1], value["height"])
    }
  }
  for (const [path, value] of Object.entries(draft.options)) place(body, path, value)
  return body
}
