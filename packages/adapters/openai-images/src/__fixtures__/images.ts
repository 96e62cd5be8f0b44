import sharp from "sharp"

const pngOf = async (
  side: number,
  paint: (x: number, y: number) => readonly [number, number, number, number],
): Promise<string> => {
  const data = new Uint8Array(side * side * 4)
  for (let index = 0; index < side * side; index += 1)
    data.set(paint(index % side, Math.floor(index / side)), index * 4)
  const png = sharp(data, { raw: { width: side, height: side, channels: 4 } }).png()
  return (await png.toBuffer()).toString("base64")
}

const side = 128
const isInside = (x: number, y: number): boolean => x >= 32 && x < 96 && y >= 32 && y < 96

/** A gradient with a red block. */
export const image: string = await pngOf(side, (x, y) =>
  isInside(x, y) ? [200, 40, 30, 255] : [x, y, 180, 255],
)

/** White where the picture is to change. */
export const mask: string = await pngOf(side, (x, y) =>
  isInside(x, y) ? [255, 255, 255, 255] : [0, 0, 0, 255],
)

/** A red line over nothing. */
export const markup: string = await pngOf(side, (_, y) =>
  y > 60 && y < 66 ? [255, 0, 0, 255] : [0, 0, 0, 0],
)

/** The same mask in the API's polarity: transparent where the picture is to change. */
export const transparentMask: string = await pngOf(side, (x, y) =>
  isInside(x, y) ? [0, 0, 0, 0] : [0, 0, 0, 255],
)
