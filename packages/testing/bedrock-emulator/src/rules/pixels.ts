import type { Pixels } from "@pictor/emulator-kit"
import type { Inputs } from "../editing/inputs.ts"
import type { Violation } from "../violations.ts"

/** Finds violations in decoded pictures. */
export type PixelRule = (inputs: Inputs) => readonly Violation[]

/** https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html, seen 2026-11-20 */
export const opaqueImages: PixelRule = (inputs) =>
  [...inputs]
    .filter(([, { alpha }]) => alpha !== undefined)
    .map(([path]) => ({ path, message: "the image has transparent or translucent pixels" }))

/**
 * https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html, seen
 * 2026-11-20
 */
export const binaryMasks: PixelRule = (inputs) =>
  [...inputs]
    .filter(([path, pixels]) => path.endsWith("/maskImage") && !isBlackAndWhite(pixels))
    .map(([path]) => ({
      path,
      message:
        "the mask has pixels that are neither pure black (0,0,0) nor pure white (255,255,255)",
    }))

const isBlackAndWhite = ({ data }: Pixels): boolean => {
  for (let offset = 0; offset < data.length; offset += 3) {
    const value = data[offset]
    if ((value !== 0 && value !== 255) || data[offset + 1] !== value || data[offset + 2] !== value)
      return false
  }
  return true
}
