import { type Area, bounds, paste } from "../drawing/area.ts"
import type { Painted } from "../drawing/drawing.ts"
import { resized } from "../drawing/encode.ts"
import type { Pixels } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { mixed } from "./mixed.ts"
import { paletteOfText, toned } from "./palette.ts"

/** Draws the garment into the area, with light that depends on the seed. */
export const dress = async (
  image: Pixels,
  garment: Pixels,
  area: Area,
  drawing: Drawing,
): Promise<Painted> => {
  const box = bounds(area)
  if (box === undefined) return { pixels: image, changed: area }
  const fitted = await resized(garment, box.width, box.height, { fit: "cover" })
  const light = toned(fitted, paletteOfText(`${drawing.seed} ${drawing.index} ${drawing.detail}`))
  return { pixels: paste(image, mixed(fitted, light, 0.2), area, box), changed: area }
}
