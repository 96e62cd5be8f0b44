import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { sharpImages } from "./sharp-images.ts"

const { hasHole, isBlackAndWhite } = sharpImages()

const white = [255, 255, 255] as const

/** A PNG of 100 pixels: the first ones as given, the rest white. */
const pngOf = async (first: readonly (readonly number[])[], channels: 3 | 4 = 3) => {
  const rest = Array.from({ length: 100 - first.length }, () => [...white, 255].slice(0, channels))
  const data = Uint8Array.from([...first, ...rest].flat())
  return sharp(data, { raw: { width: 10, height: 10, channels } })
    .png()
    .toBuffer()
}

const times = (count: number, pixel: readonly number[]) =>
  Array.from({ length: count }, () => pixel)

describe("isBlackAndWhite", () => {
  it.each([
    ["black and white", times(50, [0, 0, 0]), true],
    [
      "within 25 of black and white",
      [...times(50, [25, 0, 25]), ...times(40, [230, 255, 230])],
      true,
    ],
    ["1 % grey", times(1, [128, 128, 128]), true],
    ["2 % grey", times(2, [128, 128, 128]), false],
    ["2 % at 26", times(2, [26, 26, 26]), false],
    ["2 % at 229", times(2, [229, 229, 229]), false],
    ["2 % of a dark colour", times(2, [0, 0, 255]), false],
  ])("of an image that is %s", async (_, pixels, expected) => {
    expect(await isBlackAndWhite(await pngOf(pixels))).toBe(expected)
  })

  it("is false for any pixel that is not opaque", async () => {
    expect(await isBlackAndWhite(await pngOf(times(1, [0, 0, 0, 254]), 4))).toBe(false)
    expect(await isBlackAndWhite(await pngOf(times(1, [0, 0, 0, 255]), 4))).toBe(true)
  })

  it("samples a large image, and reads grey and JPEG", async () => {
    const large = sharp({
      create: { width: 3000, height: 2000, channels: 3, background: "#ffffff" },
    })
    expect(await isBlackAndWhite(await large.clone().toColourspace("b-w").png().toBuffer())).toBe(
      true,
    )
    expect(await isBlackAndWhite(await large.jpeg().toBuffer())).toBe(true)
  })
})

describe("hasHole", () => {
  it.each([
    [0, true],
    [1, false],
    [255, false],
  ])("of an image with a pixel of alpha %i is %s", async (alpha, expected) => {
    expect(await hasHole(await pngOf([[0, 0, 0, alpha]], 4))).toBe(expected)
  })

  it("is false without an alpha channel", async () => {
    expect(await hasHole(await pngOf([]))).toBe(false)
  })
})
