import type { ImageRequest } from "@pictor/core"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cards, scaled } from "./families.ts"
import { onEmulator } from "./on-emulator.ts"
import { requestsFor } from "./random-requests.ts"

const seed = 20_261_121
const count = scaled(50)

describe.each(cards.map((card) => ({ id: card.id, card })))("$id", ({ card }) => {
  test(`draws ${count} random valid requests in full, as planned and at the planned price (seed ${seed})`, async () => {
    const task = card.tasks["text-to-image"]
    if (!task) throw new Error(`${card.id} draws nothing from text`)
    await using run = await onEmulator()
    for (const { request } of fc.sample(requestsFor(card, task), { numRuns: count, seed })) {
      const plan = await run.pictor.plan({ ...request, n: undefined } as unknown as ImageRequest)
      const { images, cost } = await run.pictor.generate(plan)
      expect(images).toHaveLength(plan.n)
      expect(cost).toEqual(plan.estimate)
      for (const { width, height, mediaType } of images) {
        if (plan.outputSize) expect({ width, height }).toEqual(plan.outputSize)
        expect(mediaType).toBe(`image/${plan.resolved.outputFormat}`)
      }
      expect(run.emulator.requests.slice(-plan.calls.length).map(({ body }) => body)).toEqual(
        expect.arrayContaining(plan.calls.map(({ body }) => body)),
      )
    }
  })
})
