import { crc32, deflateSync } from "node:zlib"

const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10)

const chunk = (type: string, content: Uint8Array): Uint8Array => {
  const named = Buffer.concat([Buffer.from(type, "latin1"), content])
  const bytes = Buffer.alloc(named.length + 8)
  bytes.writeUInt32BE(content.length)
  bytes.set(named, 4)
  bytes.writeUInt32BE(crc32(named), named.length + 4)
  return bytes
}

/** One bit per pixel, greyscale. */
const header = (width: number, height: number): Uint8Array => {
  const content = Buffer.alloc(13)
  content.writeUInt32BE(width)
  content.writeUInt32BE(height, 4)
  content.set([1, 0], 8)
  return chunk("IHDR", content)
}

const png = (...chunks: readonly Uint8Array[]): Buffer =>
  Buffer.concat([signature, ...chunks, chunk("IEND", new Uint8Array())])

const zeros = (bytes: number): Uint8Array => deflateSync(Buffer.alloc(bytes), { level: 9 })

/** Small files that decode to large images, or claim to. */
export const bombs: Readonly<Record<string, Buffer>> = {
  "a head that claims 60000x60000": png(header(60_000, 60_000)),
  "24000x24000 pixels": png(header(24_000, 24_000), chunk("IDAT", zeros(24_000 * 3001))),
  "64 MB of pixels where 64 are due": png(header(8, 8), chunk("IDAT", zeros(67_108_864))),
  "64 MB of words": png(
    header(320, 320),
    chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0", "latin1"), zeros(67_108_864)])),
    chunk("IDAT", zeros(320 * 41)),
  ),
  "a head that claims 0x0": png(header(0, 0)),
  "a head and no more": png(header(320, 320)),
}
