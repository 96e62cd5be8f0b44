import { describe, expect, it } from "vitest"
import type { Area } from "./area.ts"
import type { Size } from "./pixels.ts"
import { placeWithin } from "./place.ts"

const size = { width: 24, height: 20 }

/** An area of the pixels that a predicate selects. */
const areaOf = (isInside: (x: number, y: number) => boolean): Area => ({
  ...size,
  weight: Uint8Array.from({ length: size.width * size.height }, (_, index) =>
    isInside(index % size.width, Math.floor(index / size.width)) ? 255 : 0,
  ),
})

/** The same by looking at every pixel of every tried place. */
const bySearch = (area: Area, { width, height }: Size) => {
  const isFree = (left: number, top: number): boolean => {
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++)
        if (area.weight[y * area.width + x] !== 255) return false
    return true
  }
  for (let top = area.height - height; top >= 0; top -= 4) {
    const free: number[] = []
    for (let left = 0; left + width <= area.width; left += 4) if (isFree(left, top)) free.push(left)
    const left = free[free.length >> 1]
    if (left !== undefined) return { left, top }
  }
  return undefined
}

describe("placeWithin", () => {
  it.each<readonly [string, Area, ReturnType<typeof placeWithin>]>([
    ["the bottom of a whole area, centred", areaOf(() => true), { left: 8, top: 16 }],
    ["the lowest free rows", areaOf((_, y) => y < 10), { left: 8, top: 4 }],
    ["the free columns", areaOf((x) => x >= 16), { left: 16, top: 16 }],
    [
      "the part beside one missing pixel",
      areaOf((x, y) => x !== 8 || y !== 19),
      { left: 12, top: 16 },
    ],
    [
      "the part beside a missing pixel in the first row",
      areaOf((x, y) => y < 4 && (x !== 0 || y !== 0)),
      { left: 12, top: 0 },
    ],
    ["the part beside the first column", areaOf((x) => x >= 1), { left: 12, top: 16 }],
    ["nothing in an area that is too narrow", areaOf((x) => x < 7), undefined],
    ["nothing in an empty area", areaOf(() => false), undefined],
  ])("finds %s", (_, area, place) => {
    expect(placeWithin(area, { width: 8, height: 4 })).toEqual(place)
  })

  it("takes no pixel that is changed in part only", () => {
    const area = areaOf(() => true)
    area.weight.fill(254, 16 * size.width)
    expect(placeWithin(area, { width: 8, height: 4 })).toEqual({ left: 8, top: 12 })
  })

  it("finds no place for a rectangle larger than the area", () => {
    expect(
      placeWithin(
        areaOf(() => true),
        { width: 25, height: 1 },
      ),
    ).toBeUndefined()
    expect(
      placeWithin(
        areaOf(() => true),
        { width: 1, height: 21 },
      ),
    ).toBeUndefined()
  })

  it("finds what a search of every pixel finds, whatever the shape", () => {
    for (let seed = 1; seed <= 200; seed++) {
      // Missing pixels in a fixed pattern of each seed.
      const area = areaOf((x, y) => (x * 31 + y * 17 + x * y * seed) % (40 + seed) !== seed % 7)
      for (const wanted of [
        { width: 3, height: 3 },
        { width: 9, height: 2 },
      ])
        expect([seed, placeWithin(area, wanted)]).toEqual([seed, bySearch(area, wanted)])
    }
  })
})
