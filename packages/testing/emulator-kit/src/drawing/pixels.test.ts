import { describe, expect, it } from "vitest"
import { type Color, createPixels, fillEllipse, fillRectangle, type Pixels } from "./pixels.ts"

const white: Color = [255, 255, 255]

/** The red of each pixel, in rows. */
const redsOf = ({ width, height, data }: Pixels): readonly (readonly number[])[] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => data[(y * width + x) * 3] ?? 0),
  )

const ellipse = (radiusX: number, radiusY: number, x = 10, y = 10) => {
  const pixels = createPixels(21, 21)
  fillEllipse(pixels, { x, y, radiusX, radiusY }, white, 1)
  return redsOf(pixels)
}

describe("fillEllipse", () => {
  it.each([
    [6, 6],
    [8, 3],
    [2.5, 7],
  ])(
    "of the radii %d and %d covers the ellipse and nothing beyond its edge",
    (radiusX, radiusY) => {
      const wrong = ellipse(radiusX, radiusY).flatMap((row, y) =>
        row.flatMap((red, x) => {
          const half = radiusX * Math.sqrt(Math.max(0, 1 - ((y - 10) / radiusY) ** 2))
          const beyond = Math.abs(x - 10) - half
          const isOutside = Math.abs(y - 10) > radiusY || beyond >= 0.5
          const isInside = Math.abs(y - 10) < radiusY && beyond <= -0.5
          return (isOutside && red !== 0) || (isInside && red !== 255) ? [[x, y, red]] : []
        }),
      )
      expect(wrong).toEqual([])
    },
  )

  it("is symmetric, and its edge is smooth", () => {
    const rows = ellipse(6.25, 6.25)
    expect(rows.toReversed()).toEqual(rows)
    expect(rows.map((row) => row.toReversed())).toEqual(rows)
    // A quarter of a pixel beyond the last whole one, and half a pixel of smoothing.
    expect(rows[10]?.slice(2, 6)).toEqual([0, 0, 191, 255])
  })

  it("is cut off at the picture's edges", () => {
    const rows = ellipse(5, 5, 0, 20)
    expect(rows[20]?.slice(0, 8)).toEqual([255, 255, 255, 255, 255, 128, 0, 0])
    expect(rows[20]?.at(-1)).toBe(0)
    expect(rows[19]?.[0]).toBe(255)
    expect(rows[0]?.[0]).toBe(0)
  })

  it("blends with its opacity", () => {
    const pixels = createPixels(3, 3)
    fillEllipse(pixels, { x: 1, y: 1, radiusX: 2, radiusY: 2 }, [200, 100, 0], 0.5)
    expect([...pixels.data.subarray(12, 15)]).toEqual([100, 50, 0])
  })
})

describe("fillRectangle", () => {
  it("fills the rounded pixels inside the picture", () => {
    const pixels = createPixels(4, 3)
    fillRectangle(pixels, { left: 1.6, top: -2, width: 9, height: 4 }, white, 1)
    expect(redsOf(pixels)).toEqual([
      [0, 0, 255, 255],
      [0, 0, 255, 255],
      [0, 0, 0, 0],
    ])
  })
})
