import type { FieldName, Parameter } from "@pictor/core"
import type { ImageLimits, TaskCard } from "@pictor/core/adapter"
import fc from "fast-check"
import { base64Of, picture } from "./pictures.ts"

const word = fc.constantFrom(
  "tea",
  "Sri lanka",
  "fog",
  "a\nb",
  "𝒯ea",
  "猫",
  '"quoted"',
  "😀",
  "<script>",
  "…",
)

export const textOf = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .array(word, { minLength: 1, maxLength: 5 })
        .map((words) => words.join(" ").slice(0, Math.max(1, max))),
    },
    { weight: 1, arbitrary: fc.constantFrom("x", "😀").map((each) => each.repeat(max)) },
    { weight: 1, arbitrary: fc.constant("x".repeat(Math.max(min, 1))) },
  )

const numberOf = (min: number, max: number, integer: boolean): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(min, max),
    integer
      ? fc.integer({ min, max })
      : fc.double({ min, max, noNaN: true }).map((value) => value + 0),
  )

/** In any case and with any separators. */
const loosely = (value: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    value,
    value.toLowerCase(),
    value.toUpperCase(),
    value.replaceAll(/[-_]/g, " "),
    value.replaceAll(/[-_]/g, ""),
  )

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
    .filter(
      ([width, height]) =>
        width * height <= pixels && Math.max(width, height) <= ratio * Math.min(width, height),
    )
    .map(([width, height]) => `${width}x${height}`)
}

const promptsOf = (max: number): fc.Arbitrary<unknown> =>
  fc.array(fc.record({ text: textOf(0, max), weight: fc.constantFrom(1, 0.5, -1, 2, 0) }), {
    minLength: 1,
    maxLength: 4,
  })

const colors = (max: number): fc.Arbitrary<unknown> =>
  fc.array(fc.constantFrom("#000000", "#FFFFFF", "#a1B2c3"), { minLength: 1, maxLength: max })

/** A value that the model takes unchanged. Input images have the size drawn for the request. */
export const exactOf = (parameter: Parameter, size: string): fc.Arbitrary<unknown> => {
  switch (parameter.kind) {
    case "range":
      return numberOf(parameter.min, parameter.max, parameter.integer ?? false)
    case "seed":
      return numberOf(parameter.min, parameter.max, true)
    case "tiers":
      return fc.constantFrom(...Object.keys(parameter.values))
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
    case "image":
    case "mask":
      return fc.constant(base64Of(picture(size)))
    case "images":
      return fc
        .integer({ min: 1, max: parameter.max })
        .map((count) => Array.from({ length: count }, () => base64Of(picture(size))))
    case "colors":
      return colors(parameter.max)
    case "flag":
      return fc.boolean()
    case "object":
      return anyObject
    case "json":
      return parameter.list ? fc.array(anyObject, { maxLength: 2 }) : anyObject
  }
}

const anyObject = fc.dictionary(fc.constantFrom("a", "b"), fc.integer(), { maxKeys: 2 })
const anySize = fc
  .tuple(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }))
  .map(([width, height]) => `${width}x${height}`)
const anyRatio = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .map(([width, height]) => `${width}:${height}`)

const enumOf = (
  name: FieldName,
  parameter: Extract<Parameter, { readonly kind: "enum" }>,
): fc.Arbitrary<unknown> =>
  name === "control" || name === "upscale"
    ? fc.constantFrom(...parameter.values, ...Object.keys(parameter.synonyms ?? {}))
    : fc.constantFrom(...parameter.values).chain(loosely)

/** A value that `adapt` accepts and fits to the model. */
export const neutralOf = (
  name: FieldName,
  parameter: Parameter,
  size: string,
): fc.Arbitrary<unknown> => {
  if (name === "quality")
    return fc.constantFrom(
      "low",
      "medium",
      "standard",
      "auto",
      "high",
      "hd",
      "xhigh",
      "max",
      "premium",
      "HD",
    )
  if (name === "n") return fc.integer({ min: 1, max: 12 })
  if (parameter.kind === "enum") return enumOf(name, parameter)
  if (parameter.kind === "range")
    return fc.oneof(exactOf(parameter, size), fc.double({ min: -1000, max: 1000, noNaN: true }))
  if (parameter.kind === "ratios") return fc.oneof(exactOf(parameter, size), anyRatio)
  if (parameter.kind === "sizes" || parameter.kind === "grid")
    return fc.oneof(exactOf(parameter, size), anySize)
  if (parameter.kind === "image")
    return fc.constantFrom<unknown>(
      picture(size),
      base64Of(picture(size)),
      `data:image/png;base64,${base64Of(picture(size))}`,
    )
  if (parameter.kind === "mask") return fc.boolean().map((swapped) => picture(size, swapped))
  return exactOf(parameter, size)
}

const candidates = [
  "320x320",
  "512x512",
  "640x512",
  "512x1024",
  "1024x768",
  "1024x1024",
  "64x64",
  "1536x1536",
]

const fits = ({ side, pixels, ratio = 100 }: ImageLimits, size: string): boolean => {
  const [width = 0, height = 0] = size.split("x").map(Number)
  const within = (value: number, [min, max]: readonly [number, number]): boolean =>
    value >= min && value <= max
  return (
    (!side || (within(width, side) && within(height, side))) &&
    (!pixels || within(width * height, pixels)) &&
    Math.max(width, height) <= ratio * Math.min(width, height)
  )
}

/** A size that every input image of the task may have, with room for margins. */
export const inputSizeOf = ({ fields }: TaskCard): fc.Arbitrary<string> => {
  const limits = Object.values(fields).flatMap((parameter) =>
    parameter && "limits" in parameter ? [parameter.limits] : [],
  )
  const legal = candidates.filter((size) => limits.every((each) => fits(each, size)))
  return fc.constantFrom(...(limits.length === 0 ? ["512x512"] : legal))
}
