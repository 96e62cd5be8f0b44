/** An image of black and white pixels, with its name as the title in the file. */
export interface Sketch {
  readonly width: number
  readonly height: number
  readonly name: string
  /** Default: every pixel is white. */
  readonly isWhite?: (x: number, y: number) => boolean
}

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

const adler32 = (bytes: Uint8Array): number => {
  let [low, high] = [1, 0]
  for (const byte of bytes) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  return high * 65_536 + low
}

const four = (value: number): readonly number[] =>
  [24, 16, 8, 0].map((shift) => (value >>> shift) & 255)

const joined = (parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const chunk = (kind: string, content: ArrayLike<number>): Uint8Array => {
  const named = joined([new TextEncoder().encode(kind), content])
  return joined([four(content.length), named, four(crc32(named))])
}

const largestBlock = 65_535

/** Deflate without compression: stored blocks. */
const stored = (bytes: Uint8Array): Uint8Array => {
  const parts: ArrayLike<number>[] = [[0x78, 0x01]]
  for (let at = 0; at < bytes.length; at += largestBlock) {
    const block = bytes.subarray(at, at + largestBlock)
    const { length } = block
    parts.push(
      [
        at + length === bytes.length ? 1 : 0,
        length & 255,
        length >>> 8,
        ~length & 255,
        (~length >>> 8) & 255,
      ],
      block,
    )
  }
  return joined([...parts, four(adler32(bytes))])
}

const rowsOf = ({ width, height, isWhite = () => true }: Sketch): Uint8Array => {
  const rowBytes = 1 + Math.ceil(width / 8)
  const rows = new Uint8Array(rowBytes * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (isWhite(x, y)) {
        const at = y * rowBytes + 1 + (x >>> 3)
        rows[at] = (rows[at] ?? 0) | (0x80 >>> (x & 7))
      }
  return rows
}

const signature = [137, 80, 78, 71, 13, 10, 26, 10]

const title = "Title\0"

/** A PNG of one bit per pixel. */
export const drawPng = (sketch: Sketch): Uint8Array<ArrayBuffer> =>
  joined([
    signature,
    chunk("IHDR", [...four(sketch.width), ...four(sketch.height), 1, 0, 0, 0, 0]),
    chunk("tEXt", new TextEncoder().encode(title + sketch.name)),
    chunk("IDAT", stored(rowsOf(sketch))),
    chunk("IEND", []),
  ])

/** The head of a PNG of any size, with or without alpha: planning reads no more. */
export const headOfPng = (
  width: number,
  height: number,
  { hasAlpha = false, name = "head" } = {},
): Uint8Array<ArrayBuffer> =>
  joined([
    signature,
    chunk("IHDR", [...four(width), ...four(height), 8, hasAlpha ? 6 : 2, 0, 0, 0]),
    chunk("tEXt", new TextEncoder().encode(title + name)),
    chunk("IEND", []),
  ])

/** The head of a JPEG or a GIF. */
export const headOf = (
  mediaType: "image/jpeg" | "image/gif",
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> =>
  mediaType === "image/gif"
    ? Uint8Array.from([
        ...new TextEncoder().encode("GIF89a"),
        width & 255,
        width >>> 8,
        height & 255,
        height >>> 8,
      ])
    : Uint8Array.from([
        0xff,
        0xd8,
        0xff,
        0xc0,
        0,
        11,
        8,
        height >>> 8,
        height & 255,
        width >>> 8,
        width & 255,
        1,
        1,
        0x11,
        0,
        0xff,
        0xd9,
      ])

/** Size and title of a PNG; zeros for anything else. */
export const readPng = (
  bytes: Uint8Array,
): { readonly width: number; readonly height: number; readonly name: string } => {
  if (bytes.length < 33 || bytes[0] !== 137) return { width: 0, height: 0, name: "" }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder("latin1").decode(bytes.subarray(33, 333))
  const start = text.indexOf(title)
  const name = start < 0 ? "" : text.slice(start + title.length, start + view.getUint32(33))
  return { width: view.getUint32(16), height: view.getUint32(20), name }
}

export const toBase64 = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
