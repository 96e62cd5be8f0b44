import type { ImageOps, Inspection } from "@pictor/core"
import { checkOptionNames, defaultMaxInputPixels } from "@pictor/core/host"
import { inTurn } from "./concurrency.ts"
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

export interface SharpImagesOptions {
  /** Larger pictures are rejected before they are decoded. Default 50 million. */
  readonly maxInputPixels?: number
}

/**
 * Image operations on sharp, which is loaded on first use. They read PNG, JPEG, WebP and GIF (the
 * first frame) of up to `maxInputPixels` pixels, and reject anything else with `invalid_request`.
 * At most two are decoded at a time in a process. Masks are black and white PNG. Equal inputs
 * return equal bytes.
 *
 * @example
 * const pictor = createPictor({ adapters, imageOps: sharpImages() })
 */
export const sharpImages = (options: SharpImagesOptions = {}): ImageOps => {
  checkOptionNames("sharpImages", options, { maxInputPixels: true })
  const { maxInputPixels = defaultMaxInputPixels } = options
  requireWhole("maxInputPixels", maxInputPixels, 1)
  const limited =
    <Given extends readonly unknown[], Result>(
      operation: (maxPixels: number, ...given: Given) => Promise<Result>,
    ) =>
    (...given: Given): Promise<Result> =>
      inTurn(() => operation(maxInputPixels, ...given))
  return {
    maxInputPixels,
    inspect: limited(inspect),
    isBlackAndWhite: limited(isBlackAndWhite),
    hasHole: limited(hasHole),
    fit: limited(fit),
    applyTransform: limited(applyTransform),
    maskTones: limited(maskTones),
    invertMask: limited(invertMask),
    alphaToMask: limited(alphaToMask),
    maskToAlpha: limited(maskToAlpha),
    thresholdMask: limited(thresholdMask),
    resizeMask: limited(resizeMask),
    pad: limited(pad),
    thumbnail: limited(thumbnail),
  }
}

/** The size of the stored pixels: models may ignore EXIF, and a mask has to match them. */
const inspect = async (maxPixels: number, image: Uint8Array): Promise<Inspection> => {
  const source = await openImage(image, maxPixels)
  return {
    mediaType: source.mediaType,
    ...source.stored,
    transparent: await isTransparent(source),
  }
}

/** WebP's longest side: https://developers.google.com/speed/webp/faq, seen 2026-11-20. */
const webpSide = 16_383

/** Rotated as EXIF says, as WebP, never enlarged. */
const thumbnail = async (
  maxPixels: number,
  image: Uint8Array,
  side: number,
): Promise<Uint8Array> => {
  requireWhole("The thumbnail's side", side, 1)
  const maxSide = Math.min(side, webpSide)
  return plain(
    await decode(await openImage(image, maxPixels), (pixels) =>
      pixels
        .autoOrient()
        .resize(maxSide, maxSide, { fit: "inside", withoutEnlargement: true })
        .webp({ quality: 75 })
        .toBuffer(),
    ),
  )
}
