import type { ImageOps } from "@pictor/core"
import { drawPng, readPng } from "./png.ts"

const isLeft =
  (width: number) =>
  (x: number): boolean =>
    x < width / 2

/** A mask that is white on the left; on the right if it is inverted. */
export const drawMask = (width: number, height: number, name = "mask"): Uint8Array<ArrayBuffer> => {
  const inverted = name.split(" ").filter((word) => word === "inverted").length % 2 === 1
  return drawPng({ width, height, name, isWhite: (x) => isLeft(width)(x) !== inverted })
}

const renamed = (
  mask: Uint8Array,
  verb: string,
  size?: { readonly width: number; readonly height: number },
): Uint8Array => {
  const { width, height, name } = readPng(mask)
  return drawMask(size?.width ?? width, size?.height ?? height, `${verb} ${name}`)
}

/**
 * Image operations that write what they did into the image's title. Foreign images pass for masks.
 */
export const imageOps: ImageOps = {
  inspect: async (image) => {
    const { width, height, name } = readPng(image)
    return {
      mediaType: "image/png",
      width,
      height,
      ...(name === "clear" ? { transparent: true } : {}),
    }
  },
  invertMask: async (mask) => renamed(mask, "inverted"),
  alphaToMask: async (image) => renamed(image, "transparent"),
  maskToAlpha: async (mask) => renamed(mask, "cut"),
  thresholdMask: async (mask) => mask,
  resizeMask: async (mask, width, height) => renamed(mask, "resized", { width, height }),
  pad: async (image, { left = 0, right = 0, up = 0, down = 0 }) => {
    const { width, height, name } = readPng(image)
    const size = { width: left + width + right, height: up + height + down }
    const isOld = (x: number, y: number): boolean =>
      x >= left && x < left + width && y >= up && y < up + height
    return {
      image: drawPng({ ...size, name: `padded ${name}` }),
      mask: drawPng({ ...size, name: "margins", isWhite: (x, y) => !isOld(x, y) }),
    }
  },
  thumbnail: async (image) => image,
}
