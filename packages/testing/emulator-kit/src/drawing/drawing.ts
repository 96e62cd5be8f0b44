import type { Area } from "./area.ts"
import { caption, captionWithin } from "./caption.ts"
import { blurred, encode } from "./encode.ts"
import { coloredLandscape, landscape } from "./landscape.ts"
import type { Pixels } from "./pixels.ts"
import type { Drawing } from "./types.ts"

/** A picture, and the changed part if only a part was changed. */
export type Painted = { readonly pixels: Pixels; readonly changed?: Area }

/** Draws and encodes a picture. */
export const draw = (drawing: Drawing): Promise<Buffer> =>
  finish({ pixels: paint(drawing) }, drawing)

/** The picture of a filtered reply: blurred beyond recognition. */
export const drawBlurred = (drawing: Drawing): Promise<Buffer> =>
  finishBlurred({ pixels: paint(drawing) }, drawing)

/** Marks a picture as emulated in its changed part, and encodes it. */
export const finish = ({ pixels, changed }: Painted, drawing: Drawing): Promise<Buffer> => {
  if (changed === undefined) caption(pixels, drawing)
  else captionWithin(pixels, drawing, changed)
  return encode(pixels, drawing.format, drawing.quality)
}

export const finishBlurred = async ({ pixels }: Painted, drawing: Drawing): Promise<Buffer> =>
  finish({ pixels: await blurred(pixels) }, drawing)

/** Draws a picture without an input picture: a landscape, in the requested colours if any. */
export const paint = (drawing: Drawing): Pixels =>
  drawing.colors.length > 0 ? coloredLandscape(drawing) : landscape(drawing)
