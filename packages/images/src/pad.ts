import type { Margins } from "@pictor/core"
import { maskPng, paint, requireSize } from "./mask.ts"
import { decoded, isTransparent, openPicture, plain } from "./picture.ts"
import { refused, requireWhole } from "./refused.ts"

/** The two images that out-painting takes, PNG of one size. */
export interface Padded {
  readonly image: Uint8Array
  /** White on the new area, black on the old one. */
  readonly mask: Uint8Array
}

/**
 * The image, turned upright as EXIF says, on a canvas larger by the margins. The outermost pixels go on into the new area: models that blend across
 * the border of the mask then find the image's own colours there, not a frame.
 */
export const pad = async (image: Uint8Array, margins: Margins): Promise<Padded> => {
  const { left, right, up, down } = wholeMargins(margins)
  const picture = await openPicture(image)
  const { width, height } = picture.upright
  const canvas = { width: left + width + right, height: up + height + down }
  requireSize("The padded image", canvas)
  const keepsAlpha = await isTransparent(picture)
  const bytes = await decoded(picture, (pixels) => {
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
  if (left + right + up + down === 0) throw refused("margins are all 0; give at least one above 0.")
  return margins
}
