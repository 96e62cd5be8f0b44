import type { Area } from "./area.ts"
import { caption, captionWithin } from "./caption.ts"
import { blurred, encode, type Format } from "./encode.ts"
import { coloredLandscape, landscape } from "./landscape.ts"
import type { Pixels } from "./pixels.ts"

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
  readonly format: Format
}

/** A picture, and the only part of it that was changed, if not all of it was. */
export type Painted = { readonly pixels: Pixels; readonly changed?: Area }

/** Draws and encodes a picture. */
export const draw = (drawing: Drawing): Promise<Buffer> =>
  finish({ pixels: paint(drawing) }, drawing)

/** The picture as it is returned when its content was filtered: blurred beyond recognition. */
export const drawBlurred = (drawing: Drawing): Promise<Buffer> =>
  finishBlurred({ pixels: paint(drawing) }, drawing)

/** Writes on a picture, where it was changed, that it is emulated, and encodes it. */
export const finish = ({ pixels, changed }: Painted, drawing: Drawing): Promise<Buffer> => {
  if (changed === undefined) caption(pixels, drawing)
  else captionWithin(pixels, drawing, changed)
  return encode(pixels, drawing.format)
}

export const finishBlurred = async ({ pixels }: Painted, drawing: Drawing): Promise<Buffer> =>
  finish({ pixels: await blurred(pixels) }, drawing)

type Drawer = (drawing: Drawing) => Pixels

/** How a task's picture is drawn where it is not a landscape from the prompt. */
const drawers: { readonly [task: string]: Drawer } = { COLOR_GUIDED_GENERATION: coloredLandscape }

/** Draws a picture from nothing. */
export const paint = (drawing: Drawing): Pixels => (drawers[drawing.task] ?? landscape)(drawing)
