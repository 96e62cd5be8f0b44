import { blend, type Color, luminance, type Pixels, type Rectangle, type Size } from "./pixels.ts"

/**
 * The part of a picture that an edit changes: the strength at each pixel, from 0 (unchanged) to
 * 255.
 */
export type Area = Size & { readonly weight: Uint8Array }

/** Reads a mask in which white or black marks the area to change. Grey is changed in part. */
export const maskArea = ({ width, height, data }: Pixels, changes: "white" | "black"): Area => {
  const weight = new Uint8Array(width * height)
  for (let index = 0; index < weight.length; index += 1) weight[index] = luminance(data, index * 3)
  const white = { width, height, weight }
  return changes === "white" ? white : inverse(white)
}

/** The transparent pixels of a picture. */
export const transparentArea = ({ width, height, alpha }: Pixels): Area =>
  alpha === undefined ? emptyArea({ width, height }) : inverse({ width, height, weight: alpha })

export const emptyArea = ({ width, height }: Size): Area => ({
  width,
  height,
  weight: new Uint8Array(width * height),
})

/** A rectangle in fractions of the picture's sides. */
export const boxArea = (size: Size, { left, top, width, height }: Rectangle): Area => {
  const area = emptyArea(size)
  const [from, to] = [Math.round(left * size.width), Math.round((left + width) * size.width)]
  const bottom = Math.round((top + height) * size.height)
  for (let y = Math.round(top * size.height); y < bottom; y += 1)
    area.weight.fill(255, y * size.width + from, y * size.width + to)
  return area
}

/** The ellipse inside a rectangle in fractions of the picture's sides. */
export const ellipseArea = (size: Size, { left, top, width, height }: Rectangle): Area => {
  const area = emptyArea(size)
  for (let y = 0; y < size.height; y += 1) {
    const down = ((y + 0.5) / size.height - top) / height
    const half = down > 0 && down < 1 ? width * Math.sqrt(down - down * down) : 0
    const middle = left + width / 2
    const [from, to] = [middle - half, middle + half].map((share) =>
      Math.max(0, Math.round(share * size.width)),
    )
    if (half > 0)
      area.weight.fill(
        255,
        y * size.width + (from ?? 0),
        y * size.width + Math.min(size.width, to ?? 0),
      )
  }
  return area
}

export const inverse = ({ width, height, weight }: Area): Area => ({
  width,
  height,
  weight: weight.map((value) => 255 - value),
})

/** An area without the part that another one covers. */
export const without = ({ width, height, weight }: Area, other: Area): Area => ({
  width,
  height,
  weight: weight.map((value, index) => Math.min(value, 255 - (other.weight[index] ?? 0))),
})

/** The smallest rectangle around an area, in pixels. Undefined if the area is empty. */
export const bounds = ({ width, height, weight }: Area): Rectangle | undefined => {
  let [left, right, top, bottom] = [width, -1, height, -1]
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((weight[y * width + x] ?? 0) === 0) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/**
 * Draws another picture, with its upper left corner at a place, into the area. Other pixels keep
 * their values.
 */
export const paste = (
  under: Pixels,
  over: Pixels,
  area: Area,
  { left, top }: { readonly left: number; readonly top: number },
): Pixels => {
  const pixels = copy(under)
  const [right, bottom] = [
    Math.min(under.width, left + over.width),
    Math.min(under.height, top + over.height),
  ]
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const index = y * under.width + x
      const weight = area.weight[index] ?? 0
      if (weight > 0)
        cover(pixels, index, colorAt(over, (y - top) * over.width + x - left), weight / 255)
    }
  }
  return pixels
}

const copy = ({ width, height, data, alpha }: Pixels): Pixels => ({
  width,
  height,
  data: data.slice(),
  ...(alpha === undefined ? {} : { alpha: alpha.slice() }),
})

const cover = (pixels: Pixels, index: number, over: Color, opacity: number): void => {
  blend(pixels, index * 3, over, opacity)
  const { alpha } = pixels
  if (alpha !== undefined) alpha[index] = Math.max(alpha[index] ?? 0, Math.round(opacity * 255))
}

const colorAt = ({ data }: Pixels, index: number): Color => [
  data[index * 3] ?? 0,
  data[index * 3 + 1] ?? 0,
  data[index * 3 + 2] ?? 0,
]

/** The mask as a picture: the area in white or black, the rest in the other. */
export const maskPicture = (
  { width, height, weight }: Area,
  changes: "white" | "black",
): Pixels => {
  const data = new Uint8Array(width * height * 3)
  for (let index = 0; index < weight.length; index += 1) {
    const value = weight[index] ?? 0
    data.fill(changes === "white" ? value : 255 - value, index * 3, index * 3 + 3)
  }
  return { width, height, data }
}
