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

/** The factor nearest to 1 that brings a size within the limits. */
const scaleInto = (
  { width, height }: { readonly width: number; readonly height: number },
  side: readonly [number, number] = [1, Number.POSITIVE_INFINITY],
  pixels: readonly [number, number] = [1, Number.POSITIVE_INFINITY],
): number => {
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  const least = Math.max(side[0] / short, Math.sqrt(pixels[0] / (width * height)))
  const most = Math.min(side[1] / long, Math.sqrt(pixels[1] / (width * height)))
  return Math.min(Math.max(1, least), most)
}

/**
 * Image operations that write what they did into the image's title. Foreign images pass for masks.
 */
export const imageOps: ImageOps = {
  maxInputPixels: 50_000_000,
  inspect: async (image) => {
    const { width, height, name } = readPng(image)
    return {
      mediaType: "image/png",
      width,
      height,
      ...(name === "clear" ? { transparent: true } : {}),
    }
  },
  isBlackAndWhite: async () => true,
  hasHole: async (image) => readPng(image).name === "clear",
  fit: async (image, { side, pixels }) => {
    const { width, height, name } = readPng(image)
    const scale = scaleInto({ width, height }, side, pixels)
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
    return {
      image: scale === 1 ? image : drawPng({ ...size, name: `fitted ${name}` }),
      ...size,
      transform: { orientation: 1, ...size },
    }
  },
  applyTransform: async (mask, { width, height }) => renamed(mask, "turned", { width, height }),
  maskTones: async () => ({ black: true, white: true }),
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
