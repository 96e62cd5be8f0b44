import type { Pixels } from "../drawing/pixels.ts"

/** Blends two pictures of one size: 0 gives the first, 1 the second. */
export const mixed = (from: Pixels, to: Pixels, share: number): Pixels => {
  const data = new Uint8Array(from.data.length)
  const whole = Math.round(share * 256)
  for (let index = 0; index < data.length; index += 1) {
    const start = from.data[index] ?? 0
    data[index] = start + (((to.data[index] ?? 0) - start) * whole) / 256
  }
  return { width: from.width, height: from.height, data }
}
