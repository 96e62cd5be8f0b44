import type { Area } from "./area.ts"
import type { Size } from "./pixels.ts"

type Place = { readonly left: number; readonly top: number }

/** Pixels between tried places. */
const step = 4

/** The lowest place of a rectangle inside an area, centred in the free space. */
export const placeWithin = (area: Area, size: Size): Place | undefined => {
  if (size.width > area.width || size.height > area.height) return undefined
  const outside = countOutside(area)
  for (let top = area.height - size.height; top >= 0; top -= step) {
    const free: number[] = []
    for (let left = 0; left + size.width <= area.width; left += step) {
      if (isInside(outside, area.width + 1, { left, top }, size)) free.push(left)
    }
    const left = free[free.length >> 1]
    if (left !== undefined) return { left, top }
  }
  return undefined
}

/**
 * For each corner between pixels, the number of pixels to its upper left that are not wholly
 * inside.
 */
const countOutside = ({ width, height, weight }: Area): Uint32Array => {
  const sums = new Uint32Array((width + 1) * (height + 1))
  for (let y = 0; y < height; y += 1) {
    let row = 0
    for (let x = 0; x < width; x += 1) {
      if (weight[y * width + x] !== 255) row += 1
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row
    }
  }
  return sums
}

const isInside = (
  sums: Uint32Array,
  stride: number,
  { left, top }: Place,
  { width, height }: Size,
): boolean => {
  const [above, below] = [top * stride + left, (top + height) * stride + left]
  return (
    (sums[below + width] ?? 0) - (sums[below] ?? 0) ===
    (sums[above + width] ?? 0) - (sums[above] ?? 0)
  )
}
