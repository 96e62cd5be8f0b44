import type { Margins } from "./request.ts"

/** The format and size of an image, read from its bytes. */
export interface Inspection {
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly transparent?: boolean
}

/** Image operations that some models' inputs need; `@pictor/images` implements them. */
export interface ImageOps {
  inspect(image: Uint8Array): Promise<Inspection>
  /**
   * Whether every pixel is opaque, and at least 99 % are black or white: all channels at most 25,
   * or all at least 230.
   */
  isBlackAndWhite?(image: Uint8Array): Promise<boolean>
  /** Whether a pixel is fully transparent. */
  hasHole?(image: Uint8Array): Promise<boolean>
  invertMask(mask: Uint8Array): Promise<Uint8Array>
  alphaToMask(image: Uint8Array): Promise<Uint8Array>
  thresholdMask(mask: Uint8Array): Promise<Uint8Array>
  resizeMask(mask: Uint8Array, width: number, height: number): Promise<Uint8Array>
  pad(
    image: Uint8Array,
    margins: Margins,
  ): Promise<{ readonly image: Uint8Array; readonly mask: Uint8Array }>
  thumbnail(image: Uint8Array, side: number): Promise<Uint8Array>
}
