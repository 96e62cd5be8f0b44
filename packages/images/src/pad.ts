import type { Margins } from "@pictor/core"
import { invalid, requireWhole } from "./errors.ts"
import { maskPng, paint, requireSize } from "./mask.ts"
import { decode, isTransparent, openImage, plain } from "./open-image.ts"

/** The two images of an outpainting request, as PNG of the same size. */
export interface Padded {
  readonly image: Uint8Array
  /** White in the new area, black in the original one. */
  readonly mask: Uint8Array
}

/**
 * Rotates the image as EXIF says and adds margins. The margins repeat the outermost pixels, so that
 * a model that blends across the mask's border finds the image's own colours there, not a frame.
 */
export const pad = async (
  maxPixels: number,
  image: Uint8Array,
  margins: Margins,
): Promise<Padded> => {
  const { left, right, up, down } = wholeMargins(margins)
  const source = await openImage(image, maxPixels)
  const { width, height } = source.upright
  const canvas = { width: left + width + right, height: up + height + down }
  requireSize("The padded image", canvas, maxPixels)
  const keepsAlpha = await isTransparent(source)
  const bytes = await decode(source, (pixels) => {
    const visible = keepsAlpha ? pixels : pixels.removeAlpha()
    return visible
      .autoOrient()
      .extend({ left, right, top: up, bottom: down, extendWith: "copy" })
      .png()
      .toBuffer()
  })
  const mask = paint(canvas, (y) => (y >= up && y < up + height ? [left, left + width] : [0, 0]), {
    invert: true,
  })
  return { image: plain(bytes), mask: await maskPng(mask) }
}

const wholeMargins = ({ left = 0, right = 0, up = 0, down = 0 }: Margins): Required<Margins> => {
  const margins = { left, right, up, down }
  for (const [side, pixels] of Object.entries(margins)) requireWhole(`margins.${side}`, pixels, 0)
  if (left + right + up + down === 0)
    throw invalid("margins are all 0; at least one must be above 0.")
  return margins
}
