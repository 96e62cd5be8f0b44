import type { LifecycleStatus, ModelCard } from "../contract/card.ts"
import type { ModelInfo } from "../contract/client-types.ts"
import { imageError } from "../contract/errors.ts"
import { mapValues } from "../tools/records.ts"
import { toJsonSchema } from "./json-schema.ts"

/** What a client tells of one model. */
export const modelInfo = (card: ModelCard, lifecycle: LifecycleStatus): ModelInfo => ({
  card,
  lifecycle,
  parameters: mapValues(card.tasks, ({ fields }) => fields),
  schema: (task = "text-to-image") => {
    const found = card.tasks[task]
    if (found) return toJsonSchema(found)
    throw imageError("unsupported", `${card.id} has no task ${task}; it has ${Object.keys(card.tasks).join(", ")}.`)
  },
})
