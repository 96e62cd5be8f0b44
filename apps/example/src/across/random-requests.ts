import type { FieldName, ModelCard, Parameter, Task, TaskCard } from "@pictor/core"
import fc from "fast-check"
import { exactOf, inputSizeOf, neutralOf, textOf } from "./random-values.ts"

/** What a generated request says of one field, and how: in neutral words, or by the model's own name in `options`. */
interface Said {
  /** `"guidance"`, `"garment.class"`. */
  readonly name: string
  readonly way: "neutral" | "option"
  readonly value: unknown
  readonly wire?: Parameter["wire"]
}

export interface Generated {
  readonly request: Record<string, unknown>
  readonly said: readonly Said[]
}

const place = (record: Record<string, unknown>, path: string, value: unknown): void => {
  const [head = "", ...rest] = path.split(".")
  if (rest.length === 0) record[head] = value
  else {
    const inner = (record[head] ?? {}) as Record<string, unknown>
    record[head] = inner
    place(inner, rest.join("."), value)
  }
}

type Saying = fc.Arbitrary<readonly Said[]>

const nothing: Saying = fc.constant([])

const sayOne = (name: string, field: FieldName, parameter: Parameter, size: string): Saying => {
  const { wire } = parameter
  const neutral = neutralOf(field, parameter, size).map((value): readonly Said[] => [{ name, way: "neutral", value }])
  const option = exactOf(parameter, size).map((value): readonly Said[] => [{ name, way: "option", value, wire }])
  return wire === undefined ? neutral : fc.oneof(neutral, option)
}

/** The parts of an object that are said; its first part always, so that it says something. */
const sayParts = (field: FieldName, parts: readonly (readonly [string, Parameter])[]): Saying => {
  const each = parts.map(([part, parameter], index): Saying => {
    const positive = parameter.kind === "range" ? fc.integer({ min: index === 0 ? 1 : 0, max: 100 }) : exactOf(parameter, "")
    const neutral = positive.map((value): readonly Said[] => [{ name: `${field}.${part}`, way: "neutral", value }])
    const option = positive.map((value): readonly Said[] => [{ name: `${field}.${part}`, way: "option", value, wire: parameter.wire }])
    const said = parameter.wire === undefined ? neutral : fc.oneof(neutral, option)
    return index === 0 ? said : fc.oneof(said, nothing)
  })
  return fc.tuple(...each).map((said) => said.flat())
}

const say = (field: FieldName, parameter: Parameter, size: string): Saying =>
  parameter.kind === "object" ? sayParts(field, Object.entries(parameter.fields)) : sayOne(field, field, parameter, size)

const write = (said: readonly Said[]): Record<string, unknown> => {
  const request: Record<string, unknown> = {}
  const options: Record<string, unknown> = {}
  for (const { name, way, value, wire = name } of said) {
    if (way === "neutral") place(request, name, value)
    else if (typeof wire === "string") place(options, wire, value)
    else {
      const [width, height] = String(value).split("x").map(Number)
      place(options, wire[0], width)
      place(options, wire[1], height)
    }
  }
  return Object.keys(options).length === 0 ? request : { ...request, options }
}

/** SDXL takes its words as `prompt` too, beside `negativePrompt`. */
const wordsOf = (task: TaskCard): Saying => {
  const { prompts } = task.fields
  if (prompts?.kind !== "prompts") return nothing
  const prompt = textOf(1, prompts.max).map((value): Said => ({ name: "prompt", way: "neutral", value }))
  const avoid = fc
    .option(textOf(0, prompts.max))
    .map((value): readonly Said[] => (value === null ? [] : [{ name: "negativePrompt", way: "neutral", value }]))
  return fc.oneof(
    say("prompts", prompts, ""),
    fc.tuple(prompt, avoid).map(([first, rest]) => [first, ...rest]),
  )
}

const bySize = (card: ModelCard, name: Task, task: TaskCard, size: string): fc.Arbitrary<Generated> => {
  const groups = task.oneOf ?? []
  const fields = (Object.entries(task.fields) as [FieldName, Parameter][]).filter(([field]) => field !== "prompts")
  const alone = fields.filter(([field]) => !groups.some((group) => group.includes(field)))
  const one = groups.map(
    (group): Saying => fc.oneof(...fields.filter(([field]) => group.includes(field)).map(([field, parameter]) => say(field, parameter, size))),
  )
  const own = Object.entries(task.options ?? {}).map(
    ([path, parameter]): Saying =>
      fc.option(exactOf(parameter, size)).map((value) => (value === null ? [] : [{ name: path, way: "option", value, wire: path }])),
  )
  const settings = alone.map(
    ([field, parameter]): Saying => (parameter.required ? say(field, parameter, size) : fc.oneof(say(field, parameter, size), nothing)),
  )
  return fc
    .tuple(wordsOf(task), ...one, ...settings, ...own)
    .map((parts) => parts.flat())
    .map((said) => ({ request: { model: card.id, ...(name === "text-to-image" ? {} : { task: name }), ...write(said) }, said }))
}

/** Random requests that a plan of this model and task must accept under `adapt`. */
export const requestsFor = (card: ModelCard, name: Task, task: TaskCard): fc.Arbitrary<Generated> =>
  inputSizeOf(task).chain((size) => bySize(card, name, task, size))
