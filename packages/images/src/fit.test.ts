import fc from "fast-check"
import { expect, it } from "vitest"
import { headOf, noisy, pixelsOf, png } from "./__fixtures__/images.ts"
import { type FitLimits, fitImage } from "./fit.ts"
import { sharpImages } from "./sharp-images.ts"

const { inspect } = sharpImages()
const sized = (width: number, height: number) => noisy(width, height).png().toBuffer()

it("returns the same bytes for an image that fits", async () => {
  const image = await noisy(40, 30, 4).png().toBuffer()
  const limits: FitLimits = {
    side: [30, 40],
    pixels: [1200, 1200],
    ratio: 1.34,
    types: ["image/png"],
    bytes: image.length,
  }
  expect(await fitImage(image, limits)).toBe(image)
  expect(await fitImage(image, {})).toBe(image)
  const opaque = await noisy(4, 4).ensureAlpha().png().toBuffer()
  expect(await fitImage(opaque, { opaque: true })).toBe(opaque)
})

it.each<[number, number, FitLimits, number, number]>([
  [400, 200, { side: [1, 100] }, 100, 50],
  [40, 20, { side: [64, 512] }, 128, 64],
  [400, 200, { pixels: [1, 20_000] }, 200, 100],
  [10, 10, { pixels: [4096, 9000] }, 64, 64],
  [400, 100, { ratio: 2.5 }, 400, 160],
  [100, 400, { ratio: 2.5 }, 160, 400],
  [400, 100, { ratio: 2.5, fit: "cover" }, 250, 100],
  [400, 10, { side: [20, 100] }, 100, 20],
  [300, 200, { side: [64, 64] }, 64, 64],
  [400, 10, { side: [20, 1000], pixels: [1, 800] }, 40, 20],
  [100, 2, { side: [1, 60], pixels: [1800, 9000] }, 60, 30],
])("brings %dx%d within %j", async (width, height, limits, expectedWidth, expectedHeight) => {
  expect(await headOf(await fitImage(await sized(width, height), limits))).toMatchObject({
    format: "png",
    width: expectedWidth,
    height: expectedHeight,
  })
})

const red = [255, 0, 0]
it("pads with the background on both sides, or crops", async () => {
  const image = await png(4, [red, red, red, red])
  const [white, blue] = [
    [255, 255, 255],
    [0, 0, 255],
  ]
  const middle = [red, red, red, red]
  const strip = await pixelsOf(await fitImage(image, { side: [1, 4], ratio: 4 / 3 }))
  expect(strip).toHaveLength(12)
  expect(strip.slice(0, 8)).toEqual([...Array.from({ length: 4 }, () => white), ...middle])
  expect(
    (await pixelsOf(await fitImage(image, { ratio: 4 / 3, background: "#0000ff" }))).slice(8),
  ).toEqual(Array.from({ length: 4 }, () => blue))
  expect(await pixelsOf(await fitImage(image, { ratio: 2, fit: "cover" }))).toEqual([red, red])
})

it("adds no padding for a rounding difference", async () => {
  const image = await png(
    7,
    Array.from({ length: 35 }, () => red),
  )
  const fitted = await pixelsOf(await fitImage(image, { side: [1, 6] }))
  expect(new Set(fitted.map(String))).toEqual(new Set(["255,0,0"]))
})

it("stretches by 1 % instead of padding", async () => {
  const image = await png(
    1260,
    Array.from({ length: 1260 * 500 }, () => red),
  )
  const fitted = await fitImage(image, { ratio: 2.5 })
  expect(await headOf(fitted)).toMatchObject({ width: 1260, height: 504 })
  expect(new Set((await pixelsOf(fitted)).map(String))).toEqual(new Set(["255,0,0"]))
})

it("flattens transparency only if it is not allowed", async () => {
  const image = await png(2, [
    [255, 0, 0, 0],
    [0, 0, 255, 255],
  ])
  expect(await pixelsOf(await fitImage(image, { opaque: true }))).toEqual([
    [255, 255, 255],
    [0, 0, 255],
  ])
  expect(await pixelsOf(await fitImage(image, { opaque: true, background: "#00FF00" }))).toEqual([
    [0, 255, 0],
    [0, 0, 255],
  ])
  expect(await inspect(await fitImage(image, { side: [8, 8] }))).toMatchObject({
    mediaType: "image/png",
    transparent: true,
  })
  expect(
    await inspect(await fitImage(image, { types: ["image/jpeg", "image/webp"] })),
  ).toMatchObject({ mediaType: "image/webp", transparent: true })
  const flat = await fitImage(image, { types: ["image/jpeg"] })
  expect(await inspect(flat)).toEqual({
    mediaType: "image/jpeg",
    width: 2,
    height: 1,
    transparent: false,
  })
})

it("pads a transparent image with transparency", async () => {
  const pixels = await pixelsOf(
    await fitImage(
      await png(
        4,
        Array.from({ length: 4 }, () => [255, 0, 0, 128]),
      ),
      { ratio: 2 },
    ),
  )
  expect(pixels.map(([, , , alpha]) => alpha)).toEqual([128, 128, 128, 128, 0, 0, 0, 0])
})

it.each([
  ["webp", ["image/jpeg", "image/png"], "png"],
  ["gif", undefined, "png"],
  ["gif", ["image/jpeg"], "jpeg"],
  ["jpeg", ["image/png", "image/jpeg"], "jpeg"],
  ["png", ["image/webp"], "webp"],
] as const)("writes %s with the types %j as %s", async (from, types, to) => {
  const image = await noisy(9, 9).toFormat(from).toBuffer()
  const limits = { side: [12, 12] as const, ...(types && { types }) }
  expect(await headOf(await fitImage(image, limits))).toMatchObject({
    format: to,
    width: 12,
    height: 12,
  })
})

it("lowers the quality before the size", async () => {
  const image = await sized(200, 200)
  const lossy = await fitImage(image, { bytes: 60_000, types: ["image/png", "image/jpeg"] })
  expect(await headOf(lossy)).toMatchObject({ format: "jpeg", width: 200, height: 200 })
  expect(lossy.length).toBeLessThanOrEqual(60_000)
  const lossless = await fitImage(image, { bytes: 60_000, types: ["image/png"] })
  const { format, width } = await headOf(lossless)
  expect([format, lossless.length <= 60_000, width < 200 && width > 100]).toEqual([
    "png",
    true,
    true,
  ])
})

it("rotates a photo as EXIF says, even if it fits otherwise", async () => {
  const photo = await noisy(6, 4).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const upright = await fitImage(photo, {})
  expect(await headOf(upright)).toMatchObject({ format: "jpeg", width: 4, height: 6 })
  expect(await fitImage(upright, {})).toBe(upright)
  const turned = await png(2, [[10], [20], [30], [40]], 6)
  expect(await pixelsOf(await fitImage(turned, {}))).toEqual(
    [30, 10, 40, 20].map((grey) => [grey, grey, grey]),
  )
  expect(
    await headOf(await fitImage(await png(3, [[1], [2], [3]], 8), { side: [2, 90], ratio: 3 })),
  ).toMatchObject({ width: 2, height: 6 })
})

it("writes 8 bits, without metadata", async () => {
  const deep = await noisy(9, 6)
    .toColourspace("rgb16")
    .withMetadata({ orientation: 3 })
    .png()
    .toBuffer()
  const fitted = await fitImage(deep, {})
  expect(await headOf(fitted)).toMatchObject({ depth: "uchar", channels: 3 })
  expect(await fitImage(fitted, { types: ["image/png"] })).toBe(fitted)
})

it.each<[FitLimits, string]>([
  [{ side: [100, 10] }, "side is [100, 10]; it must be [min, max] with 0 < min ≤ max."],
  [{ pixels: [0, 10] }, "pixels is [0, 10]; it must be [min, max] with 0 < min ≤ max."],
  [{ ratio: 0.5 }, "ratio is 0.5; it is the longer side divided by the shorter, at least 1."],
  [{ bytes: Number.NaN }, "bytes is NaN; it must be a number above 0."],
  [{ background: "secret" }, "background is not a colour; it must be #RRGGBB."],
  [
    { types: ["image/avif"] },
    "types must include image/png, image/jpeg or image/webp; the image is image/png.",
  ],
  [
    { side: [100, 200], pixels: [1, 9999] },
    "No size meets the limits: side, pixels and ratio contradict each other.",
  ],
  [
    { side: [20_000, 30_000] },
    "No size meets the limits: side, pixels and ratio contradict each other.",
  ],
  [{ bytes: 10 }, "The image does not fit into 10 bytes within the other limits."],
  [
    { bytes: 2000, side: [64, 64], types: ["image/png"] },
    "The image does not fit into 2,000 bytes within the other limits.",
  ],
])("rejects %j", async (limits, message) => {
  await expect(fitImage(await sized(64, 64), limits)).rejects.toMatchObject({
    code: "invalid_request",
    message,
  })
})

it("suggests opaque: true if transparency prevents a smaller file", async () => {
  await expect(
    fitImage(await noisy(64, 64, 4).png().toBuffer(), {
      bytes: 4000,
      side: [64, 64],
      types: ["image/png", "image/jpeg"],
    }),
  ).rejects.toMatchObject({
    message: "The image does not fit into 4,000 bytes within the other limits; try opaque: true.",
  })
})

it("rejects a truncated image that needs a change", async () => {
  const image = await sized(64, 64)
  await expect(fitImage(image.subarray(0, 5000), { side: [1, 32] })).rejects.toMatchObject({
    code: "invalid_request",
    message: "The image cannot be read: it is damaged or incomplete.",
  })
})

const anyLimits = fc.record(
  {
    side: fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 64, max: 160 })),
    pixels: fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 2500, max: 9000 })),
    ratio: fc.double({ min: 1, max: 4, noNaN: true }),
    types: fc.subarray(["image/png", "image/jpeg", "image/webp"], { minLength: 1 }),
    bytes: fc.integer({ min: 17_000, max: 60_000 }),
    opaque: fc.constant(true as const),
    fit: fc.constantFrom("contain", "cover"),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<FitLimits>

it("always meets the limits, and is idempotent", () => {
  const side = fc.integer({ min: 1, max: 200 })
  const source = fc.record({
    width: side,
    height: side,
    channels: fc.constantFrom(3 as const, 4 as const),
    format: fc.constantFrom("png", "jpeg", "webp"),
  })
  return fc.assert(
    fc.asyncProperty(source, anyLimits, async ({ width, height, channels, format }, limits) => {
      const image = await noisy(width, height, channels).toFormat(format).toBuffer()
      const fitted = await fitImage(image, limits)
      const found = await inspect(fitted)
      const [short, long] = [
        Math.min(found.width, found.height),
        Math.max(found.width, found.height),
      ]
      const {
        side: [least, most] = [1, Infinity],
        pixels: [fewest, area] = [1, Infinity],
        ratio = Infinity,
        types = [found.mediaType],
        bytes = Infinity,
      } = limits
      expect(short).toBeGreaterThanOrEqual(least)
      expect(long).toBeLessThanOrEqual(most)
      expect(short * long).toBeGreaterThanOrEqual(fewest)
      expect(short * long).toBeLessThanOrEqual(area)
      expect(long).toBeLessThanOrEqual(short * ratio)
      expect(types).toContain(found.mediaType)
      expect(fitted.length).toBeLessThanOrEqual(bytes)
      expect(found.transparent && limits.opaque).not.toBe(true)
      expect(await fitImage(fitted, limits)).toBe(fitted)
    }),
    { seed: 20_261_120, numRuns: 150 },
  )
})

it("returns equal bytes for equal images and limits", async () => {
  const image = await sized(60, 40)
  const limits: FitLimits = { side: [1, 32], types: ["image/webp"], bytes: 900 }
  expect(await fitImage(image, limits)).toEqual(await fitImage(image, limits))
})
