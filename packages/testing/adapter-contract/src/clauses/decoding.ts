import type { ImageAdapter } from "@pictor/core"
import { decodedOf, type Outcome } from "@pictor/core/adapter"
import type { Clause, Context } from "../contract.ts"
import { deliveredTo, firstCall } from "../examples.ts"
import { mutated, randomJson, randomNumbers } from "../random.ts"
import { subjectsOf } from "../subject.ts"

const seed = 20_261_120
const rounds = 300

const isOutcome = (outcome: Outcome): boolean => {
  if (outcome.status === "delivered")
    return (
      typeof outcome.data === "string" ||
      ArrayBuffer.isView("bytes" in outcome.data ? outcome.data.bytes : outcome.data.base64)
    )
  if (outcome.status === "filtered")
    return typeof outcome.stage === "string" && typeof outcome.reason === "string"
  return (
    outcome.status === "failed" &&
    typeof outcome.code === "string" &&
    typeof outcome.message === "string"
  )
}

/** The outcomes, or the error's text. */
const decoded = (
  adapter: ImageAdapter,
  reply: unknown,
  count: number,
): readonly Outcome[] | string => {
  try {
    return decodedOf(adapter.decode(reply, count)).outcomes
  } catch (error) {
    return `it threw ${String(error)}`
  }
}

const oddReplies: readonly unknown[] = [
  undefined,
  null,
  0,
  "",
  "text",
  true,
  [],
  {},
  [null],
  { images: {} },
  { images: [null, 1, {}] },
]

// JSON.stringify(undefined) is undefined, against its type.
const quoted = (reply: unknown): string =>
  reply === undefined ? "undefined" : JSON.stringify(reply).slice(0, 300)

/** Odd replies, delivered ones, damaged ones and random JSON. */
const repliesOf = async (
  context: Context,
): Promise<readonly (readonly [reply: unknown, count: number])[]> => {
  const random = randomNumbers(seed)
  const delivered: (readonly [unknown, number])[] = []
  for (const subject of subjectsOf(context)) {
    const { json } = await deliveredTo(
      context,
      await firstCall(context, subject, subject.limit),
      subject.limit,
    )
    delivered.push([json, subject.limit])
  }
  const damaged = delivered.flatMap(([json, count]) =>
    Array.from({ length: rounds }, () => [mutated(random, json), count] as const),
  )
  const noise = Array.from(
    { length: rounds },
    () => [randomJson(random), 1 + Math.floor(random() * 5)] as const,
  )
  return [
    ...oddReplies.flatMap((reply) => [1, 3].map((count) => [reply, count] as const)),
    ...delivered,
    ...damaged,
    ...noise,
  ]
}

const decodeTotal: Clause = async (context) => {
  const { expect } = context
  const adapter = context.contract.create({ name: "contract", invoke: context.deliver })
  for (const [reply, count] of await repliesOf(context)) {
    const outcomes = decoded(adapter, reply, count)
    const wrong =
      typeof outcomes === "string"
        ? outcomes
        : outcomes.length < count
          ? `it gave ${outcomes.length} outcomes`
          : outcomes.every(isOutcome)
            ? undefined
            : `it gave ${JSON.stringify(outcomes).slice(0, 300)}`
    const what = (): string => `decode(${quoted(reply)}, ${count}) (random seed ${seed})`
    if (wrong !== undefined) expect(wrong, what()).toBeUndefined()
  }
}

const frozen = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null) return value
  for (const each of Object.values(value)) frozen(each)
  return Object.freeze(value)
}

const decodePure: Clause = async (context) => {
  const adapter = context.contract.create({ name: "contract", invoke: context.deliver })
  for (const subject of subjectsOf(context)) {
    const { json } = await deliveredTo(
      context,
      await firstCall(context, subject, subject.limit),
      subject.limit,
    )
    const reply = frozen(json)
    const first = JSON.stringify(adapter.decode(reply, subject.limit))
    adapter.decode({}, 1)
    const again = JSON.stringify(adapter.decode(reply, subject.limit))
    context
      .expect(
        again === first,
        `${subject.label}: the same reply, decoded again, gives other outcomes`,
      )
      .toBe(true)
  }
}

export const decodingClauses = { "decode-total": decodeTotal, "decode-pure": decodePure } as const
