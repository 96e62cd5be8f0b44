import sharp from "sharp"
import type { Pixels } from "./pixels.ts"

/** Decodes a png, jpeg or webp. Undefined if it is damaged. */
export const decode = async (base64: string): Promise<Pixels | undefined> => {
  try {
    const image = sharp(Buffer.from(base64, "base64")).toColourspace("srgb")
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    return toPixels(data, info)
  } catch {
    return undefined
  }
}

type Layout = { readonly width: number; readonly height: number; readonly channels: number }

/** Sorts the channels of grey, grey with alpha, colour, or colour with alpha. */
const toPixels = (bytes: Uint8Array, { width, height, channels }: Layout): Pixels => {
  if (channels === 3) return { width, height, data: bytes }
  const count = width * height
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2]
  const data = new Uint8Array(count * 3)
  for (let index = 0; index < count; index += 1) {
    data[index * 3] = bytes[index * channels] ?? 0
    data[index * 3 + 1] = bytes[index * channels + green] ?? 0
    data[index * 3 + 2] = bytes[index * channels + blue] ?? 0
  }
  if (channels % 2 === 1) return { width, height, data }
  const alpha = Uint8Array.from(
    { length: count },
    (_, index) => bytes[index * channels + channels - 1] ?? 0,
  )
  return alpha.every((value) => value === 255)
    ? { width, height, data }
    : { width, height, data, alpha }
}
