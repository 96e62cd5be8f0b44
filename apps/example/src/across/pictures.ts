import { deflateSync } from "node:zlib"
import type { ImageOps, Inspection } from "@pictor/core"

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

const crcOf = (bytes: Uint8Array): number =>
  ~bytes.reduce((crc, byte) => (crc >>> 8) ^ (crcTable[(crc ^ byte) & 255] ?? 0), ~0) >>> 0

const chunk = (type: string, content: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(content.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, content.length)
  bytes.set(new TextEncoder().encode(type), 4)
  bytes.set(content, 8)
  view.setUint32(content.length + 8, crcOf(bytes.subarray(4, content.length + 8)))
  return bytes
}

/**
 * An RGB PNG whose left half is black and whose right half is white. `swapped` exchanges the
 * halves.
 */
const draw = (width: number, height: number, swapped: boolean): Uint8Array => {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, 2], 8)
  const row = new Uint8Array(width * 3 + 1)
  const half = 1 + Math.floor(width / 2) * 3
  row.fill(255, swapped ? 1 : half, swapped ? half : row.length)
  const rows = new Uint8Array(row.length * height)
  for (let line = 0; line < height; line++) rows.set(row, line * row.length)
  return Buffer.concat([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 1 })),
    chunk("IEND", new Uint8Array()),
  ])
}

const drawn = new Map<string, Uint8Array>()

/** A picture, or a mask, of a size; `swapped` is its negative. */
export const picture = (size: string, swapped = false): Uint8Array => {
  const name = `${size} ${swapped}`
  const [width = 1, height = 1] = size.split("x").map(Number)
  const known = drawn.get(name) ?? draw(width, height, swapped)
  drawn.set(name, known)
  return known
}

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

const sizeOf = (bytes: Uint8Array): Inspection => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return {
    mediaType: "image/png",
    width: view.getUint32(16),
    height: view.getUint32(20),
    transparent: false,
  }
}

const like = (bytes: Uint8Array, swapped: boolean): Uint8Array =>
  picture(`${sizeOf(bytes).width}x${sizeOf(bytes).height}`, swapped)

/** Image operations on the pictures of this file only, fast enough for ten thousand plans. */
export const quickImages: ImageOps = {
  maxInputPixels: 50_000_000,
  inspect: async (image) => sizeOf(image),
  isBlackAndWhite: async () => true,
  hasHole: async () => false,
  fit: () => Promise.reject(new Error("every picture of this file fits its model")),
  applyTransform: async (_, { width, height }) => picture(`${width}x${height}`),
  maskTones: async () => ({ black: true, white: true }),
  invertMask: async (mask) => like(mask, !Buffer.from(mask).equals(like(mask, true))),
  alphaToMask: async (image) => like(image, false),
  maskToAlpha: async (mask) => like(mask, false),
  thresholdMask: async (mask) => mask,
  resizeMask: async (_, width, height) => picture(`${width}x${height}`),
  pad: async (image, { left = 0, right = 0, up = 0, down = 0 }) => {
    const { width, height } = sizeOf(image)
    const size = `${width + left + right}x${height + up + down}`
    return { image: picture(size), mask: picture(size, true) }
  },
  thumbnail: async (image) => image,
}
