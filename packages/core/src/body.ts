import type { Draft } from "./adapter.ts"
import type { Parameter } from "./card.ts"
import type { Loose, WeightedPrompt } from "./request.ts"
import { isRecord, place } from "./wire.ts"

const weighted = ({ fields }: Draft): readonly WeightedPrompt[] => [
  ...(fields.prompt === undefined ? [] : [{ text: fields.prompt }]),
  ...(fields.prompts ?? []),
  ...(fields.negativePrompt === undefined ? [] : [{ text: fields.negativePrompt, weight: -1 }]),
]

const fieldOf = (draft: Draft, name: string, { kind }: Parameter): unknown => {
  if (kind === "seed") return draft.seed
  if (kind === "count") return draft.count
  if (kind === "prompts") return weighted(draft)
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
