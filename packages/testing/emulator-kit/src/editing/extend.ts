import { type Area, boxArea, inverse, paste } from "../drawing/area.ts"
import { type Painted, paint } from "../drawing/drawing.ts"
import { resized } from "../drawing/encode.ts"
import type { Pixels, Size } from "../drawing/pixels.ts"
import type { Drawing } from "../drawing/types.ts"
import { mixed } from "./mixed.ts"
import { surroundings } from "./surroundings.ts"

type Place = { readonly left: number; readonly top: number }

/** A larger scene is drawn at this size and enlarged. */
const maxScenePixels = 2_097_152

/**
 * Puts the picture on a canvas of the drawing's size and continues it into a new scene, more freely
 * with more creativity.
 */
export const extend = async (
  image: Pixels,
  place: Place,
  drawing: Drawing,
  creativity: number,
): Promise<Painted> => {
  const changed = around(image, place, drawing)
  const canvas = putOn(image, place, drawing)
  const beyond = mixed(
    surroundings(canvas, changed),
    await scene(drawing),
    0.25 + 0.75 * creativity,
  )
  return { pixels: paste(canvas, beyond, changed, { left: 0, top: 0 }), changed }
}

const around = (image: Size, { left, top }: Place, canvas: Size): Area => {
  const { width, height } = canvas
  return inverse(
    boxArea(canvas, {
      left: left / width,
      top: top / height,
      width: image.width / width,
      height: image.height / height,
    }),
  )
}

const putOn = (image: Pixels, { left, top }: Place, { width, height }: Size): Pixels => {
  const data = new Uint8Array(width * height * 3)
  const alpha = image.alpha === undefined ? undefined : new Uint8Array(width * height)
  for (let y = 0; y < image.height; y += 1) {
    const [from, to] = [y * image.width, (y + top) * width + left]
    data.set(image.data.subarray(from * 3, (from + image.width) * 3), to * 3)
    if (image.alpha !== undefined) alpha?.set(image.alpha.subarray(from, from + image.width), to)
  }
  return { width, height, data, ...(alpha === undefined ? {} : { alpha }) }
}

const scene = (drawing: Drawing): Promise<Pixels> => {
  const { width, height } = drawing
  const scale = Math.min(1, Math.sqrt(maxScenePixels / (width * height)))
  return resized(
    paint({ ...drawing, width: Math.ceil(width * scale), height: Math.ceil(height * scale) }),
    width,
    height,
  )
}
