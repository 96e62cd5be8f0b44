import type { Slot } from "@pictor/core"
import { failureOf, generate } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { deliveredTo, exampleReply, firstCall, needed } from "../examples.ts"
import { type Subject, subjectsOf } from "../subject.ts"

const stages = ["prompt", "input-image", "output", "guardrail", "unknown"]

const expectFiltered = ({ expect }: Context, slots: readonly Slot[], label: string): void => {
  for (const slot of slots) {
    expect(slot.status, `${label}: a slot`).toBe("filtered")
    if (slot.status !== "filtered") continue
    expect(stages, `${label}: the stage`).toContain(slot.stage)
    expect(slot.reason, `${label}: the reason`).not.toBe("")
  }
}

const filteredAll: Clause = async (context) => {
  const example = needed(context.contract.outcomes?.filtered, "filtered")
  for (const subject of subjectsOf(context)) {
    const label = `${subject.label}, all filtered`
    const answer = generate(context, subject, (call) => exampleReply(context, example, call, 1))
    const error = await failureOf(context, answer, label)
    context.expect(error.code, label).toBe("content_filtered")
    context.expect(error.slots?.length, `${label}: slots of the error`).toBe(1)
    expectFiltered(context, error.slots ?? [], label)
  }
}

/** The delivered images are the originals, and every other slot is filtered. */
const expectKept = async (
  context: Context,
  slots: readonly Slot[],
  originals: readonly string[],
  label: string,
): Promise<void> => {
  const { expect } = context
  const delivered = slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : []))
  expect(delivered.length, `${label}: delivered images`).toBeGreaterThan(0)
  for (const image of delivered)
    expect(originals, `${label}: a delivered image`).toContain(image.base64())
  const others = slots.filter(({ status }) => status !== "delivered")
  expect(others.length, `${label}: slots that were not delivered`).toBeGreaterThan(0)
  expectFiltered(context, others, label)
}

/** One call is delivered, the next is filtered. */
const filteredCall = async (context: Context, subject: Subject): Promise<void> => {
  const { contract, expect } = context
  const example = needed(contract.outcomes?.filtered, "filtered")
  const label = `${subject.label}, one call delivered and one filtered`
  let calls = 0
  const answer = await generate(
    context,
    subject,
    (call) => (calls++ === 0 ? context.deliver(call) : exampleReply(context, example, call, 1)),
    {
      n: subject.limit + 1,
    },
  )
  const { images } = await deliveredTo(
    context,
    await firstCall(context, subject, subject.limit),
    subject.limit,
  )
  const first = answer.slots.slice(0, subject.limit)
  expect(
    first.map((slot) => (slot.status === "delivered" ? slot.image.base64() : slot.status)),
    `${label}: the first call's images`,
  ).toEqual(images.map(padded))
}

const padded = (base64: string): string =>
  base64.replace(/=*$/, "").replace(/.{1,4}/g, (four) => four.padEnd(4, "="))

const filteredPartial: Clause = async (context) => {
  for (const subject of subjectsOf(context)) {
    const { limit, label } = subject
    if (limit === 1) await filteredCall(context, subject)
    else {
      const example = needed(context.contract.outcomes?.partial, "partial")
      const call = await firstCall(context, subject, limit)
      const { images } = await deliveredTo(context, call, limit)
      const result = await generate(
        context,
        subject,
        (each) => exampleReply(context, example, each, limit),
        { n: limit },
      )
      context.expect(result.slots.length, `${label}, partly filtered: slots`).toBe(limit)
      await expectKept(context, result.slots, images.map(padded), `${label}, partly filtered`)
    }
  }
}

export const filteringClauses = {
  "filtered-all": filteredAll,
  "filtered-partial": filteredPartial,
} as const
