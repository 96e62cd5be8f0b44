import { type Area, paste } from "../drawing/area.ts"
import type { Painted } from "../drawing/drawing.ts"
import type { Pixels } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { hash } from "../random.ts"
import { surroundings } from "./surroundings.ts"

/** Continues the surroundings into the area. */
export const erase = (image: Pixels, area: Area, { seed, index }: Drawing): Painted => {
  const smooth = surroundings(image, area)
  ripple(smooth, area, hash(`${seed} ${index}`))
  return { pixels: paste(image, smooth, area, { left: 0, top: 0 }), changed: area }
}

/** Faint waves that depend on a number, so that the pictures of one call differ. */
const ripple = ({ width, data }: Pixels, { weight }: Area, number: number): void => {
  const [across, down, phase] = [
    0.01 + (number & 255) / 8000,
    0.01 + ((number >> 8) & 255) / 8000,
    ((number >> 16) & 255) / 40,
  ]
  for (let index = 0; index < weight.length; index += 1) {
    if ((weight[index] ?? 0) === 0) continue
    const shift =
      5 *
      Math.sin((index % width) * across + phase) *
      Math.cos(Math.floor(index / width) * down + phase)
    for (let at = index * 3; at < index * 3 + 3; at += 1)
      data[at] = Math.min(255, Math.max(0, Math.round((data[at] ?? 0) + shift)))
  }
}
