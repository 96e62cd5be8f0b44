import type { ImageOps } from "@pictor/core"
import { greyMask, image, inverse, mask, smallMask } from "./images.ts"

const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

const unknown = (): Promise<never> => Promise.reject(new Error("no image work for this"))

const table =
  (results: Readonly<Record<string, string>>) =>
  (bytes: Uint8Array): Promise<Uint8Array> => {
    const result = results[base64Of(bytes)]
    return result === undefined ? unknown() : Promise.resolve(bytesOf(result))
  }

/** Image operations that know the fixtures' images only. */
export const imageOps: ImageOps = {
  maxInputPixels: 50_000_000,
  inspect: async () => ({ mediaType: "image/png", width: 1, height: 1, transparent: false }),
  isBlackAndWhite: async () => false,
  hasHole: async () => false,
  fit: unknown,
  applyTransform: unknown,
  maskTones: async () => ({ black: true, white: true }),
  invertMask: table({ [mask]: inverse }),
  alphaToMask: unknown,
  maskToAlpha: unknown,
  thresholdMask: table({ [greyMask]: mask, [mask]: mask, [inverse]: inverse }),
  resizeMask: table({ [smallMask]: mask }),
  pad: async () => ({ image: bytesOf(image), mask: bytesOf(inverse) }),
  thumbnail: unknown,
}
