/** Red, green and blue, 0 to 255. */
export type Color = readonly [number, number, number]

/** A picture as raw bytes, three per pixel. */
export type Pixels = {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /** The opacity of each pixel, 0 to 255. Absent if all are opaque. */
  readonly alpha?: Uint8Array
}

export type Size = { readonly width: number; readonly height: number }

export const createPixels = (width: number, height: number): Pixels => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
})

export const color = (hex: string): Color => {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

export const mix = (from: Color, to: Color, share: number): Color => {
  const part = (index: 0 | 1 | 2): number =>
    Math.round(from[index] + (to[index] - from[index]) * share)
  return [part(0), part(1), part(2)]
}

/** Blends a colour into one pixel. Opacity 1 replaces it. */
export const blend = ({ data }: Pixels, offset: number, over: Color, opacity: number): void => {
  if (opacity >= 1) {
    data[offset] = over[0]
    data[offset + 1] = over[1]
    data[offset + 2] = over[2]
    return
  }
  const under = 1 - opacity
  data[offset] = (data[offset] ?? 0) * under + over[0] * opacity + 0.5
  data[offset + 1] = (data[offset + 1] ?? 0) * under + over[1] * opacity + 0.5
  data[offset + 2] = (data[offset + 2] ?? 0) * under + over[2] * opacity + 0.5
}

/** The lightness of the pixel at an offset, 0 to 255. */
export const luminance = (data: Uint8Array, offset: number): number =>
  ((data[offset] ?? 0) * 77 + (data[offset + 1] ?? 0) * 150 + (data[offset + 2] ?? 0) * 29) >> 8

export type Rectangle = {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export const fillRectangle = (
  pixels: Pixels,
  area: Rectangle,
  fill: Color,
  opacity: number,
): void => {
  const right = Math.min(pixels.width, Math.round(area.left + area.width))
  const bottom = Math.min(pixels.height, Math.round(area.top + area.height))
  for (let y = Math.max(0, Math.round(area.top)); y < bottom; y += 1) {
    for (let x = Math.max(0, Math.round(area.left)); x < right; x += 1) {
      blend(pixels, (y * pixels.width + x) * 3, fill, opacity)
    }
  }
}

type Ellipse = {
  readonly x: number
  readonly y: number
  readonly radiusX: number
  readonly radiusY: number
}

/** Fills an ellipse with a smooth edge. */
export const fillEllipse = (
  pixels: Pixels,
  { x, y, radiusX, radiusY }: Ellipse,
  fill: Color,
  opacity: number,
): void => {
  const bottom = Math.min(pixels.height - 1, Math.ceil(y + radiusY))
  for (let row = Math.max(0, Math.floor(y - radiusY)); row <= bottom; row += 1) {
    const reach = 1 - ((row - y) / radiusY) ** 2
    const half = reach > 0 ? radiusX * Math.sqrt(reach) : 0
    const right = Math.min(pixels.width - 1, Math.ceil(x + half))
    for (let column = Math.max(0, Math.floor(x - half)); column <= right; column += 1) {
      const cover = Math.min(1, half + 0.5 - Math.abs(column - x))
      if (cover > 0) blend(pixels, (row * pixels.width + column) * 3, fill, opacity * cover)
    }
  }
}
