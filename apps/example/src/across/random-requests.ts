import type { FieldName, ModelCard, Parameter, Task } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { exactOf, inputSizeOf, neutralOf, textOf } from "./random-values.ts"

/** One field of a generated request: neutral, or by the model's own name in `options`. */
interface Said {
  /** `"guidance"`, `"garment.class"`. */
  readonly name: string
  readonly way: "neutral" | "option"
  readonly value: unknown
  readonly wire?: Parameter["path"]
}

export interface Generated {
  readonly request: Record<string, unknown>
  readonly said: readonly Said[]
}

const isIndex = (key: string | undefined): boolean => /^\d+$/.test(key ?? "")

const place = (record: Record<string, unknown>, path: string, value: unknown): void => {
  const [head = "", ...rest] = path.split(".")
  if (rest.length === 0) record[head] = value
  else {
    // A list takes its positions as keys.
    const inner = (record[head] ?? (isIndex(rest[0]) ? [] : {})) as Record<string, unknown>
    record[head] = inner
    place(inner, rest.join("."), value)
  }
}

type Saying = fc.Arbitrary<readonly Said[]>

const nothing: Saying = fc.constant([])

const sayOne = (name: string, field: FieldName, parameter: Parameter, size: string): Saying => {
  const { path: wire } = parameter
  const neutral = neutralOf(field, parameter, size).map((value): readonly Said[] => [
    { name, way: "neutral", value },
  ])
  const option = exactOf(parameter, size).map((value): readonly Said[] => [
    { name, way: "option", value, wire },
  ])
  return wire === undefined ? neutral : fc.oneof(neutral, option)
}

/**
 * The body path of a parameter for the chosen member of its group. Undefined if the parameter
 * belongs to another member.
 */
const placeOf = (
  { path: wire, pathBeside: wires }: Parameter,
  chosen: readonly string[],
): { readonly wire?: Parameter["path"] } | undefined => {
  if (!wires) return wire === undefined ? {} : { wire }
  const member = chosen.find((each) => wires[each] !== undefined)
  return member === undefined ? undefined : { wire: wires[member] }
}

/** Small margins in few sizes, so that padded pictures stay legal and can be cached. */
const partValue = (parameter: Parameter, isFirst: boolean): fc.Arbitrary<unknown> =>
  parameter.kind === "range" ? fc.constantFrom(isFirst ? 16 : 0, 64) : exactOf(parameter, "")

const sayPart = (
  name: string,
  parameter: Parameter,
  chosen: readonly string[],
  isFirst: boolean,
): Saying | undefined => {
  const where = placeOf(parameter, chosen)
  if (!where) return undefined
  const value = partValue(parameter, isFirst)
  const neutral = value.map((each): readonly Said[] => [{ name, way: "neutral", value: each }])
  const option = value.map((each): readonly Said[] => [
    { name, way: "option", value: each, ...where },
  ])
  return where.wire === undefined ? neutral : fc.oneof(neutral, option)
}

/** The parts of an object. Margins always have the first one, so that one is above 0. */
const sayParts = (
  field: FieldName,
  parts: readonly (readonly [string, Parameter])[],
  chosen: readonly string[],
): Saying => {
  const each = parts.flatMap(([part, parameter], index): readonly Saying[] => {
    const needed = field === "margins" && index === 0
    const said = sayPart(`${field}.${part}`, parameter, chosen, needed)
    return said ? [needed ? said : fc.oneof(said, nothing)] : []
  })
  return fc.tuple(...each).map((said) => said.flat())
}

const say = (field: FieldName, parameter: Parameter, size: string): Saying =>
  parameter.kind === "object"
    ? sayParts(field, Object.entries(parameter.fields), [])
    : sayOne(field, field, parameter, size)

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
  const prompt = textOf(1, prompts.max).map(
    (value): Said => ({ name: "prompt", way: "neutral", value }),
  )
  const avoid = fc
    .option(textOf(0, prompts.max))
    .map((value): readonly Said[] =>
      value === null ? [] : [{ name: "negativePrompt", way: "neutral", value }],
    )
  return fc.oneof(
    say("prompts", prompts, ""),
    fc.tuple(prompt, avoid).map(([first, rest]) => [first, ...rest]),
  )
}

/** One member of a group: a field, or a part of one such as `"garment.class"`. */
const sayMember = ({ fields }: TaskCard, member: string, size: string): Saying => {
  const [field = "", part] = member.split(".")
  const parameter = fields[field as FieldName]
  if (!parameter) return nothing
  if (part === undefined || parameter.kind !== "object")
    return say(field as FieldName, parameter, size)
  const inner = parameter.fields[part]
  return (inner && sayPart(member, inner, [member], false)) ?? nothing
}

const sayRest = (task: TaskCard, chosen: readonly string[], size: string): readonly Saying[] => {
  const groups = (task.oneOf ?? []).flat() as readonly string[]
  const fields = (Object.entries(task.fields) as [FieldName, Parameter][]).filter(
    ([field]) => field !== "prompts" && !groups.includes(field),
  )
  return fields.map(([field, parameter]): Saying => {
    if (parameter.kind !== "object")
      return parameter.required
        ? say(field, parameter, size)
        : fc.oneof(say(field, parameter, size), nothing)
    const parts = Object.entries(parameter.fields).filter(
      ([part]) => !groups.includes(`${field}.${part}`),
    )
    return sayParts(field, parts, chosen)
  })
}

const bySize = (
  card: ModelCard,
  name: Task,
  task: TaskCard,
  size: string,
): fc.Arbitrary<Generated> => {
  const own = Object.entries(task.options ?? {}).map(
    ([path, parameter]): Saying =>
      fc
        .option(exactOf(parameter, size))
        .map((value) => (value === null ? [] : [{ name: path, way: "option", value, wire: path }])),
  )
  const groups = (task.oneOf ?? []) as readonly (readonly string[])[]
  return fc.tuple(...groups.map((group) => fc.constantFrom(...group))).chain((chosen) =>
    fc
      .tuple(
        wordsOf(task),
        ...chosen.map((member) => sayMember(task, member, size)),
        ...sayRest(task, chosen, size),
        ...own,
      )
      .map((parts) => parts.flat())
      .map((said) => ({
        request: {
          model: card.id,
          ...(name === "text-to-image" ? {} : { task: name }),
          ...write(said),
        },
        said,
      })),
  )
}

/** Random requests that a plan of this model and task must accept under `adapt`. */
export const requestsFor = (card: ModelCard, name: Task, task: TaskCard): fc.Arbitrary<Generated> =>
  inputSizeOf(task).chain((size) => bySize(card, name, task, size))
