import sharp from "sharp"

type Background = { readonly r: number; readonly g: number; readonly b: number }

export const red: Background = { r: 200, g: 30, b: 30 }
export const green: Background = { r: 30, g: 160, b: 60 }

export const plain = (width: number, height: number, background: Background): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

type PicturePart = { readonly inlineData: { readonly mimeType: string; readonly data: string } }

/** A part of a request with a picture. */
export const pngPart = (bytes: Buffer): PicturePart => ({
  inlineData: { mimeType: "image/png", data: bytes.toString("base64") },
})

/** A mask whose left half is white. */
export const leftHalf = async (width: number, height: number): Promise<Buffer> => {
  const white = await plain(width / 2, height, { r: 255, g: 255, b: 255 })
  return sharp(await plain(width, height, { r: 0, g: 0, b: 0 }))
    .composite([{ input: white, left: 0, top: 0 }])
    .png()
    .toBuffer()
}

type Region = {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** How much the mean colour of a region differs from a colour, summed over the channels. */
export const difference = async (
  picture: Buffer,
  region: Region,
  { r, g, b }: Background,
): Promise<number> => {
  const cut = await sharp(picture).extract(region).png().toBuffer()
  const { channels } = await sharp(cut).stats()
  return [r, g, b].reduce(
    (sum, value, index) => sum + Math.abs(value - (channels[index]?.mean ?? 0)),
    0,
  )
}
