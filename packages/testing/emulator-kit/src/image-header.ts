/** The facts in the first bytes of an encoded picture. */
export type ImageHeader = {
  readonly format: "png" | "jpeg" | "webp"
  readonly width: number
  readonly height: number
}

/**
 * Reads format and size from base64 without decoding the picture. Undefined unless it is a png,
 * jpeg or webp.
 */
export const imageHeader = (base64: string): ImageHeader | undefined => {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const start = Buffer.from(base64.slice(0, 64), "base64")
  if (start.subarray(0, 8).equals(pngSignature)) return png(start)
  if (start.subarray(0, 3).equals(jpegSignature)) return jpeg(Buffer.from(base64, "base64"))
  if (start.toString("latin1", 0, 4) === "RIFF" && start.toString("latin1", 8, 12) === "WEBP")
    return webp(start)
  return undefined
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

const jpegSignature = Buffer.from([0xff, 0xd8, 0xff])

const png = (bytes: Buffer): ImageHeader | undefined =>
  bytes.length < 24
    ? undefined
    : { format: "png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }

const jpeg = (bytes: Buffer): ImageHeader | undefined => {
  let offset = 2
  while (offset + 9 < bytes.length) {
    if (bytes[offset] !== 0xff) return undefined
    const marker = bytes[offset + 1] ?? 0
    if (isFrameStart(marker)) {
      return {
        format: "jpeg",
        width: bytes.readUInt16BE(offset + 7),
        height: bytes.readUInt16BE(offset + 5),
      }
    }
    offset += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(offset + 2)
  }
  return undefined
}

/**
 * C0 to CF start a frame, except the Huffman table (C4), the reserved C8 and the arithmetic table
 * (CC).
 */
const isFrameStart = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const webp = (bytes: Buffer): ImageHeader | undefined => {
  if (bytes.length < 30) return undefined
  switch (bytes.toString("latin1", 12, 16)) {
    case "VP8 ":
      return {
        format: "webp",
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      }
    case "VP8L": {
      const packed = bytes.readUInt32LE(21)
      return {
        format: "webp",
        width: (packed & 0x3fff) + 1,
        height: ((packed >>> 14) & 0x3fff) + 1,
      }
    }
    case "VP8X":
      return {
        format: "webp",
        width: bytes.readUIntLE(24, 3) + 1,
        height: bytes.readUIntLE(27, 3) + 1,
      }
    default:
      return undefined
  }
}
