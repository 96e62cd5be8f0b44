import { crc32, deflateSync } from "node:zlib"

type Color = readonly [red: number, green: number, blue: number]

const chunk = (name: string, data: Buffer): Buffer => {
  const content = Buffer.concat([Buffer.from(name, "latin1"), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(content))
  return Buffer.concat([length, content, checksum])
}

/** A PNG in base64. */
const png = (width: number, height: number, colorAt: (x: number, y: number) => Color): string => {
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...Array.from({ length: width }, (__, x) => colorAt(x, y)).flat(),
  ])
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.from(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]).toString("base64")
}

/** 256x256 pixels. */
export const red: string = png(256, 256, () => [192, 64, 48])

/** 256x256 pixels. */
export const blue: string = png(256, 256, () => [48, 80, 192])

/** 1280x960 pixels: two started megapixels. */
export const wide: string = png(1280, 960, () => [32, 160, 96])

/** 256x256 pixels: a white square on black. */
export const mask: string = png(256, 256, (x, y) => {
  const isInside = Math.max(Math.abs(x - 128), Math.abs(y - 128)) < 64
  return isInside ? [255, 255, 255] : [0, 0, 0]
})
