import sharp, { type Sharp } from "sharp"
import type { Pixels } from "./pixels.ts"

export type Format = "png" | "jpeg" | "webp"

/** Quality is that of a jpeg or webp, 1 to 100. */
export const encode = (pixels: Pixels, format: Format, quality?: number): Promise<Buffer> =>
  encoders[format](fromPixels(pixels), quality).toBuffer()

/** Encodes pictures of one size as an animated gif. */
export const encodeAnimation = async (
  frames: readonly Pixels[],
  delayMs: number,
): Promise<Buffer> => {
  const pages = await Promise.all(frames.map((frame) => encode(frame, "png")))
  return sharp(pages, { join: { animated: true } })
    .gif({ delay: frames.map(() => delayMs), effort: 1 })
    .toBuffer()
}

/** The picture blurred beyond recognition. */
export const blurred = async (pixels: Pixels): Promise<Pixels> => {
  const { width, height, data } = pixels
  return {
    width,
    height,
    data: await fromPixels({ width, height, data }).blur(40).raw().toBuffer(),
  }
}

type Resizing = { readonly fit?: "fill" | "cover"; readonly kernel?: "linear" | "nearest" }

/** The picture at another size: stretched, or cropped to cover it. */
export const resized = async (
  pixels: Pixels,
  width: number,
  height: number,
  { fit = "fill", kernel = "linear" }: Resizing = {},
): Promise<Pixels> => {
  if (pixels.width === width && pixels.height === height) return pixels
  const scale = (plane: Uint8Array, channels: 1 | 3): Promise<Buffer> =>
    sharp(plane, { raw: { width: pixels.width, height: pixels.height, channels } })
      .resize(width, height, { fit, kernel, fastShrinkOnLoad: false })
      .raw()
      .toBuffer()
  const data = await scale(pixels.data, 3)
  if (pixels.alpha === undefined) return { width, height, data }
  return { width, height, data, alpha: oneChannel(await scale(pixels.alpha, 1), width * height) }
}

/** A grey picture may be decoded with three channels. */
const oneChannel = (plane: Buffer, count: number): Uint8Array => {
  const channels = plane.length / count
  return channels === 1
    ? plane
    : Uint8Array.from({ length: count }, (_, index) => plane[index * channels] ?? 0)
}

const fromPixels = (pixels: Pixels): Sharp => {
  const { width, height, data, alpha } = pixels
  if (alpha === undefined) return sharp(data, { raw: { width, height, channels: 3 } })
  return sharp(withAlpha(data, alpha), { raw: { width, height, channels: 4 } })
}

const withAlpha = (data: Uint8Array, alpha: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(alpha.length * 4)
  for (let index = 0; index < alpha.length; index += 1) {
    joined[index * 4] = data[index * 3] ?? 0
    joined[index * 4 + 1] = data[index * 3 + 1] ?? 0
    joined[index * 4 + 2] = data[index * 3 + 2] ?? 0
    joined[index * 4 + 3] = alpha[index] ?? 0
  }
  return joined
}

const encoders: {
  readonly [format in Format]: (image: Sharp, quality: number | undefined) => Sharp
} = {
  png: (image) => image.png({ compressionLevel: 3, adaptiveFiltering: false }),
  jpeg: (image, quality = 82) => image.flatten({ background: "#ffffff" }).jpeg({ quality }),
  webp: (image, quality = 80) => image.webp({ quality, effort: 0 }),
}
