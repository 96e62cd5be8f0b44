import { blend, type Color, mix, type Pixels } from "./pixels.ts"

/** One row of hills. */
export type Hills = {
  /** The height of the ridge at each column, in pixels from the top. */
  readonly ridge: Float32Array
  readonly top: Color
  /** The colour at the foot of the slope. */
  readonly foot: Color
  /** The height of the first row of bushes in pixels; 0 for a bare slope. */
  readonly bushes: number
}

type Shape = {
  readonly base: number
  readonly swing: number
  readonly waves: number
  readonly rugged: boolean
}

/** A ridge across the picture; the same shape at every size of the picture. */
export const ridgeLine = (
  { width, height }: Pixels,
  shape: Shape,
  random: () => number,
): Float32Array => {
  const noise = Array.from({ length: 256 }, random)
  const unit = Math.min(width, height)
  const ridge = new Float32Array(width)
  for (let x = 0; x < width; x += 1) {
    const along = ((x - width / 2) / unit) * shape.waves + 100
    ridge[x] = height * (shape.base - shape.swing * relief(noise, along, shape.rugged))
  }
  return ridge
}

/** Paints a row of hills down to the next row. */
export const paintHills = (pixels: Pixels, hills: Hills, hiddenFrom: number): void => {
  const { ridge, bushes } = hills
  const start = Math.max(0, Math.floor(Math.min(...ridge)))
  const stop = Math.min(pixels.height, Math.ceil(hiddenFrom) + 1)
  const rows = bushes > 0 ? bushRows(pixels.height, bushes) : undefined
  for (let y = start; y < stop; y += 1) {
    const shades = shadesOf(
      mix(hills.top, hills.foot, Math.min(1, ((y - start) / pixels.height) * 2.6)),
    )
    for (let x = 0; x < pixels.width; x += 1) {
      const depth = y + 1 - (ridge[x] ?? 0)
      if (depth <= 0) continue
      const shade = rows === undefined ? plainShade : bushShade(rows, depth, x)
      blend(pixels, (y * pixels.width + x) * 3, shades[shade] ?? hills.top, Math.min(1, depth))
    }
  }
}

/** The height of the ridge above its base, about -0.5 to 0.5. */
const relief = (noise: readonly number[], along: number, rugged: boolean): number => {
  let sum = 0
  let weight = 0.5
  for (let octave = 0; octave < (rugged ? 5 : 2); octave += 1) {
    const value = smoothNoise(noise, along * 2 ** octave + octave * 17)
    sum += weight * ((rugged ? 1 - Math.abs(2 * value - 1) : value) - 0.5)
    weight /= rugged ? 2 : 4
  }
  return sum
}

const smoothNoise = (noise: readonly number[], at: number): number => {
  const cell = Math.floor(at)
  const share = at - cell
  const from = noise[cell & 255] ?? 0
  const to = noise[(cell + 1) & 255] ?? 0
  return from + (to - from) * share * share * (3 - 2 * share)
}

const shadeCount = 8

const plainShade = 4

/** The colour of a slope from its darkest furrow to its brightest leaf. */
const shadesOf = (base: Color): readonly Color[] =>
  Array.from({ length: shadeCount }, (_, index) => {
    const light = (index - plainShade) / shadeCount
    return light < 0 ? mix(base, [8, 24, 20], -light) : mix(base, [236, 240, 150], light * 0.8)
  })

type BushRows = {
  readonly row: Uint8Array
  readonly within: Float32Array
  readonly size: Float32Array
}

/**
 * For each depth below the ridge: the row of bushes, the depth in it, and its height. Nearer rows
 * are higher.
 */
const bushRows = (height: number, first: number): BushRows => {
  const rows = {
    row: new Uint8Array(height * 2),
    within: new Float32Array(height * 2),
    size: new Float32Array(height * 2),
  }
  let [row, top, size] = [0, 0, first]
  for (let depth = 0; depth < rows.row.length; depth += 1) {
    if (depth >= top + size) [row, top, size] = [row + 1, top + size, size * 1.09]
    rows.row[depth] = row
    rows.within[depth] = (depth - top) / size
    rows.size[depth] = size
  }
  return rows
}

/** Round bushes side by side: bright on top, a dark furrow below. */
const bushShade = ({ row, within, size }: BushRows, depth: number, x: number): number => {
  const at = Math.floor(depth)
  const bush = size[at] ?? 1
  const along = x / (bush * 1.5) + (row[at] ?? 0) * 0.37
  const round = 2 * (along - Math.floor(along)) - 1
  const down = (within[at] ?? 0) + 0.35 * round * round
  if (down > 0.86) return 0
  return Math.max(1, Math.round(7 - down * 6.5))
}
