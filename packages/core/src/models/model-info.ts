import type { LifecycleStatus, ModelCard } from "../contract/card.ts"
import type { ModelInfo } from "../contract/client-types.ts"
import { imageError } from "../contract/errors.ts"
import { memo } from "../tools/memo.ts"
import { mapValues } from "../tools/records.ts"
import { toJsonSchema } from "./json-schema.ts"

const parametersOf = memo(({ tasks }: ModelCard): ModelInfo["parameters"] =>
  mapValues(tasks, ({ fields }) => fields),
)

/** What a client tells of one model. */
export const modelInfo = (card: ModelCard, lifecycle: LifecycleStatus): ModelInfo => ({
  card,
  lifecycle,
  parameters: parametersOf(card),
  schema: (task = "text-to-image") => {
    const found = card.tasks[task]
    if (found) return toJsonSchema(found)
    throw imageError(
      "unsupported",
      `${card.id} has no task ${task}; it has ${Object.keys(card.tasks).join(", ")}.`,
    )
  },
})
