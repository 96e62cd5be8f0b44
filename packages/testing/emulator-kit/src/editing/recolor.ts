import { type Area, paste } from "../drawing/area.ts"
import type { Painted } from "../drawing/drawing.ts"
import type { Pixels } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { paletteOfWords, toned } from "./palette.ts"

/** Gives the area the colour that the prompt names. Light and shade stay. */
export const recolor = (image: Pixels, area: Area, { prompt }: Drawing): Painted => ({
  pixels: paste(image, toned(image, paletteOfWords(prompt)), area, { left: 0, top: 0 }),
  changed: area,
})
