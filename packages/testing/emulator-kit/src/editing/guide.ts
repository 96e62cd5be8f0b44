import { type Painted, paint } from "../drawing/drawing.ts"
import { resized } from "../drawing/encode.ts"
import type { Pixels } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { mixed } from "./mixed.ts"
import { drawOutline } from "./outline.ts"
import { type Palette, paletteFrom, paletteOf, toned } from "./palette.ts"

/** A new scene under the picture's edges, which are stronger with more control. */
export const followEdges = async (
  image: Pixels,
  drawing: Drawing,
  control: number,
): Promise<Painted> => {
  const source = await resized(image, drawing.width, drawing.height, { fit: "cover" })
  const pixels = paint(drawing)
  drawOutline(pixels, source, control)
  return { pixels }
}

/** The picture's light and shade, in a few steps and in the colours of a new scene. */
export const followStructure = async (
  image: Pixels,
  drawing: Drawing,
  control: number,
): Promise<Painted> => {
  const source = await resized(image, drawing.width, drawing.height, { fit: "cover" })
  const scene = paint(drawing)
  const pixels = mixed(scene, toned(source, stepped(paletteOf(scene))), control * 0.85)
  drawOutline(pixels, source, control)
  return { pixels }
}

/** The picture in the requested colours. */
export const followColors = async (image: Pixels, drawing: Drawing): Promise<Painted> => {
  const source = await resized(image, drawing.width, drawing.height, { fit: "cover" })
  const pixels = mixed(toned(source, paletteFrom(drawing.colors)), paint(drawing), 0.3)
  drawOutline(pixels, source, 0.8)
  return { pixels }
}

/** A new scene in the picture's colours. At fidelity 0 it keeps its own. */
export const followStyle = (image: Pixels, drawing: Drawing, fidelity: number): Painted => {
  const scene = paint(drawing)
  return { pixels: mixed(scene, toned(scene, paletteOf(image)), fidelity) }
}

type Transfer = { readonly composition: number; readonly style: number; readonly change: number }

/** The picture's outline in another one's colours. */
export const transferStyle = (
  image: Pixels,
  style: Pixels,
  drawing: Drawing,
  transfer: Transfer,
): Painted => {
  const palette = paletteOf(style)
  const composed = mixed(image, toned(paint(drawing), palette), (1 - transfer.composition) * 0.7)
  const pixels = mixed(composed, toned(composed, palette), transfer.style * transfer.change)
  drawOutline(pixels, image, 0.5 * transfer.composition)
  return { pixels }
}

/** The same colours with hard borders. */
const stepped = (palette: Palette): Palette =>
  palette.flatMap((color) => Array.from({ length: 6 }, () => color))
