import type { Plan } from "@pictor/core"
import { clientOf, planOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { requestWith, type Subject, subjectsOf } from "../subject.ts"

const expectSplit = (
  { expect }: Context,
  { label, limit, taskCard }: Subject,
  n: number,
  { calls, slots, changes, estimate }: Plan,
): void => {
  const what = `${label}, n ${n}`
  const counts = calls.map((call) => call.slots.length)
  expect(counts, `${what}: images per call`).toEqual(
    Array.from({ length: Math.ceil(n / limit) }, (_, call) => Math.min(limit, n - call * limit)),
  )
  expect(
    calls.flatMap((call) => call.slots),
    `${what}: slots of the calls`,
  ).toEqual(Array.from({ length: n }, (_, slot) => slot))
  const own = calls.flatMap((call, index) =>
    call.slots.map((_, image) => ({ call: index, index: image })),
  )
  expect(slots, `${what}: the plan's slots`).toEqual(own)
  expect(
    changes.filter(({ action }) => action === "split").map(({ field, from }) => [field, from]),
    `${what}: reported splits`,
  ).toEqual(calls.length > 1 ? [["n", n]] : [])
  const { n: count } = taskCard.fields
  if (count?.kind === "count")
    expect(count.max, `${what}: the most that the model takes in a call`).toBeGreaterThanOrEqual(
      Math.max(...counts),
    )
  expect(
    estimate.unpricedImages + estimate.microUsd,
    `${what}: the estimate`,
  ).toBeGreaterThanOrEqual(0)
}

const splitCalls: Clause = async (context) => {
  for (const subject of subjectsOf(context))
    for (const n of new Set([1, subject.limit, subject.limit + 1, 2 * subject.limit + 1]))
      expectSplit(context, subject, n, await planOf(context, subject, { n }))
}

const splitImages: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const client = clientOf(context, subject, context.deliver)
    const plan = await client.plan(requestWith(subject, { n: subject.limit + 1 }))
    const result = await client.run(plan)
    const what = `${subject.label}, n ${plan.n}`
    // Another clause tests extra images.
    const slots = result.slots.slice(0, plan.n)
    const images = result.images.slice(0, plan.n)
    expect(
      slots.map(({ status }) => status),
      what,
    ).toEqual(plan.slots.map(() => "delivered"))
    expect(images, what).toEqual(
      slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : [])),
    )
    expect(
      images.map(({ recipe }) => ({ index: recipe.index, callImages: recipe.callImages })),
      `${what}: the recipes' places in their calls`,
    ).toEqual(
      plan.slots.map(({ call, index }) => ({ index, callImages: plan.calls[call]?.slots.length })),
    )
  }
}

const callAsPlanned: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const sent: unknown[] = []
    const client = clientOf(context, subject, (call) => {
      const { model, modelId, body } = call
      sent.push({ model, modelId, body: structuredClone(body), streaming: call.streaming })
      return context.deliver(call)
    })
    const plan = await client.plan(requestWith(subject, { n: subject.limit + 1 }))
    const planned = plan.calls.map(({ model, modelId, body }) => ({
      model,
      modelId,
      body,
      streaming: subject.card.streaming,
    }))
    await client.run(plan)
    expect(sent, `${subject.label}: the transport's calls`).toEqual(planned)
  }
}

export const splitClauses = {
  "split-calls": splitCalls,
  "split-images": splitImages,
  "call-as-planned": callAsPlanned,
} as const
