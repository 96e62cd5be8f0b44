import sharp from "sharp"

/** The base64 of a PNG's first bytes, enough for a check that reads only the size. */
export const pngOf = (width: number, height: number): string => {
  const bytes = Buffer.alloc(33)
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes.toString("base64")
}

/** A picture as raw bytes, three or four per pixel. */
export type Raw = {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  readonly data: Uint8Array
}

export type Spot = { readonly x: number; readonly y: number }

type Paint = (spot: Spot) => readonly number[]

/** A picture with pixels computed from their place. */
export const rawOf = (width: number, height: number, paint: Paint): Raw => {
  const channels = paint({ x: 0, y: 0 }).length === 4 ? 4 : 3
  const data = new Uint8Array(width * height * channels)
  for (let index = 0; index < width * height; index += 1) {
    data.set(paint({ x: index % width, y: Math.floor(index / width) }), index * channels)
  }
  return { width, height, channels, data }
}

export const encoded = async (
  { data, ...raw }: Raw,
  format: "png" | "jpeg" | "webp" = "png",
): Promise<string> => (await sharp(data, { raw }).toFormat(format).toBuffer()).toString("base64")

export const decoded = async (base64: string): Promise<Raw> => {
  const { data, info } = await sharp(Buffer.from(base64, "base64"))
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: info.channels === 4 ? 4 : 3, data }
}

/** The bytes of one pixel. */
export const pixelAt = ({ width, channels, data }: Raw, { x, y }: Spot): readonly number[] => [
  ...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels),
]

/**
 * The fraction of pixels that differ in a part of two pictures. The part of the second may be
 * elsewhere.
 */
export const changedShare = (
  before: Raw,
  after: Raw,
  part: (spot: Spot) => boolean,
  shift: Spot = { x: 0, y: 0 },
): number => {
  let [all, changed] = [0, 0]
  for (let index = 0; index < before.width * before.height; index += 1) {
    const spot = { x: index % before.width, y: Math.floor(index / before.width) }
    if (!part(spot)) continue
    all += 1
    const there = ((spot.y + shift.y) * after.width + spot.x + shift.x) * after.channels
    for (let channel = 0; channel < before.channels; channel += 1) {
      if (before.data[index * before.channels + channel] === after.data[there + channel]) continue
      changed += 1
      break
    }
  }
  return changed / all
}

/** The mean difference of two pictures' bytes. */
export const byteDistance = (left: Raw, right: Raw): number => {
  let sum = 0
  for (let index = 0; index < left.data.length; index += 1)
    sum += Math.abs((left.data[index] ?? 0) - (right.data[index] ?? 0))
  return sum / left.data.length
}
