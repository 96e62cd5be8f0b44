import type { Painted } from "../drawing/drawing.ts"
import { resized } from "../drawing/encode.ts"
import type { Pixels } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { mixed } from "./mixed.ts"
import { paletteOfText, toned } from "./palette.ts"

/** The picture with more pixels, and with colours that differ more with more creativity. */
export const enlarge = async (
  image: Pixels,
  drawing: Drawing,
  creativity: number,
): Promise<Painted> => {
  const { width, height, prompt, seed } = drawing
  const source = mixed(image, toned(image, paletteOfText(`${prompt}\n${seed}`)), creativity)
  return { pixels: await resized(source, width, height) }
}

/** The picture with a block of pixels for each pixel. */
export const magnify = async (image: Pixels, { width, height }: Drawing): Promise<Painted> => ({
  pixels: await resized(image, width, height, { kernel: "nearest" }),
})
