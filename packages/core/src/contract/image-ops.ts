import type { ImageLimits } from "./card.ts"
import type { Margins } from "./request.ts"

export interface Inspection {
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly transparent?: boolean
}

/** What was done to a picture, so that the same can be done to its mask. */
export interface Transform {
  /** EXIF's orientation that was undone, 1 to 8; 1 is upright. */
  readonly orientation: number
  /** The size as it is sent. */
  readonly width: number
  readonly height: number
}

/** A picture within a model's limits. */
export interface FittedImage {
  readonly image: Uint8Array
  readonly width: number
  readonly height: number
  readonly transform: Transform
}

/** The most pixels of a picture that is decoded, unless the image operations state another. */
export const defaultMaxInputPixels = 50_000_000

/**
 * Image operations that some models' inputs need; `@pictor/images` implements them. All are
 * required: a client either prepares pictures as the contract says, or has no operations at all.
 */
export interface ImageOps {
  /** Larger pictures are rejected before they are decoded, by the client as well. */
  readonly maxInputPixels: number
  inspect(image: Uint8Array): Promise<Inspection>
  /**
   * Whether every pixel is opaque, and at least 99 % are black or white: all channels at most 25,
   * or all at least 230.
   */
  isBlackAndWhite(image: Uint8Array): Promise<boolean>
  /** Whether a pixel is fully transparent. */
  hasHole(image: Uint8Array): Promise<boolean>
  /**
   * Brings a picture within the limits: upright, of a type of the model, flattened on white where
   * the model takes opaque pictures, scaled at its ratio.
   */
  fit(image: Uint8Array, limits: ImageLimits): Promise<FittedImage>
  /** Turns and scales the mask of a stored picture as {@link ImageOps.fit} did the picture. */
  applyTransform(mask: Uint8Array, transform: Transform): Promise<Uint8Array>
  /** Which of the two a mask has: brightness of at least 128 is white, transparency is black. */
  maskTones(mask: Uint8Array): Promise<{ readonly black: boolean; readonly white: boolean }>
  invertMask(mask: Uint8Array): Promise<Uint8Array>
  alphaToMask(image: Uint8Array): Promise<Uint8Array>
  /** The opposite: transparent where the mask is white, opaque elsewhere. */
  maskToAlpha(mask: Uint8Array): Promise<Uint8Array>
  thresholdMask(mask: Uint8Array): Promise<Uint8Array>
  resizeMask(mask: Uint8Array, width: number, height: number): Promise<Uint8Array>
  pad(
    image: Uint8Array,
    margins: Margins,
  ): Promise<{ readonly image: Uint8Array; readonly mask: Uint8Array }>
  thumbnail(image: Uint8Array, side: number): Promise<Uint8Array>
}
