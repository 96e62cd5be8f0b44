import type { Area } from "../drawing/area.ts"
import type { Pixels } from "../drawing/pixels.ts"

/** Cells along the longer side of the grid on which colours spread. */
const cellCount = 96

type Grid = { readonly columns: number; readonly rows: number; readonly sums: Float32Array }

/** The surroundings continued smoothly into the area. Only the area of the result matters. */
export const surroundings = (image: Pixels, area: Area): Pixels => {
  const { width, height } = image
  const cell = Math.max(1, Math.ceil(Math.max(width, height) / cellCount))
  const grid = complete(gather(image, area, cell))
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const index = y * width + x
      if ((area.weight[index] ?? 0) > 0)
        sample(grid, (x + 0.5) / cell - 0.5, (y + 0.5) / cell - 0.5, data, index * 3)
    }
  }
  return { width, height, data }
}

/** The sum and the number of the known colours in each cell. */
const gather = (image: Pixels, area: Area, cell: number): Grid => {
  const { width, height, data } = image
  const [columns, rows] = [Math.ceil(width / cell), Math.ceil(height / cell)]
  const sums = new Float32Array(columns * rows * 4)
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / cell) * columns
    for (let x = 0; x < width; x += 1) {
      const index = y * width + x
      if ((area.weight[index] ?? 0) === 0)
        add(sums, (row + Math.floor(x / cell)) * 4, data, index * 3)
    }
  }
  return { columns, rows, sums }
}

const add = (sums: Float32Array, at: number, data: Uint8Array, offset: number): void => {
  sums[at] = (sums[at] ?? 0) + (data[offset] ?? 0)
  sums[at + 1] = (sums[at + 1] ?? 0) + (data[offset + 1] ?? 0)
  sums[at + 2] = (sums[at + 2] ?? 0) + (data[offset + 2] ?? 0)
  sums[at + 3] = (sums[at + 3] ?? 0) + 1
}

/** Turns sums into colours. A cell without known colours takes that of a grid half as fine. */
const complete = (grid: Grid): Grid => {
  const { columns, rows, sums } = grid
  const single = columns === 1 && rows === 1
  const coarse = single ? undefined : complete(halved(grid))
  const colors = new Float32Array(sums.length).fill(single ? 128 : 0)
  for (let index = 0; index < columns * rows; index += 1) {
    const at = index * 4
    const count = sums[at + 3] ?? 0
    const [x, y] = [index % columns, Math.floor(index / columns)]
    if (count > 0)
      colors.set(
        [(sums[at] ?? 0) / count, (sums[at + 1] ?? 0) / count, (sums[at + 2] ?? 0) / count],
        at,
      )
    else if (coarse !== undefined) sample(coarse, x / 2 - 0.25, y / 2 - 0.25, colors, at)
  }
  return { columns, rows, sums: colors }
}

const halved = ({ columns, rows, sums }: Grid): Grid => {
  const half = { columns: Math.ceil(columns / 2), rows: Math.ceil(rows / 2) }
  const halfSums = new Float32Array(half.columns * half.rows * 4)
  for (let at = 0; at < sums.length; at += 1) {
    const [cell, channel] = [at >> 2, at & 3]
    const target =
      ((Math.floor(cell / columns) >> 1) * half.columns + ((cell % columns) >> 1)) * 4 + channel
    halfSums[target] = (halfSums[target] ?? 0) + (sums[at] ?? 0)
  }
  return { ...half, sums: halfSums }
}

/** The colour at a place, interpolated from four cells. */
const sample = (
  { columns, rows, sums }: Grid,
  x: number,
  y: number,
  target: Uint8Array | Float32Array,
  offset: number,
): void => {
  const left = Math.min(Math.max(x, 0), columns - 1)
  const top = Math.min(Math.max(y, 0), rows - 1)
  const column = Math.floor(left)
  const row = Math.floor(top)
  const first = (row * columns + column) * 4
  const right = column + 1 < columns ? 4 : 0
  const below = row + 1 < rows ? columns * 4 : 0
  for (let at = first; at < first + 3; at += 1) {
    const upper = between(sums[at] ?? 0, sums[at + right] ?? 0, left - column)
    const lower = between(sums[at + below] ?? 0, sums[at + below + right] ?? 0, left - column)
    target[offset + at - first] = between(upper, lower, top - row)
  }
}

const between = (from: number, to: number, share: number): number => from + (to - from) * share
