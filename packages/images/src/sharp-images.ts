import type { ImageOps, Inspection } from "@pictor/core"
import { alphaToMask, invertMask, resizeMask, thresholdMask } from "./mask.ts"
import { pad } from "./pad.ts"
import { decoded, isTransparent, openPicture, plain } from "./picture.ts"
import { requireWhole } from "./refused.ts"

/**
 * Pictor's image work on sharp, which is loaded at its first use. Reads PNG, JPEG, WebP and GIF (the first frame) of up to 100 million pixels; every
 * function rejects with `invalid_request` for anything else. Masks are PNG of pure black and white; equal inputs give equal bytes.
 *
 * @example
 * const pictor = createPictor({ adapters, imageOps: sharpImages() })
 */
export const sharpImages = (): ImageOps => ({
  inspect,
  invertMask,
  alphaToMask,
  thresholdMask,
  resizeMask,
  pad,
  thumbnail,
})

/** Sizes are those of the stored pixels: a model that does not heed EXIF, and a mask that has to match, count these. */
const inspect = async (image: Uint8Array): Promise<Inspection> => {
  const picture = await openPicture(image)
  return {
    mediaType: picture.mediaType,
    ...picture.stored,
    transparent: await isTransparent(picture),
  }
}

/** The longest side that WebP can have: https://developers.google.com/speed/webp/faq, seen 2026-11-20. */
const webpSide = 16_383

/** Upright, as WebP, never larger than the image. */
const thumbnail = async (image: Uint8Array, side: number): Promise<Uint8Array> => {
  requireWhole("The thumbnail's side", side, 1)
  const most = Math.min(side, webpSide)
  return plain(
    await decoded(await openPicture(image), (pixels) =>
      pixels
        .autoOrient()
        .resize(most, most, { fit: "inside", withoutEnlargement: true })
        .webp({ quality: 75 })
        .toBuffer(),
    ),
  )
}
