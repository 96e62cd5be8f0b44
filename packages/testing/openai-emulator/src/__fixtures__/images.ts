import sharp from "sharp"

/** A picture as raw bytes, four per pixel. */
export type Raw = { readonly width: number; readonly height: number; readonly data: Uint8Array }

export const decoded = async (base64: string): Promise<Raw> => {
  const { data, info } = await sharp(Buffer.from(base64, "base64"))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

export const pixelAt = ({ width, data }: Raw, x: number, y: number): readonly number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
]

type Paint = (x: number, y: number) => readonly [number, number, number, number]

export const pngOf = (width: number, height: number, paint: Paint): Promise<Buffer> => {
  const data = new Uint8Array(width * height * 4)
  for (let index = 0; index < width * height; index += 1)
    data.set(paint(index % width, Math.floor(index / width)), index * 4)
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer()
}

const side = 1024

/** A gradient with a red block. */
export const photo: Buffer = await pngOf(side, side, (x, y) =>
  x > 300 && x < 700 && y > 300 && y < 700 ? [200, 40, 30, 255] : [x >> 2, y >> 2, 180, 255],
)

const isMasked = (x: number, y: number): boolean => x >= 256 && x < 768 && y >= 320 && y < 704

/** Transparent where the picture is to change. */
export const mask: Buffer = await pngOf(side, side, (x, y) =>
  isMasked(x, y) ? [0, 0, 0, 0] : [0, 0, 0, 255],
)

export const opaquePng: Buffer = await sharp(photo).removeAlpha().png().toBuffer()

export const dataUrl = (bytes: Buffer, type = "image/png"): string =>
  `data:${type};base64,${bytes.toString("base64")}`

/** Whether a pixel differs inside and outside the mask, sampled. */
export const changes = (
  before: Raw,
  after: Raw,
): { readonly inside: number; readonly outside: number } => {
  let [inside, outside] = [0, 0]
  for (let y = 0; y < before.height; y += 4)
    for (let x = 0; x < before.width; x += 4) {
      const same = pixelAt(before, x, y).join() === pixelAt(after, x, y).join()
      if (same) continue
      if (isMasked(x, y)) inside += 1
      else outside += 1
    }
  return { inside, outside }
}
