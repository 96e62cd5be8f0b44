import type { ImageRequest, Task } from "@pictor/core"
import type { ModelCard, Parameter, TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { blue, mask, red, wide } from "./pictures.ts"

type Fields = Readonly<Record<string, unknown>>

const textOf = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ minLength: Math.max(1, min), maxLength: Math.min(max, 60), unit: "grapheme" })

type Of<Kind extends Parameter["kind"]> = Extract<Parameter, { readonly kind: Kind }>

/** Values that a parameter allows, in neutral words. Pictures are not drawn. */
const values: {
  readonly [Kind in Parameter["kind"]]?: (parameter: Of<Kind>) => fc.Arbitrary<unknown>
} = {
  range: ({ min, max, integer }) => {
    const inside = integer
      ? fc.integer({ min, max })
      : fc.integer({ min: min * 1000, max: max * 1000 }).map((each) => each / 1000)
    return fc.oneof(fc.constantFrom(min, max), inside)
  },
  seed: ({ min, max }) => fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max })),
  text: ({ min = 0, max }) => textOf(min, max),
  enum: (parameter) => fc.constantFrom(...parameter.values),
  ratios: (parameter) => fc.constantFrom(...parameter.values),
  tiers: (parameter) => fc.constantFrom(...Object.keys(parameter.values)),
  flag: () => fc.boolean(),
  // Sides that are not legal, too: they are snapped.
  grid: (parameter) => {
    const side = fc.integer({ min: parameter.side[0] - 50, max: 2_100 })
    return fc.tuple(side, side).map(([width, height]) => `${width}x${height}`)
  },
  images: ({ max }) => fc.array(fc.constantFrom(red, blue, wide), { minLength: 1, maxLength: max }),
  object: () =>
    fc
      .record({ left: fc.nat(300), right: fc.nat(300), up: fc.nat(300), down: fc.nat(300) })
      .filter((margins) => Object.values(margins).some((pixels) => pixels > 0)),
}

const allowedBy = (parameter: Parameter): fc.Arbitrary<unknown> | undefined =>
  (values[parameter.kind] as ((each: Parameter) => fc.Arbitrary<unknown>) | undefined)?.(parameter)

/** A mask has the size of its image. */
const pictures: Readonly<Record<string, string>> = {
  image: red,
  mask,
  referenceImage: wide,
}

/** Random requests of a task, with its required fields and any of the others. */
export const requestsOf = (
  card: ModelCard,
  task: Task,
  { fields, options = {} }: TaskCard,
): fc.Arbitrary<ImageRequest> => {
  const chosen: Record<string, fc.Arbitrary<unknown>> = {}
  const required: string[] = []
  for (const [name, parameter] of Object.entries(fields)) {
    const picture = pictures[name]
    const value = picture === undefined ? allowedBy(parameter) : fc.constant(picture)
    if (!value) continue
    chosen[name] = value
    if (parameter.required || picture !== undefined) required.push(name)
  }
  const own = Object.entries(options).flatMap(([name, parameter]) => {
    const value = allowedBy(parameter)
    return value ? [[name, value] as const] : []
  })
  const all: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    model: fc.constant(card.id),
    task: fc.constant(task),
    ...chosen,
    options: fc.record(Object.fromEntries(own), { requiredKeys: [] }),
  }
  return fc
    .record(all, { requiredKeys: ["model", "task", ...required] })
    .map((request) => withOneSize(request, fields)) as unknown as fc.Arbitrary<ImageRequest>
}

/** A size in pixels and a ratio exclude each other. */
const withOneSize = (request: Fields, { size }: TaskCard["fields"]): Fields => {
  const { aspectRatio: _ratio, ...others } = request
  return size?.kind === "grid" ? others : request
}
