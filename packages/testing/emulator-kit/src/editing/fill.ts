import { type Area, bounds, paste } from "../drawing/area.ts"
import { type Painted, paint } from "../drawing/drawing.ts"
import type { Color, Pixels, Rectangle } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { paletteOfText, toned } from "./palette.ts"

/** The smallest recognizable scene, in pixels. */
const minSide = 64

/** Draws a new scene of the area's size into the area. */
export const fill = (image: Pixels, area: Area, drawing: Drawing): Painted => {
  const box = bounds(area)
  if (box === undefined) return { pixels: image, changed: area }
  const scene = paint({
    ...drawing,
    width: Math.max(minSide, box.width),
    height: Math.max(minSide, box.height),
  })
  return {
    pixels: paste(image, distinct(scene, meanColor(image, box), drawing), area, box),
    changed: area,
  }
}

/** A clearly visible difference of two mean colours, summed over the channels. */
const minContrast = 90

/** The scene, in other colours if it resembles the earlier picture. */
const distinct = (scene: Pixels, before: Color, { prompt, seed }: Drawing): Pixels => {
  const after = meanColor(scene, { left: 0, top: 0, width: scene.width, height: scene.height })
  const contrast = after.reduce(
    (sum, channel, index) => sum + Math.abs(channel - (before[index] ?? 0)),
    0,
  )
  return contrast < minContrast ? toned(scene, paletteOfText(`${prompt}\n${seed}`)) : scene
}

const meanColor = (pixels: Pixels, { left, top, width, height }: Rectangle): Color => {
  const sums: [number, number, number] = [0, 0, 0]
  const step = Math.max(1, Math.floor(Math.min(width, height) / 32))
  let count = 0
  for (let y = top; y < top + height; y += step) {
    for (let x = left; x < left + width; x += step) {
      const offset = (y * pixels.width + x) * 3
      for (const channel of [0, 1, 2] as const) sums[channel] += pixels.data[offset + channel] ?? 0
      count += 1
    }
  }
  return [sums[0] / count, sums[1] / count, sums[2] / count]
}
