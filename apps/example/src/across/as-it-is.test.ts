import {
  createPictor,
  type ImageAdapter,
  type ImageRequest,
  type ModelCard,
  type Task,
} from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { familiesOn, nowhere, scaled } from "./families.ts"
import { requestsFor } from "./random-requests.ts"

const seed = 20_261_121
const task: Task = "text-to-image"
const active = (card: ModelCard): ModelCard => ({ ...card, lifecycle: { status: "active" } })
const adapters = (familiesOn(nowhere) as readonly ImageAdapter[]).map(
  (adapter): ImageAdapter => ({ ...adapter, models: adapter.models.map(active) }),
)
const pictor = createPictor({ adapters, runtime: { random: () => 0.5 } })
const cards = pictor.models({ task })

describe("a text to image that a model takes as it is", () => {
  test.each(cards.map((card) => [card.id, card] as const))(
    "%s plans as if it had to be fitted",
    async (_, card) => {
      await fc.assert(
        fc.asyncProperty(
          requestsFor(card, task, card.tasks[task] as TaskCard),
          async ({ request: { options: _options, ...said } }) => {
            const request = "prompts" in said ? said : { prompt: "tea", ...said }
            // With options, be they none, every request is fitted.
            const fitted = { ...request, options: {} }
            const plans = [
              await pictor.plan(request as unknown as ImageRequest),
              await pictor.plan(fitted as unknown as ImageRequest),
            ]
            expect(plans[0]).toEqual(plans[1])
            expect(JSON.stringify(plans[0])).toBe(JSON.stringify(plans[1]))
          },
        ),
        { seed, numRuns: scaled(2000) },
      )
    },
  )
})
