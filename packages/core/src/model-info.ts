import type { LifecycleStatus, ModelCard } from "./card.ts"
import type { ModelInfo } from "./client-types.ts"
import { ImageError } from "./errors.ts"
import { toJsonSchema } from "./json-schema.ts"

/** What a client tells of one model. */
export const modelInfo = (card: ModelCard, lifecycle: LifecycleStatus): ModelInfo => ({
  card,
  lifecycle,
  parameters: Object.fromEntries(Object.entries(card.tasks).map(([task, { fields }]) => [task, fields])),
  schema: (task = "text-to-image") => {
    const found = card.tasks[task]
    if (found) return toJsonSchema(found)
    throw new ImageError({ code: "unsupported", message: `${card.id} has no task ${task}; it has ${Object.keys(card.tasks).join(", ")}.` })
  },
})
