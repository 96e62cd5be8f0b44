import type { JsonObject, Parameter } from "@pictor/core"
import type { ImageLimits, TaskCard } from "@pictor/core/adapter"
import { drawMask } from "./image-ops.ts"
import { drawPng, headOf } from "./png.ts"

/** A value as a request has it, and as the body has it. */
export interface InputSample {
  readonly requested: unknown
  readonly sent: unknown
}

const usualSide = 64

const limitsOf = (parameter: Parameter): readonly ImageLimits[] =>
  "limits" in parameter ? [parameter.limits] : []

/** A side length that every image of the task allows. */
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

/** An image within the limits. A JPEG is only a head, which is all that planning reads. */
const imageFor = ({ types }: ImageLimits, side: number, name: string): Uint8Array<ArrayBuffer> =>
  types.includes("image/png")
    ? drawPng({ width: side, height: side, name })
    : headOf("image/jpeg", side, side)

const kebab = (word: string): string => word.toLowerCase().replaceAll("_", "-")

const same = (value: unknown): InputSample => ({ requested: value, sent: value })

type Of<Kind extends Parameter["kind"]> = Extract<Parameter, { readonly kind: Kind }>

type Samplers = {
  readonly [Kind in Parameter["kind"]]?: (
    parameter: Of<Kind>,
    name: string,
    side: number,
  ) => readonly InputSample[]
}

const samplers: Samplers = {
  image: ({ limits }, name, side) => [same(imageFor(limits, side, name))],
  images: ({ limits, max }, name, side) => [
    same(
      Array.from({ length: Math.min(2, max) }, (_, index) =>
        imageFor(limits, side, `${name} ${index}`),
      ),
    ),
  ],
  mask: (_, _name, side) => [same(drawMask(side, side))],
  text: ({ min = 0, max }) => [same("the door".padEnd(min, ".").slice(0, max))],
  colors: ({ max }) => [
    same(["#102030"]),
    same(Array.from({ length: max }, (_, index) => `#0000${10 + (index % 90)}`)),
  ],
  enum: ({ values, synonyms = {} }) => [
    ...values.map((value) => ({ requested: kebab(value), sent: value })),
    ...Object.entries(synonyms).map(([word, value]) => ({ requested: word, sent: value })),
  ],
  range: ({ min, max, integer }) => [same(integer ? Math.min(max, min + 8) : (min + max) / 2)],
  flag: () => [same(true), same(false)],
}

/** Values that an input allows; images as bytes. */
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

/** A value for every input, for tasks that do not take it. */
export const foreignInputs: JsonObject = {
  image: drawPng({ width: usualSide, height: usualSide, name: "foreign" }),
  mask: drawMask(usualSide, usualSide),
  maskPrompt: "the door",
  keepPrompt: "the house",
  margins: { left: 8 },
  colors: ["#102030"],
  styleImage: drawPng({ width: usualSide, height: usualSide, name: "foreign style" }),
  referenceImage: drawPng({ width: usualSide, height: usualSide, name: "foreign reference" }),
  references: [{ image: drawPng({ width: usualSide, height: usualSide, name: "foreign one" }) }],
  control: "canny",
  garment: { class: "shoes" },
  upscale: "fast",
}
