import type { JsonObject, Parameter } from "@pictor/core"
import type { ImageLimits, TaskCard } from "@pictor/core/adapter"
import { drawMask } from "./image-work.ts"
import { drawPng, headOf } from "./png.ts"

/** A value as a request says it, and as it stands in the body. */
export interface InputSample {
  readonly neutral: unknown
  readonly wire: unknown
}

const usualSide = 64

const limitsOf = (parameter: Parameter): readonly ImageLimits[] =>
  "limits" in parameter ? [parameter.limits] : []

/** A side that every image of the task may have. */
export const sideOf = ({ fields }: TaskCard): number => {
  const limits = Object.values(fields).flatMap(limitsOf)
  const least = limits.map(({ side = [1, 1], pixels = [1, 1] }) =>
    Math.max(side[0], Math.ceil(Math.sqrt(pixels[0]))),
  )
  const most = limits.map(({ side, pixels }) =>
    Math.min(side?.[1] ?? 4096, Math.floor(Math.sqrt(pixels?.[1] ?? 16_777_216))),
  )
  return Math.min(Math.max(usualSide, ...least), ...most)
}

/** A picture that the limits allow; a JPEG is told by its head alone. */
const pictureFor = ({ types }: ImageLimits, side: number, name: string): Uint8Array<ArrayBuffer> =>
  types.includes("image/png")
    ? drawPng({ width: side, height: side, name })
    : headOf("image/jpeg", side, side)

const kebab = (word: string): string => word.toLowerCase().replaceAll("_", "-")

const same = (value: unknown): InputSample => ({ neutral: value, wire: value })

type Of<Kind extends Parameter["kind"]> = Extract<Parameter, { readonly kind: Kind }>

type Samplers = {
  readonly [Kind in Parameter["kind"]]?: (
    parameter: Of<Kind>,
    name: string,
    side: number,
  ) => readonly InputSample[]
}

const samplers: Samplers = {
  image: ({ limits }, name, side) => [same(pictureFor(limits, side, name))],
  images: ({ limits, max }, name, side) => [
    same(
      Array.from({ length: Math.min(2, max) }, (_, index) =>
        pictureFor(limits, side, `${name} ${index}`),
      ),
    ),
  ],
  mask: (_, _name, side) => [same(drawMask(side, side))],
  text: ({ min = 0, max }) => [same("the door".padEnd(min, ".").slice(0, max))],
  colors: ({ max }) => [
    same(["#102030"]),
    same(Array.from({ length: max }, (_, index) => `#0000${10 + (index % 90)}`)),
  ],
  enum: ({ values, synonyms: words = {} }) => [
    ...values.map((value) => ({ neutral: kebab(value), wire: value })),
    ...Object.entries(words).map(([word, value]) => ({ neutral: word, wire: value })),
  ],
  range: ({ min, max, integer }) => [same(integer ? Math.min(max, min + 8) : (min + max) / 2)],
  flag: () => [same(true), same(false)],
}

/** Values that an input may have; images as bytes, which stand in the body as base64. */
export const inputSamplesOf = (
  parameter: Parameter,
  name: string,
  side: number,
): readonly InputSample[] => {
  const sampler = samplers[parameter.kind] as
    | ((parameter: Parameter, name: string, side: number) => readonly InputSample[])
    | undefined
  return sampler?.(parameter, name, side) ?? []
}

/** Something of an input's kind, for a task that has no such input. */
export const foreignInputs: JsonObject = {
  image: drawPng({ width: usualSide, height: usualSide, name: "foreign" }),
  mask: drawMask(usualSide, usualSide),
  maskPrompt: "the door",
  keepPrompt: "the house",
  margins: { left: 8 },
  colors: ["#102030"],
  styleImage: drawPng({ width: usualSide, height: usualSide, name: "foreign style" }),
  referenceImage: drawPng({ width: usualSide, height: usualSide, name: "foreign reference" }),
  control: "canny",
  garment: { class: "shoes" },
  upscale: "fast",
}
