import fc from "fast-check"
import sharp from "sharp"
import { expect, it } from "vitest"
import { anyPng, greysOf, headOf, pixelsOf, png, raw } from "./__fixtures__/images.ts"
import { sharpImages } from "./sharp-images.ts"

const {
  alphaToMask,
  applyTransform,
  inspect,
  maskToAlpha,
  maskTones,
  invertMask,
  resizeMask,
  thresholdMask,
} = sharpImages()
const property = { seed: 20_261_120, numRuns: 40 }

it("makes a grey of 128 and above white", async () => {
  const ramp = await png(
    256,
    Array.from({ length: 256 }, (_, grey) => [grey, grey, grey]),
  )
  const expected = Array.from({ length: 256 }, (_, grey) => (grey < 128 ? 0 : 255))
  expect(await greysOf(await thresholdMask(ramp))).toEqual(expected)
  expect(await greysOf(await invertMask(ramp))).toEqual(expected.map((value) => 255 - value))
})

it.each([
  [
    "grey with alpha",
    [
      [255, 0],
      [255, 127],
      [255, 128],
      [0, 255],
    ],
    [0, 0, 255, 0],
  ],
  [
    "colour",
    [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 0],
    ],
    [0, 255, 0, 255],
  ],
  [
    "colour with alpha",
    [
      [255, 255, 255, 0],
      [255, 255, 255, 255],
      [0, 0, 0, 0],
      [0, 0, 0, 255],
    ],
    [0, 255, 0, 0],
  ],
])("reads %s by its brightness, transparent as black", async (_, pixels, expected) => {
  const mask = await png(2, pixels)
  expect(await greysOf(await thresholdMask(mask))).toEqual(expected)
  expect(await greysOf(await invertMask(mask))).toEqual(expected.map((value) => 255 - value))
})

it("makes the white of a mask transparent and the rest opaque", async () => {
  const mask = await png(2, [[0], [127], [128], [255]])
  const clear = await maskToAlpha(mask)
  expect((await pixelsOf(clear)).map((pixel) => pixel.at(-1))).toEqual([255, 255, 0, 0])
  expect(await greysOf(await alphaToMask(clear))).toEqual([0, 0, 255, 255])
  expect(await inspect(clear)).toMatchObject({ mediaType: "image/png", transparent: true })
})

it("turns a mask into transparency and back", () =>
  fc.assert(
    fc.asyncProperty(anyPng, async (drawn) => {
      const mask = await drawn
      const back = await greysOf(await alphaToMask(await maskToAlpha(mask)))
      expect(back).toEqual(await greysOf(await thresholdMask(mask)))
    }),
    property,
  ))

it("reads masks of 16 bits, JPEG and a palette", async () => {
  const pixels = [[0], [255], [255], [0]]
  const masks = [
    await raw(2, pixels).toColourspace("grey16").png().toBuffer(),
    await raw(2, pixels).png({ palette: true, colours: 2 }).toBuffer(),
    await raw(2, pixels).resize(32, 32, { kernel: "nearest" }).jpeg({ quality: 40 }).toBuffer(),
  ]
  const [deep, palette, jpeg] = await Promise.all(
    masks.map(async (mask) => greysOf(await thresholdMask(mask))),
  )
  expect(deep).toEqual([0, 255, 255, 0])
  expect(palette).toEqual([0, 255, 255, 0])
  expect(jpeg).toEqual(
    Array.from({ length: 1024 }, (_, index) => (index % 32 < 16 === index < 512 ? 0 : 255)),
  )
})

it("makes pixels of alpha below 128 white", async () => {
  const image = await png(2, [
    [1, 2, 3, 0],
    [1, 2, 3, 127],
    [255, 255, 255, 128],
    [0, 0, 0, 255],
  ])
  expect(await greysOf(await alphaToMask(image))).toEqual([255, 255, 0, 0])
})

it("makes no pixel of an opaque image white", async () => {
  expect(
    await greysOf(
      await alphaToMask(
        await png(2, [
          [255, 255, 255],
          [0, 0, 0],
        ]),
      ),
    ),
  ).toEqual([0, 0])
})

it.each([
  [4, 4, [0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0]],
  [1, 2, undefined],
  [3, 5, undefined],
])("resizes to %dx%d without intermediate greys", async (width, height, expected) => {
  const resized = await resizeMask(await png(2, [[0], [255], [255], [0]]), width, height)
  expect(await headOf(resized)).toMatchObject({ width, height })
  const greys = await greysOf(resized)
  expect(greys.every((grey) => grey === 0 || grey === 255)).toBe(true)
  if (expected) expect(greys).toEqual(expected)
})

it("writes masks as PNG with 8 bits and three channels", async () => {
  const image = await png(2, [
    [9, 9, 9, 0],
    [200, 200, 200, 255],
  ])
  const masks = await Promise.all([
    alphaToMask(image),
    invertMask(image),
    thresholdMask(image),
    resizeMask(image, 2, 1),
  ])
  for (const mask of masks)
    expect(await headOf(mask)).toEqual({
      format: "png",
      width: 2,
      height: 1,
      channels: 3,
      depth: "uchar",
      hasAlpha: false,
    })
})

it("returns equal bytes for equal masks in any format", async () => {
  const mask = raw(2, [[0], [255], [255], [0]])
  const [small, large] = await Promise.all([
    mask.clone().png().toBuffer(),
    mask.clone().png({ compressionLevel: 0 }).toBuffer(),
  ])
  expect(small).not.toEqual(large)
  expect(await thresholdMask(small)).toEqual(await thresholdMask(large))
})

it("thresholds idempotently, and inverts back", () =>
  fc.assert(
    fc.asyncProperty(anyPng, async (source) => {
      const mask = await thresholdMask(await source)
      const inverted = await invertMask(mask)
      expect(await thresholdMask(mask)).toEqual(mask)
      expect(await invertMask(inverted)).toEqual(mask)
      expect(await invertMask(await source)).toEqual(inverted)
      expect(await inspect(mask)).toEqual({ ...(await inspect(await source)), transparent: false })
    }),
    property,
  ))

it("resizes to black and white, and back if it only repeats pixels", () =>
  fc.assert(
    fc.asyncProperty(
      anyPng,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 23 }),
      async (source, factor, side) => {
        const mask = await thresholdMask(await source)
        const { width, height } = await inspect(mask)
        const repeated = await resizeMask(mask, width * factor, height * factor)
        expect(await resizeMask(repeated, width, height)).toEqual(mask)
        expect(
          new Set([0, 255, ...(await greysOf(await resizeMask(await source, side, side)))]),
        ).toEqual(new Set([0, 255]))
      },
    ),
    property,
  ))

it("ignores EXIF in a mask", async () => {
  const turned = await sharp(await png(2, [[255], [0]]))
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer()
  expect(await headOf(await thresholdMask(turned))).toMatchObject({ width: 2, height: 1 })
  expect(await headOf(await alphaToMask(turned))).toMatchObject({ width: 2, height: 1 })
})

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "turns a mask as EXIF's orientation %i does",
  async (orientation) => {
    const stored = raw(3, [[255], [255], [0], [0], [0], [0]])
    const turned = await stored.clone().withMetadata({ orientation }).png().toBuffer()
    const expected = await sharp(turned).autoOrient().png().toBuffer()
    const { width, height } = await sharp(expected).metadata()
    const transform = { orientation, width, height }
    const mask = await applyTransform(await stored.png().toBuffer(), transform)
    expect(await headOf(mask)).toMatchObject({ width, height, channels: 3 })
    expect(await greysOf(mask)).toEqual(await greysOf(expected))
  },
)

it("scales a mask as it is turned", async () => {
  const mask = await png(2, [[255], [0]])
  const turned = await applyTransform(mask, { orientation: 6, width: 2, height: 4 })
  expect(await greysOf(turned)).toEqual([255, 255, 255, 255, 0, 0, 0, 0])
})

it("names the tones of a mask: brightness of 128 is white, transparency is black", async () => {
  const tonesOf = async (...pixels: readonly number[][]) => maskTones(await png(1, pixels))
  expect(await tonesOf([127, 127, 127])).toEqual({ black: true, white: false })
  expect(await tonesOf([128, 128, 128])).toEqual({ black: false, white: true })
  expect(await tonesOf([255, 255, 255, 0])).toEqual({ black: true, white: false })
  expect(await tonesOf([0, 0, 0], [255, 255, 255])).toEqual({ black: true, white: true })
})
