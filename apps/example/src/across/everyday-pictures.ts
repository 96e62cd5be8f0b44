import sharp from "sharp"

/** A picture as people send it, with the size and orientation that a viewer shows. */
export interface Everyday {
  readonly name: string
  readonly bytes: Uint8Array
  readonly stored: Size
  readonly seen: Size
  /** Of EXIF, 1 to 8. */
  readonly orientation: number
  readonly format: "image/jpeg" | "image/png" | "image/webp" | "image/gif" | "image/avif"
}

export interface Size {
  readonly width: number
  readonly height: number
}

type Draw = (random: () => number) => Promise<Omit<Everyday, "name">>

/** Four fields of plain colour, so that a rotated or stretched picture differs. */
const fields = ({ width, height }: Size, alpha = false) => {
  const colors = [
    [200, 60, 50],
    [60, 160, 80],
    [50, 80, 190],
    [210, 190, 70],
  ] as const
  const channels = alpha ? 4 : 3
  const data = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const field = (y * 2 < height ? 0 : 2) + (x * 2 < width ? 0 : 1)
      const at = (y * width + x) * channels
      data.set(colors[field] ?? colors[0], at)
      if (alpha) data[at + 3] = 150 + Math.floor((x / width) * 105)
    }
  return sharp(data, { raw: { width, height, channels } })
}

const sideFrom =
  (least: number, most: number) =>
  (random: () => number): number =>
    least + Math.floor(random() * (most - least))

const usual = sideFrom(330, 460)

const sizeOf = (random: () => number, side = usual): Size => {
  const width = side(random)
  return { width, height: Math.round(width * (0.7 + 0.6 * random())) }
}

const made = (bytes: Uint8Array, size: Size, format: Everyday["format"]) => ({
  bytes: new Uint8Array(bytes),
  stored: size,
  seen: size,
  orientation: 1,
  format,
})

const jpeg = async (size: Size) => made(await fields(size).jpeg().toBuffer(), size, "image/jpeg")
const png = async (bytes: Promise<Uint8Array>, size: Size) => made(await bytes, size, "image/png")

const phone =
  (orientation: number): Draw =>
  async (random) => {
    const width = usual(random)
    const stored = { width, height: Math.round(width * 0.75) }
    const bytes = await fields(stored).withMetadata({ orientation }).jpeg().toBuffer()
    const seen = orientation >= 5 ? { width: stored.height, height: stored.width } : stored
    return { ...made(bytes, stored, "image/jpeg"), seen, orientation }
  }

const draws: Readonly<Record<string, Draw>> = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => [`phone ${orientation}`, phone(orientation)]),
  ),
  webp: async (random) => {
    const size = sizeOf(random)
    return made(await fields(size).webp({ quality: 95 }).toBuffer(), size, "image/webp")
  },
  gif: async (random) => {
    const size = sizeOf(random)
    return made(await fields(size).gif().toBuffer(), size, "image/gif")
  },
  avif: async (random) => {
    const size = sizeOf(random, sideFrom(64, 80))
    return made(await fields(size).avif({ effort: 0 }).toBuffer(), size, "image/avif")
  },
  grey: (random) => {
    const size = sizeOf(random)
    return png(fields(size).toColourspace("b-w").png().toBuffer(), size)
  },
  palette: (random) => {
    const size = sizeOf(random)
    return png(fields(size).png({ palette: true }).toBuffer(), size)
  },
  "16-bit": (random) => {
    const size = sizeOf(random)
    return png(fields(size).toColourspace("rgb16").png().toBuffer(), size)
  },
  cmyk: async (random) => {
    const size = sizeOf(random)
    return made(await fields(size).toColourspace("cmyk").jpeg().toBuffer(), size, "image/jpeg")
  },
  alpha: (random) => {
    const size = sizeOf(random)
    return png(fields(size, true).png().toBuffer(), size)
  },
  tiny: (random) => jpeg(sizeOf(random, sideFrom(12, 200))),
  huge: (random) => jpeg(sizeOf(random, sideFrom(2200, 2400))),
  "5:1": async (random) => {
    const height = sideFrom(80, 160)(random)
    return jpeg({ width: height * 5, height })
  },
}

/** Pictures of every kind in turn. Equal random numbers give equal pictures. */
export const everydayPictures = async (
  count: number,
  random: () => number,
): Promise<readonly Everyday[]> => {
  const kinds = Object.entries(draws)
  const pictures: Everyday[] = []
  for (let index = 0; index < count; index++) {
    const [name, draw] = kinds[index % kinds.length] as (typeof kinds)[number]
    pictures.push({ name: `${name} (${index})`, ...(await draw(random)) })
  }
  return pictures
}

/** White in the upper left quarter of the picture as a viewer shows it. */
const quarter = async ({ width, height }: Size): Promise<Uint8Array> => {
  const data = new Uint8Array(width * height)
  for (let y = 0; y * 2 < height; y++) data.fill(255, y * width, y * width + Math.ceil(width / 2))
  return sharp(data, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}

/** The orientation that undoes another one. */
const undone = (orientation: number): number => ({ 6: 8, 8: 6 })[orientation] ?? orientation

/**
 * A mask of that quarter: in the shown size, in half of it, or in the stored size with the quarter
 * where its pixels are stored.
 */
export const quarterMask = async (
  { seen, orientation }: Everyday,
  kind: number,
): Promise<Uint8Array> => {
  if (kind % 3 === 1)
    return quarter({ width: Math.ceil(seen.width / 2), height: Math.ceil(seen.height / 2) })
  if (kind % 3 === 0 || orientation < 5) return quarter(seen)
  const turned = await sharp(await quarter(seen))
    .withMetadata({ orientation: undone(orientation) })
    .png()
    .toBuffer()
  return sharp(turned).autoOrient().png().toBuffer()
}

/** The picture as a viewer shows it, on white, in a size: three bytes per pixel. */
export const seenPixels = async (bytes: Uint8Array, size?: Size): Promise<Uint8Array> =>
  sharp(bytes)
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .resize({ ...size, fit: "fill" })
    .toColourspace("srgb")
    .raw()
    .toBuffer()
