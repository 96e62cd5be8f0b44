import type { FieldName, ModelCard, Parameter, TaskCard } from "@pictor/core"
import fc from "fast-check"

/** What a generated request says of one field, and how: in neutral words, or by the model's own name in `options`. */
interface Said {
  readonly name: string
  readonly way: "neutral" | "option"
  readonly value: unknown
}

export interface Generated {
  readonly request: Record<string, unknown>
  readonly said: readonly Said[]
}

const word = fc.constantFrom("tea", "Sri lanka", "fog", "a\nb", "𝒯ea", "猫", '"quoted"', "😀", "<script>", "…")

const textOf = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(" ").slice(0, Math.max(1, max))) },
    { weight: 1, arbitrary: fc.constantFrom("x", "😀").map((each) => each.repeat(max)) },
    { weight: 1, arbitrary: fc.constant("x".repeat(Math.max(min, 1))) },
  )

const numberOf = (min: number, max: number, integer: boolean): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(min, max), integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true }).map((value) => value + 0))

/** In any case and with any separators, as people write it. */
const loosely = (value: string): fc.Arbitrary<string> =>
  fc.constantFrom(value, value.toLowerCase(), value.toUpperCase(), value.replaceAll(/[-_]/g, " "), value.replaceAll(/[-_]/g, ""))

const legalSizeOf = (parameter: Parameter): fc.Arbitrary<string> => {
  if (parameter.kind === "sizes") return fc.constantFrom(...parameter.values)
  if (parameter.kind !== "grid") return fc.constant("")
  const { side, multiple, pixels, ratio } = parameter
  const steps = fc.oneof(
    fc.constantFrom(...side),
    fc.integer({ min: side[0] / multiple, max: side[1] / multiple }).map((step) => step * multiple),
  )
  return fc
    .tuple(steps, steps)
    .filter(([width, height]) => width * height <= pixels && Math.max(width, height) <= ratio * Math.min(width, height))
    .map(([width, height]) => `${width}x${height}`)
}

const promptsOf = (max: number): fc.Arbitrary<unknown> =>
  fc.array(fc.record({ text: textOf(0, max), weight: fc.constantFrom(1, 0.5, -1, 2, 0) }), { minLength: 1, maxLength: 4 })

/** A value that the model takes as it is. */
const exactOf = (parameter: Parameter): fc.Arbitrary<unknown> => {
  switch (parameter.kind) {
    case "range":
      return numberOf(parameter.min, parameter.max, parameter.integer ?? false)
    case "seed":
      return numberOf(parameter.min, parameter.max, true)
    case "count":
      return numberOf(1, parameter.max, true)
    case "enum":
      return fc.constantFrom(...parameter.values, ...(parameter.tolerated ?? []))
    case "ratios":
      return fc.constantFrom(...parameter.values)
    case "text":
      return textOf(parameter.min ?? 0, parameter.max)
    case "prompts":
      return promptsOf(parameter.max)
    case "sizes":
    case "grid":
      return legalSizeOf(parameter)
    case "json":
      return fc.dictionary(fc.constantFrom("a", "b"), fc.integer(), { maxKeys: 2 })
  }
}

const anySize = fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 })).map(([width, height]) => `${width}x${height}`)
const anyRatio = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })).map(([width, height]) => `${width}:${height}`)

/** A value that `adapt` accepts and fits. */
const neutralOf = (name: FieldName, parameter: Parameter): fc.Arbitrary<unknown> => {
  if (name === "quality") return fc.constantFrom("low", "medium", "standard", "auto", "high", "hd", "xhigh", "max", "premium", "HD")
  if (name === "n") return fc.integer({ min: 1, max: 12 })
  if (parameter.kind === "enum") return fc.constantFrom(...parameter.values).chain(loosely)
  if (parameter.kind === "range") return fc.oneof(exactOf(parameter), fc.double({ min: -1000, max: 1000, noNaN: true }))
  if (parameter.kind === "ratios") return fc.oneof(exactOf(parameter), anyRatio)
  if (parameter.kind === "sizes" || parameter.kind === "grid") return fc.oneof(exactOf(parameter), anySize)
  return exactOf(parameter)
}

const place = (options: Record<string, unknown>, path: string, value: unknown): void => {
  const [head = "", ...rest] = path.split(".")
  if (rest.length === 0) options[head] = value
  else {
    const inner = (options[head] ?? {}) as Record<string, unknown>
    options[head] = inner
    place(inner, rest.join("."), value)
  }
}

const sayOf = (name: FieldName, parameter: Parameter): fc.Arbitrary<readonly Said[]> => {
  const neutral = neutralOf(name, parameter).map((value): readonly Said[] => [{ name, way: "neutral", value }])
  const option = exactOf(parameter).map((value): readonly Said[] => [{ name, way: "option", value }])
  const ways = parameter.wire === undefined ? [neutral] : [neutral, option]
  return fc.oneof(...ways, ...(parameter.required ? [] : [fc.constant([])]))
}

const write = (task: TaskCard, said: readonly Said[]): Record<string, unknown> => {
  const request: Record<string, unknown> = {}
  const options: Record<string, unknown> = {}
  for (const { name, way, value } of said) {
    const wire = task.fields[name as FieldName]?.wire ?? name
    if (way === "neutral") request[name] = value
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
const wordsOf = (task: TaskCard): fc.Arbitrary<readonly Said[]> => {
  const { prompts } = task.fields
  if (prompts?.kind !== "prompts") return fc.constant([])
  const prompt = textOf(1, prompts.max).map((value): Said => ({ name: "prompt", way: "neutral", value }))
  const avoid = fc
    .option(textOf(0, prompts.max))
    .map((value): readonly Said[] => (value === null ? [] : [{ name: "negativePrompt", way: "neutral", value }]))
  return fc.oneof(
    sayOf("prompts", prompts),
    fc.tuple(prompt, avoid).map(([first, rest]) => [first, ...rest]),
  )
}

/** Random requests that a plan of this model must accept under `adapt`. */
export const requestsFor = (card: ModelCard, task: TaskCard): fc.Arbitrary<Generated> => {
  const fields = (Object.entries(task.fields) as [FieldName, Parameter][]).filter(([name]) => name !== "prompts")
  const own = Object.entries(task.options ?? {})
  const option = ([name, parameter]: [string, Parameter]): fc.Arbitrary<readonly Said[]> =>
    fc.option(exactOf(parameter)).map((value) => (value === null ? [] : [{ name, way: "option", value }]))
  return fc
    .tuple(wordsOf(task), ...fields.map(([name, parameter]) => sayOf(name, parameter)), ...own.map(option))
    .map((parts) => parts.flat())
    .map((said) => ({ request: { model: card.id, ...write(task, said) }, said }))
}
