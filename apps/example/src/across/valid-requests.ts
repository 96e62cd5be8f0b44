import { checkBody } from "@pictor/bedrock-emulator"
import {
  createPictor,
  type ImageRequest,
  type ModelCard,
  type Parameter,
  type Task,
} from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { familiesOn, isFull, nowhere } from "./families.ts"
import { quickImages } from "./pictures.ts"
import { type Generated, requestsFor } from "./random-requests.ts"

const seed = 20_261_120
const count = isFull ? 10_000 : 2000
/** The values of an edit, to check that the generator covers every parameter. */
const sampled = 2000
const pictor = createPictor({ adapters: familiesOn(nowhere), imageOps: quickImages })

type Named = readonly [name: string, parameter: Parameter]

const partsOf = (name: string, parameter: Parameter): readonly Named[] =>
  parameter.kind === "object"
    ? Object.entries(parameter.fields).map(([part, inner]): Named => [`${name}.${part}`, inner])
    : [[name, parameter]]

/** The parameters of a task by the field that sets them. */
const parametersOf = ({ fields, options = {} }: TaskCard): readonly Named[] => [
  ...Object.entries(fields).flatMap(([name, parameter]) => partsOf(name, parameter)),
  ...Object.entries(options),
]

const wanted = (task: TaskCard): readonly string[] =>
  parametersOf(task).flatMap(([name, { path: wire }]) =>
    task.options?.[name]
      ? [`option ${name}`]
      : [`neutral ${name}`, ...(wire === undefined ? [] : [`option ${name}`])],
  )

const endsOf = ([name, parameter]: Named): readonly string[] => {
  const { kind } = parameter
  if (kind === "count") return [`${name} 1`, `${name} ${parameter.max}`]
  // Margins are drawn small, so that padded pictures stay legal.
  return (kind === "range" || kind === "seed") && !name.startsWith("margins.")
    ? [`${name} ${parameter.min}`, `${name} ${parameter.max}`]
    : []
}

const casesOf = (some: readonly ModelCard[]) =>
  some.flatMap((card) => {
    const tasks = Object.entries(card.tasks) as [Task, TaskCard][]
    const edits = tasks.filter(([name]) => name !== "text-to-image").length
    // Edits read and hash images. All edits of a model share the count that text to image has.
    return tasks.map(([name, task]) => {
      const share = name === "text-to-image" ? count : Math.ceil(count / edits)
      return {
        id: card.id,
        name,
        card,
        task,
        share,
        shown: name === "text-to-image" ? count : Math.max(share, sampled),
      }
    })
  })

type Case = ReturnType<typeof casesOf>[number]

/** Thousands of plans with hashed images take seconds, and longer on a busy machine. */
const patienceMs = 120_000

/** Plans random valid requests of each card, and checks that the provider takes every body. */
export const describeValid = (some: readonly ModelCard[]): void => {
  describe.each(casesOf(some))("$id, $name", (each) => {
    describeCase(each)
  })
}

const describeCase = ({ card, name, task, share, shown }: Case): void => {
  let sample: readonly Generated[] | undefined
  const generated = (): readonly Generated[] => {
    sample ??= fc.sample(requestsFor(card, name, task), { numRuns: shown, seed })
    return sample
  }

  test(`the generator says every field in at least 5 % of ${shown} requests, and both ends of every range (seed ${seed})`, () => {
    const said = new Map<string, number>()
    const values = new Set<string>()
    for (const each of generated())
      for (const { name: field, way, value } of each.said) {
        said.set(`${way} ${field}`, (said.get(`${way} ${field}`) ?? 0) + 1)
        if (typeof value === "number") values.add(`${field} ${value}`)
      }
    expect(wanted(task).filter((each) => (said.get(each) ?? 0) < shown * 0.05)).toEqual([])
    expect(
      parametersOf(task)
        .flatMap(endsOf)
        .filter((end) => !values.has(end)),
    ).toEqual([])
  })

  test(
    `${share} random valid requests are planned, and every body is one that the provider takes (seed ${seed})`,
    async () => {
      const refused: unknown[] = []
      const next = generated().slice(0, share).values()
      const work = async (): Promise<void> => {
        for (const { request } of next) {
          const plan = await pictor.plan(request as unknown as ImageRequest)
          expect(plan.task).toBe(name)
          for (const { body, modelId } of plan.calls) {
            const violations = checkBody(modelId, body)
            if (violations.length > 0) refused.push({ said: Object.keys(request), violations })
          }
          expect(plan.estimate.unpricedImages).toBe(0)
          expect(plan.slots).toHaveLength(plan.n)
        }
      }
      // Hashing runs while other requests are planned.
      await Promise.all(Array.from({ length: 8 }, work))
      expect(refused).toEqual([])
    },
    patienceMs,
  )
}
