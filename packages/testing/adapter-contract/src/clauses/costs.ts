import { type Cost, ImageError, type Slot } from "@pictor/core"
import { clientOf, failureOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { exampleReply } from "../examples.ts"
import { requestWith, type Subject, subjectsOf } from "../subject.ts"

const sumOf = (slots: readonly Slot[]): Cost => ({
  microUsd: slots.reduce((sum, { cost }) => sum + cost.microUsd, 0),
  maybeMicroUsd: slots.reduce((sum, { cost }) => sum + cost.maybeMicroUsd, 0),
  unpricedImages: slots.reduce((sum, { cost }) => sum + cost.unpricedImages, 0),
})

const costDelivered: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const client = clientOf(context, subject, context.deliver)
    const plan = await client.plan(requestWith(subject, { n: subject.limit + 1 }))
    const { cost, slots } = await client.run(plan)
    expect(cost, `${subject.label}: the sum of the slots' costs`).toEqual(sumOf(slots))
    // Another clause tests undelivered images.
    if (slots.filter(({ status }) => status === "delivered").length < plan.n) continue
    const label = `${subject.label}: the charge for ${plan.n} images`
    const { basis, microUsd, unpricedImages } = plan.estimate
    // The reply may state what was unknown.
    if (unpricedImages > 0 && cost.unpricedImages === 0) continue
    if (basis === undefined) expect(cost, label).toEqual(plan.estimate)
    else {
      expect(cost, label).toMatchObject({ maybeMicroUsd: 0, unpricedImages: 0 })
      expect(cost.microUsd, label).toBeLessThanOrEqual(microUsd)
    }
  }
}

const most = ({ microUsd, maybeMicroUsd }: Cost): number => microUsd + maybeMicroUsd

const costUndelivered: Clause = async (context) => {
  const { expect } = context
  const { filtered, partial, malformed } = context.contract.outcomes ?? {}
  const examples = Object.entries({ filtered, partial, malformed })
  for (const subject of subjectsOf(context)) {
    const { limit, label } = subject
    for (const [name, example] of examples) {
      if (example === undefined) continue
      const client = clientOf(context, subject, (call) =>
        exampleReply(context, example, call, limit),
      )
      const plan = await client.plan(requestWith(subject, { n: limit }))
      const end = await client.run(plan).catch((error: unknown) => error as ImageError)
      const slots = end.slots ?? []
      const isExact = plan.estimate.basis === undefined
      expect(end.cost, `${label}, ${name}: the sum of the slots' costs`).toEqual(sumOf(slots))
      for (const { cost, status } of slots)
        expect(most(cost), `${label}, ${name}: the cost of a ${status} image`).toBeLessThanOrEqual(
          most(plan.estimate) / (isExact ? limit : 1),
        )
      // Where the provider counts, it may charge for a failure, and says so in the reply.
      const failed = isExact && slots.find((slot) => slot.status === "failed")
      if (failed)
        expect(
          failed.cost,
          `${label}, ${name}: the cost of an image that failed in a readable reply`,
        ).toEqual(none)
    }
    await expectFailureCosts(context, subject)
  }
}

const none: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

/** A failed call is free, or held in full if it is maybe billed. */
const expectFailureCosts = async (context: Context, subject: Subject): Promise<void> => {
  for (const maybeBilled of [false, true]) {
    const failure = new ImageError({
      code: "provider_failed",
      message: "The provider failed.",
      maybeBilled,
    })
    const client = clientOf(context, subject, () => Promise.reject(failure))
    const plan = await client.plan(requestWith(subject, { n: subject.limit }))
    const label = `${subject.label}: the cost of a failure that is ${maybeBilled ? "maybe" : "not"} billed`
    const { cost } = await failureOf(context, client.run(plan), label)
    const { microUsd, unpricedImages } = plan.estimate
    context
      .expect(cost, label)
      .toEqual(maybeBilled ? { microUsd: 0, maybeMicroUsd: microUsd, unpricedImages } : none)
  }
}

export const costClauses = {
  "cost-delivered": costDelivered,
  "cost-undelivered": costUndelivered,
} as const
