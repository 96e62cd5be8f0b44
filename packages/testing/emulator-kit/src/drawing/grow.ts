import type { Area } from "./area.ts"

/** Widens an area in all directions. */
export const grown = (area: Area, distance: number): Area => {
  if (distance === 0) return area
  const { width, height } = area
  const weight = area.weight.slice()
  for (let y = 0; y < height; y += 1)
    spread(weight, { start: y * width, step: 1, count: width, distance })
  for (let x = 0; x < width; x += 1)
    spread(weight, { start: x, step: width, count: height, distance })
  return { width, height, weight }
}

type Line = {
  readonly start: number
  readonly step: number
  readonly count: number
  readonly distance: number
}

const spread = (weight: Uint8Array, line: Line): void => {
  const original = Uint8Array.from(
    { length: line.count },
    (_, index) => weight[line.start + index * line.step] ?? 0,
  )
  sweep(weight, original, line)
  sweep(weight, original.toReversed(), {
    ...line,
    start: line.start + (line.count - 1) * line.step,
    step: -line.step,
  })
}

/** Extends each value over the distance, unless a greater one follows. */
const sweep = (
  weight: Uint8Array,
  original: Uint8Array,
  { start, step, count, distance }: Line,
): void => {
  let [carried, age] = [0, 0]
  for (let index = 0; index < count; index += 1) {
    const own = original[index] ?? 0
    age += 1
    if (own >= carried || age > distance) [carried, age] = [own, 0]
    const at = start + index * step
    if (carried > (weight[at] ?? 0)) weight[at] = carried
  }
}
