import { encoded, type Raw, rawOf, type Spot } from "./images.ts"

const size = { width: 320, height: 352 }

export const inSubject = ({ x, y }: Spot): boolean => x >= 90 && x < 170 && y >= 110 && y < 250

/** Around the subject, off the middle in both directions. */
export const inArea = ({ x, y }: Spot): boolean => x >= 60 && x < 200 && y >= 90 && y < 280

export const notInArea = (spot: Spot): boolean => !inArea(spot)

/** A red block before a sky with a gradient from left to right. */
export const house: Raw = rawOf(size.width, size.height, (spot) =>
  inSubject(spot)
    ? [200, 40 + (spot.y % 7), 30]
    : [60 + (spot.x >> 3), 120 + (spot.y >> 3), 190 - (spot.x % 5)],
)

export const image: string = await encoded(house)

/** The area in black on white, and in white on black. */
export const blackMask: string = await encoded(
  rawOf(size.width, size.height, (spot) => (inArea(spot) ? [0, 0, 0] : [255, 255, 255])),
)

export const whiteMask: string = await encoded(
  rawOf(size.width, size.height, (spot) => (inArea(spot) ? [255, 255, 255] : [0, 0, 0])),
)

/** The house with the area transparent. */
export const clearImage: string = await encoded(
  rawOf(size.width, size.height, (spot) => {
    const offset = (spot.y * size.width + spot.x) * 3
    return [...house.data.subarray(offset, offset + 3), inArea(spot) ? 0 : 255]
  }),
)

/** Broad stripes of pink and green, dark and light. */
export const style: string = await encoded(
  rawOf(
    size.width,
    size.height,
    ({ x }) =>
      [
        [70, 0, 50],
        [230, 30, 160],
        [250, 190, 230],
        [20, 160, 90],
      ][(x >> 4) % 4] ?? [],
  ),
)
