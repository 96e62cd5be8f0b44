import { blend, type Color, luminance, type Pixels } from "../drawing/pixels.ts"

const ink: Color = [18, 20, 26]

/** A smaller change of lightness is texture, not an edge. */
const threshold = 36

/** Draws the edges of one picture over another of the same size, in place. */
export const drawOutline = (pixels: Pixels, source: Pixels, opacity: number): void => {
  const { width, height } = source
  const light = softLightness(source)
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const edge = steepness(light, y * width + x, width) - threshold
      if (edge > 0) blend(pixels, (y * width + x) * 3, ink, opacity * Math.min(1, edge / 60))
    }
  }
}

/** The gradient of lightness at a pixel: https://en.wikipedia.org/wiki/Sobel_operator */
const steepness = (light: Uint8Array, at: number, width: number): number => {
  const value = (shift: number): number => light[at + shift] ?? 0
  const across =
    value(1 - width) +
    2 * value(1) +
    value(1 + width) -
    value(-1 - width) -
    2 * value(-1) -
    value(width - 1)
  const down =
    value(width - 1) +
    2 * value(width) +
    value(width + 1) -
    value(-width - 1) -
    2 * value(-width) -
    value(1 - width)
  return (Math.abs(across) + Math.abs(down)) / 2
}

/** The lightness of each pixel and its neighbours in the row. */
const softLightness = ({ width, height, data }: Pixels): Uint8Array => {
  const light = new Uint8Array(width * height)
  for (let index = 0; index < light.length; index += 1) light[index] = luminance(data, index * 3)
  return light.map(
    (value, index) => (2 * value + (light[index - 1] ?? value) + (light[index + 1] ?? value)) >> 2,
  )
}
