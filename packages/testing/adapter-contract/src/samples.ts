import type { Parameter, Size } from "@pictor/core"
import { randomNumbers } from "./random.ts"

type Of<Kind extends Parameter["kind"]> = Extract<Parameter, { readonly kind: Kind }>

const parse = (text: string): Size => {
  const [width = Number.NaN, height = Number.NaN] = text.split("x").map(Number)
  return { width, height }
}

/** The grid's rule, independent of the planner's implementation. */
const fitsGrid = (
  { side, multiple, pixels, minPixels = 0, ratio }: Of<"grid">,
  { width, height }: Size,
): boolean =>
  [width, height].every(
    (length) => length >= side[0] && length <= side[1] && length % multiple === 0,
  ) &&
  width * height <= pixels &&
  width * height >= minPixels &&
  Math.max(width / height, height / width) <= ratio

const gridSizes = (grid: Of<"grid">): readonly string[] => {
  const { side, multiple, pixels, minPixels = 0, ratio } = grid
  const up = (length: number): number => Math.ceil(length / multiple) * multiple
  const down = (length: number): number => Math.floor(length / multiple) * multiple
  const least = up(Math.max(side[0], Math.sqrt(minPixels)))
  const square = down(Math.min(side[1], Math.sqrt(pixels)))
  const short = up(Math.max(side[0], Math.sqrt(pixels / ratio) / 2))
  const long = down(Math.min(side[1], pixels / short, short * ratio))
  const found = [
    [least, least],
    [square, square],
    [long, short],
    [short, long],
  ] as const
  const texts = found
    .filter(([width, height]) => fitsGrid(grid, { width, height }))
    .map(([width, height]) => `${width}x${height}`)
  return [...new Set(texts)]
}

const textOf = (
  { min = 0, max }: { readonly min?: number; readonly max: number },
  text: string,
): string => text.padEnd(min, ".").slice(0, max)

/**
 * Values that a parameter allows, including its ends. Kinds that need an example request have none.
 */
const samplers: {
  readonly [Kind in Parameter["kind"]]?: (parameter: Of<Kind>) => readonly unknown[]
} = {
  range: ({ min, max }) => [min, max],
  seed: ({ min, max }) => [min, max],
  count: ({ max }) => [1, max],
  enum: ({ values }) => values,
  text: (text) => [textOf(text, "a lighthouse"), textOf(text, "two mills")],
  prompts: (list) => [
    [{ text: textOf(list, "a lighthouse") }],
    [{ text: textOf(list, "two mills"), weight: 0.5 }],
  ],
  sizes: ({ values }) => values,
  grid: gridSizes,
  tiers: ({ values }) => Object.keys(values),
  ratios: ({ values }) => values,
  flag: () => [true, false],
  colors: ({ max }) => [["#102030"], Array.from({ length: max }, () => "#f0e0d0")],
  json: ({ list }) => [list ? [{ note: 1 }] : { note: 1 }],
}

export const samplesOf = (parameter: Parameter): readonly unknown[] => {
  const sampler = samplers[parameter.kind] as
    | ((parameter: Parameter) => readonly unknown[])
    | undefined
  return [...new Set(sampler?.(parameter) ?? [])]
}

/** Is the size one of the model's? */
export const isLegalSize = (parameter: Of<"sizes" | "grid">, size: string): boolean =>
  parameter.kind === "sizes" ? parameter.values.includes(size) : fitsGrid(parameter, parse(size))

/** Sizes around all limits of a grid or a list, the same ones in every run. */
export const randomSizes = (parameter: Of<"sizes" | "grid">): readonly string[] => {
  const random = randomNumbers(20_261_120)
  const longest =
    parameter.kind === "grid"
      ? parameter.side[1]
      : Math.max(...parameter.values.map((each) => parse(each).width))
  // Short and long sides are drawn alike often.
  const side = (): number => Math.max(1, Math.round(longest * 1.5 * random() ** 2))
  return Array.from({ length: 40 }, () => `${side()}x${side()}`)
}
