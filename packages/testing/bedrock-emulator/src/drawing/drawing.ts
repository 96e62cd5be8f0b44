import sharp, { type Sharp } from "sharp"
import { caption } from "./caption.ts"
import { coloredLandscape, landscape } from "./landscape.ts"
import { createPixels, fillRectangle, type Pixels } from "./pixels.ts"

/** All that a picture depends on: the same drawing, the same bytes. */
export type Drawing = {
  /** The model's name as the picture shows it. */
  readonly model: string
  readonly task: string
  readonly prompt: string
  /** What else shapes the picture: negative words, a style. */
  readonly detail: string
  /** Hex colours to keep to; empty for the scene's own. */
  readonly colors: readonly string[]
  readonly seed: number
  /** Which of the pictures of one call, from 0. */
  readonly index: number
  readonly width: number
  readonly height: number
  readonly format: "png" | "jpeg" | "webp"
}

/** Draws and encodes a picture. */
export const draw = async (drawing: Drawing): Promise<Buffer> => finish(paint(drawing), drawing)

/** The picture as it is returned when its content was filtered: blurred beyond recognition. */
export const drawBlurred = async (drawing: Drawing): Promise<Buffer> => {
  const data = await fromPixels(paint(drawing)).blur(40).raw().toBuffer()
  return finish({ ...drawing, data }, drawing)
}

/** A mask with its subject in black, in the middle of a white picture. */
export const drawMask = async (width: number, height: number): Promise<Buffer> => {
  const pixels = createPixels(width, height)
  pixels.data.fill(255)
  const subject = { left: width * 0.25, top: height * 0.25, width: width * 0.5, height: height * 0.5 }
  fillRectangle(pixels, subject, [0, 0, 0], 1)
  return encode(pixels, "png").toBuffer()
}

type Drawer = (drawing: Drawing) => Pixels

/** How a task's picture is drawn where it is not a landscape from the prompt. */
const drawers: { readonly [task: string]: Drawer } = { COLOR_GUIDED_GENERATION: coloredLandscape }

const paint = (drawing: Drawing): Pixels => (drawers[drawing.task] ?? landscape)(drawing)

const finish = (pixels: Pixels, drawing: Drawing): Promise<Buffer> => {
  caption(pixels, drawing)
  return encode(pixels, drawing.format).toBuffer()
}

const fromPixels = ({ width, height, data }: Pixels): Sharp => sharp(data, { raw: { width, height, channels: 3 } })

const encode = (pixels: Pixels, format: Drawing["format"]): Sharp => encoders[format](fromPixels(pixels))

const encoders: { readonly [format in Drawing["format"]]: (image: Sharp) => Sharp } = {
  png: (image) => image.png({ compressionLevel: 3, adaptiveFiltering: false }),
  jpeg: (image) => image.jpeg({ quality: 82 }),
  webp: (image) => image.webp({ quality: 80, effort: 0 }),
}
