import type { ImageOps, Inspection } from "@pictor/core"
import { requireWhole } from "./errors.ts"
import { fit } from "./fit-for-model.ts"
import {
  alphaToMask,
  applyTransform,
  invertMask,
  maskToAlpha,
  maskTones,
  resizeMask,
  thresholdMask,
} from "./mask.ts"
import { hasHole, isBlackAndWhite } from "./mask-content.ts"
import { decode, isTransparent, openImage, plain } from "./open-image.ts"
import { pad } from "./pad.ts"
import { inTurn } from "./turns.ts"

/**
 * Image operations on sharp, which is loaded on first use. They read PNG, JPEG, WebP and GIF (the
 * first frame) of up to 50 million pixels, and reject anything else with `invalid_request`. At most
 * two are at work at a time in a process. Masks are black and white PNG. Equal inputs return equal
 * bytes.
 *
 * @example
 * const pictor = createPictor({ adapters, imageOps: sharpImages() })
 */
export const sharpImages = (): Required<ImageOps> => operations

/** The operation, once fewer than two pictures are at work. */
const turnwise =
  <Given extends readonly unknown[], Result>(operation: (...given: Given) => Promise<Result>) =>
  (...given: Given): Promise<Result> =>
    inTurn(() => operation(...given))

/** The size of the stored pixels: models may ignore EXIF, and a mask has to match them. */
const inspect = async (image: Uint8Array): Promise<Inspection> => {
  const source = await openImage(image)
  return {
    mediaType: source.mediaType,
    ...source.stored,
    transparent: await isTransparent(source),
  }
}

/** WebP's longest side: https://developers.google.com/speed/webp/faq, seen 2026-11-20. */
const webpSide = 16_383

/** Rotated as EXIF says, as WebP, never enlarged. */
const thumbnail = async (image: Uint8Array, side: number): Promise<Uint8Array> => {
  requireWhole("The thumbnail's side", side, 1)
  const maxSide = Math.min(side, webpSide)
  return plain(
    await decode(await openImage(image), (pixels) =>
      pixels
        .autoOrient()
        .resize(maxSide, maxSide, { fit: "inside", withoutEnlargement: true })
        .webp({ quality: 75 })
        .toBuffer(),
    ),
  )
}

const operations: Required<ImageOps> = {
  inspect: turnwise(inspect),
  isBlackAndWhite: turnwise(isBlackAndWhite),
  hasHole: turnwise(hasHole),
  fit: turnwise(fit),
  applyTransform: turnwise(applyTransform),
  maskTones: turnwise(maskTones),
  invertMask: turnwise(invertMask),
  alphaToMask: turnwise(alphaToMask),
  maskToAlpha: turnwise(maskToAlpha),
  thresholdMask: turnwise(thresholdMask),
  resizeMask: turnwise(resizeMask),
  pad: turnwise(pad),
  thumbnail: turnwise(thumbnail),
}
