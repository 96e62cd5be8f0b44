import type { ImageRequest, Task } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cards, scaled } from "./families.ts"
import { onEmulator } from "./on-emulator.ts"
import { quickImages } from "./pictures.ts"
import { requestsFor } from "./random-requests.ts"

const seed = 20_261_121
const cases = cards.flatMap((card) => {
  const tasks = Object.entries(card.tasks) as [Task, TaskCard][]
  return tasks.map(([name, task]) => ({
    id: card.id,
    name,
    card,
    task,
    share: Math.ceil(scaled(50) / tasks.length),
  }))
})

describe.each(cases)("$id, $name", ({ card, name, task, share }) => {
  test(`draws ${share} random valid requests in full, as planned and at the planned price (seed ${seed})`, async () => {
    await using run = onEmulator({}, { imageOps: quickImages })
    for (const { request } of fc.sample(requestsFor(card, name, task), { numRuns: share, seed })) {
      const plan = await run.pictor.plan({ ...request, n: undefined } as unknown as ImageRequest)
      const { images, cost } = await run.pictor.run(plan)
      expect(images).toHaveLength(plan.n)
      if (plan.estimate.basis === undefined) expect(cost).toEqual(plan.estimate)
      else expect(cost.microUsd).toBeLessThanOrEqual(plan.estimate.microUsd)
      for (const { width, height, mediaType } of images) {
        if (plan.outputSize) expect({ width, height }).toEqual(plan.outputSize)
        expect(mediaType).toBe(`image/${plan.resolved.outputFormat}`)
      }
      expect(run.requests.slice(-plan.calls.length).map(({ body }) => body)).toEqual(
        expect.arrayContaining(plan.calls.map(({ body }) => body)),
      )
    }
  })
})
