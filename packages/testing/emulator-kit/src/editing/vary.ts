import type { Painted } from "../drawing/drawing.ts"
import { resized } from "../drawing/encode.ts"
import type { Pixels } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { mixed } from "./mixed.ts"
import { drawOutline } from "./outline.ts"
import { paletteOf, paletteOfText, toned } from "./palette.ts"

/**
 * The picture's outline in the colours of a second picture, or in colours that depend on prompt and
 * seed. Similarity is 0.2 to 1.
 */
export const vary = async (
  image: Pixels,
  second: Pixels | undefined,
  drawing: Drawing,
  similarity: number,
): Promise<Painted> => {
  const source = await resized(image, drawing.width, drawing.height, { fit: "cover" })
  const text = [drawing.prompt, drawing.detail, drawing.seed, drawing.index].join("\n")
  const colors = paletteOfText(text)
  const other = toned(
    source,
    second === undefined ? colors : [...paletteOf(second).slice(0, -1), ...colors.slice(-1)],
  )
  const pixels = mixed(other, source, (similarity - 0.2) / 0.95)
  drawOutline(pixels, source, 0.6)
  return { pixels }
}
