import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor, type ImageRequest, type Parameter, type TaskCard } from "@pictor/core"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cards, familiesOn, nowhere } from "./families.ts"
import { type Generated, requestsFor } from "./random-requests.ts"

const seed = 20_261_120
const count = 10_000
const pictor = createPictor({ adapters: familiesOn(nowhere) })

const taskOf = (card: (typeof cards)[number]): TaskCard => {
  const task = card.tasks["text-to-image"]
  if (!task) throw new Error(`${card.id} draws nothing from text`)
  return task
}

const wanted = (task: TaskCard): readonly string[] => [
  ...Object.entries(task.fields).flatMap(([name, { wire }]) => [`neutral ${name}`, ...(wire === undefined ? [] : [`option ${name}`])]),
  ...Object.keys(task.options ?? {}).map((name) => `option ${name}`),
]

const endsOf = (name: string, parameter: Parameter): readonly (readonly [string, unknown])[] =>
  parameter.kind === "range" || parameter.kind === "seed"
    ? [
        [name, parameter.min],
        [name, parameter.max],
      ]
    : parameter.kind === "count"
      ? [
          [name, 1],
          [name, parameter.max],
        ]
      : []

describe.each(cards.map((card) => ({ id: card.id, card })))("$id", ({ card }) => {
  const task = taskOf(card)
  const generated: readonly Generated[] = fc.sample(requestsFor(card, task), { numRuns: count, seed })

  test(`the generator says every field in at least 5 % of ${count} requests, and both ends of every range (seed ${seed})`, () => {
    const said = new Map<string, number>()
    const values = new Set<string>()
    for (const each of generated)
      for (const { name, way, value } of each.said) {
        said.set(`${way} ${name}`, (said.get(`${way} ${name}`) ?? 0) + 1)
        if (typeof value !== "object") values.add(`${name} ${String(value)}`)
      }
    expect(wanted(task).filter((each) => (said.get(each) ?? 0) < count * 0.05)).toEqual([])
    const ends = [...Object.entries(task.fields), ...Object.entries(task.options ?? {})].flatMap(([name, parameter]) => endsOf(name, parameter))
    expect(ends.length).toBeGreaterThan(0)
    expect(ends.filter(([name, value]) => !values.has(`${name} ${String(value)}`))).toEqual([])
  })

  test(`${count} random valid requests are planned, and every body is one that the provider takes (seed ${seed})`, async () => {
    for (const { request } of generated) {
      const plan = await pictor.plan(request as unknown as ImageRequest)
      for (const { body } of plan.calls) {
        const violations = checkBody(card.id, body)
        if (violations.length > 0) expect({ request, body, violations }).toEqual("accepted")
      }
      expect(plan.estimate.unknownImages).toBe(0)
      expect(plan.slots).toHaveLength(plan.n)
    }
  })
})
