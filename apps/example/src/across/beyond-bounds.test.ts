import { checkBody } from "@pictor/bedrock-emulator"
import {
  createPictor,
  type ImageRequest,
  type JsonObject,
  type ModelCard,
  type Parameter,
  type Task,
} from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cards, familiesOn, nowhere } from "./families.ts"
import { quickImages } from "./pictures.ts"
import { requestsFor } from "./random-requests.ts"

const pictor = createPictor({ adapters: familiesOn(nowhere), imageOps: quickImages })

/** Values of the body that a card does not allow. */
const beyond = (parameter: Parameter): readonly unknown[] => {
  if (parameter.kind === "text") return ["x".repeat(parameter.max + 1)]
  if (parameter.kind === "count") return [0, parameter.max + 1]
  if (parameter.kind === "enum") return ["a value of no model"]
  if (parameter.kind !== "seed" && parameter.kind !== "range") return []
  const step = parameter.kind === "seed" || parameter.integer === true ? 1 : 0.001
  return [parameter.min - step, parameter.max + step]
}

/** No page states their maximum. */
const unstated: ReadonlySet<string> = new Set([
  "messages.0.content.0.text",
  "system.0.text",
  "inPaintingParams.maskPrompt",
  "outPaintingParams.maskPrompt",
  "virtualTryOnParams.promptBasedMask.maskPrompt",
])

interface Checked {
  readonly wire: string
  readonly parameter: Parameter
}

const checkedOf = ({ fields, options = {} }: TaskCard): readonly Checked[] => [
  ...Object.values(fields).flatMap((parameter) =>
    (parameter.kind === "object" ? Object.values(parameter.fields) : [parameter]).flatMap((each) =>
      typeof each.path === "string" ? [{ wire: each.path, parameter: each }] : [],
    ),
  ),
  ...Object.entries(options).map(([wire, parameter]) => ({ wire, parameter })),
]

const at = (body: JsonObject, wire: string): unknown =>
  wire.split(".").reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], body)

const withValue = (
  body: JsonObject,
  [head = "", ...rest]: readonly string[],
  value: unknown,
): JsonObject => {
  const changed = rest.length === 0 ? value : withValue(body[head] as JsonObject, rest, value)
  return Array.isArray(body)
    ? (body.with(Number(head), changed) as unknown as JsonObject)
    : { ...body, [head]: changed }
}

/** Bodies of valid requests, which together have every field of the task. */
const bodiesOf = async (card: ModelCard, name: Task, task: TaskCard) => {
  const requests = fc.sample(requestsFor(card, name, task), { numRuns: 60, seed: 20_261_130 })
  const plans = await Promise.all(
    requests.map(({ request }) => pictor.plan(request as unknown as ImageRequest)),
  )
  return plans.flatMap(({ calls }) => calls)
}

// No page is about this id: its card has the bounds of 0.8, the emulator those of 1.0.
const cases = cards
  .filter(({ id }) => id !== "stability.stable-diffusion-xl")
  .flatMap((card) =>
    Object.entries(card.tasks).map(([name, task]: [string, TaskCard]) => ({
      id: card.id,
      name: name as Task,
      card,
      task,
    })),
  )

describe.each(cases)("the emulator's schema of $id, $name", ({ card, name, task }) => {
  test("refuses what is beyond the card's bounds", async () => {
    const calls = await bodiesOf(card, name, task)
    for (const { wire, parameter } of checkedOf(task)) {
      if (unstated.has(wire)) continue
      const call = calls.find(({ body }) => at(body, wire) !== undefined)
      if (call === undefined) throw new Error(`No request has ${wire}`)
      for (const value of beyond(parameter)) {
        const violations = checkBody(call.modelId, withValue(call.body, wire.split("."), value))
        expect
          .soft(
            violations.map(({ path }) => path),
            `${wire} ${String(value).slice(0, 40)}`,
          )
          .toContain(`#/${wire.replaceAll(".", "/")}`)
      }
    }
  })
})
