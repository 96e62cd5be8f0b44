import { crc32, deflateSync } from "node:zlib"
import fc from "fast-check"
import sharp from "sharp"

/** Channels from the length of a pixel; `pixels` in rows of `width`. */
export const png = (
  width: number,
  pixels: readonly (readonly number[])[],
  orientation?: number,
): Promise<Uint8Array> => {
  const source = raw(width, pixels).png()
  return (orientation === undefined ? source : source.withMetadata({ orientation })).toBuffer()
}

export const raw = (width: number, pixels: readonly (readonly number[])[]) => {
  const channels = (pixels[0]?.length ?? 1) as 1 | 2 | 3 | 4
  return sharp(Uint8Array.from(pixels.flat()), {
    raw: { width, height: pixels.length / width, channels },
  })
}

/** The red of every pixel, where all of the three are equal; else it fails. */
export const greysOf = async (image: Uint8Array): Promise<readonly number[]> => {
  const pixels = await pixelsOf(image)
  if (pixels.some(([red, green, blue]) => red !== green || red !== blue))
    throw new Error("Not grey.")
  return pixels.map(([red = Number.NaN]) => red)
}

export const pixelsOf = async (image: Uint8Array): Promise<readonly (readonly number[])[]> => {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true })
  return Array.from({ length: info.width * info.height }, (_, index) => [
    ...data.subarray(index * info.channels, (index + 1) * info.channels),
  ])
}

export const headOf = async (image: Uint8Array) => {
  const { format, width, height, channels, depth, hasAlpha } = await sharp(image).metadata()
  return { format, width, height, channels, depth, hasAlpha }
}

/** Pseudorandom noise, which no encoder compresses well; the same for the same arguments. */
export const noisy = (width: number, height: number, channels: 3 | 4 = 3) => {
  const data = new Uint8Array(width * height * channels)
  let state = 1
  for (let index = 0; index < data.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    data[index] = state >>> 24
  }
  return sharp(data, { raw: { width, height, channels } })
}

const chunk = (name: string, data: Uint8Array): Uint8Array => {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** A PNG with a header for a large image and hardly any data. */
export const truncatedPng = (width: number, height: number): Uint8Array => {
  const head = Buffer.from("\0\0\0\0\0\0\0\0\x08\x02\0\0\0", "latin1")
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.alloc(99))),
  ])
}

/** Small images with one to four channels. */
export const anyPng: fc.Arbitrary<Promise<Uint8Array>> = fc
  .record({
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 9 }),
    channels: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ width, height, channels }) => {
    const pixel = fc.array(fc.integer({ min: 0, max: 255 }), {
      minLength: channels,
      maxLength: channels,
    })
    return fc
      .array(pixel, { minLength: width * height, maxLength: width * height })
      .map((pixels) => png(width, pixels))
  })
