import { describe, expect, it } from "vitest"
import { type Area, boxArea } from "../drawing/area.ts"
import type { Pixels } from "../drawing/pixels.ts"
import { surroundings } from "./surroundings.ts"

const [width, height] = [60, 40]

/** A picture whose red grows to the right and whose green grows downwards. */
const gradient: Pixels = {
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3)
    return [(pixel % width) * 4, Math.floor(pixel / width) * 6, 90][index % 3] ?? 0
  }),
}

const colorAt = ({ data }: Pixels, x: number, y: number): readonly number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]

const insideOf = ({ weight }: Area): readonly (readonly [x: number, y: number])[] =>
  [...weight].flatMap((value, index) =>
    value > 0 ? [[index % width, Math.floor(index / width)] as const] : [],
  )

const box = (left: number, top: number, boxWidth: number, boxHeight: number) =>
  boxArea({ width, height }, { left, top, width: boxWidth, height: boxHeight })

describe("surroundings", () => {
  it.each([
    ["in the middle", box(0.4, 0.4, 0.2, 0.2)],
    ["at the left edge", box(0, 0.3, 0.15, 0.3)],
    ["at the right edge", box(0.85, 0.3, 0.15, 0.3)],
    ["in the lower right corner", box(0.85, 0.8, 0.15, 0.2)],
    ["in the upper left corner", box(0, 0, 0.15, 0.2)],
  ])("continue a gradient into an area %s", (_, area) => {
    const filled = surroundings(gradient, area)
    for (const [x, y] of insideOf(area)) {
      const [red = 0, green = 0, blue = 0] = colorAt(filled, x, y)
      const [wantedRed = 0, wantedGreen = 0] = colorAt(gradient, x, y)
      expect(Math.abs(red - wantedRed), `red at ${x}, ${y}`).toBeLessThanOrEqual(48)
      expect(Math.abs(green - wantedGreen), `green at ${x}, ${y}`).toBeLessThanOrEqual(56)
      expect(blue).toBe(90)
    }
  })

  it("change smoothly from pixel to pixel", () => {
    const area = box(0.3, 0.3, 0.4, 0.4)
    const filled = surroundings(gradient, area)
    for (const [x, y] of insideOf(area)) {
      if ((area.weight[y * width + x + 1] ?? 0) === 0) continue
      const [here = 0] = colorAt(filled, x, y)
      const [right = 0] = colorAt(filled, x + 1, y)
      expect(Math.abs(right - here), `${x}, ${y}`).toBeLessThanOrEqual(16)
    }
  })

  it("of an area without surroundings are grey", () => {
    const filled = surroundings(gradient, box(0, 0, 1, 1))
    expect(new Set(filled.data)).toEqual(new Set([128]))
  })
})
