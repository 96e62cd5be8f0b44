import sharp from "sharp"
import { describe, expect, it, vi } from "vitest"
import { headOf, noisy, png, raw, truncatedPng } from "./__fixtures__/images.ts"
import { sharpImages } from "./sharp-images.ts"

const images = sharpImages()
const { inspect, thumbnail } = images

it.each(["png", "jpeg", "webp", "gif"] as const)("inspects %s", async (format) => {
  const image = await noisy(7, 5).toFormat(format).toBuffer()
  expect(await inspect(image)).toEqual({
    mediaType: `image/${format}`,
    width: 7,
    height: 5,
    transparent: false,
  })
})

it.each([
  [
    "an opaque alpha channel",
    [
      [1, 2, 3, 255],
      [4, 5, 6, 255],
    ],
    false,
  ],
  [
    "one pixel of alpha 254",
    [
      [1, 2, 3, 255],
      [4, 5, 6, 254],
    ],
    true,
  ],
  [
    "grey with one clear pixel",
    [
      [1, 255],
      [4, 0],
    ],
    true,
  ],
])("detects transparent pixels: %s", async (_, pixels, transparent) => {
  expect(await inspect(await png(2, pixels))).toMatchObject({ transparent })
  expect(await inspect(await raw(2, pixels).webp({ lossless: true }).toBuffer())).toMatchObject({
    transparent,
  })
})

it("detects transparency in a palette and in 16 bits", async () => {
  const clear = [
    [1, 2, 3, 0],
    [4, 5, 6, 255],
  ]
  expect(await inspect(await raw(2, clear).png({ palette: true }).toBuffer())).toMatchObject({
    transparent: true,
  })
  expect(await inspect(await raw(2, clear).toColourspace("rgb16").png().toBuffer())).toMatchObject({
    transparent: true,
  })
  expect(await inspect(await raw(2, clear).gif().toBuffer())).toMatchObject({ transparent: true })
})

it("returns the size of the stored pixels, ignoring EXIF", async () => {
  const photo = await noisy(6, 4).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  expect(await inspect(photo)).toMatchObject({ width: 6, height: 4 })
})

it.each([
  [300, 100, 64, 64, 21],
  [100, 300, 64, 21, 64],
  [20, 10, 64, 20, 10],
  [900, 1, 64, 64, 1],
])(
  "makes of %dx%d a thumbnail of at most %d",
  async (width, height, side, thumbWidth, thumbHeight) => {
    const small = await thumbnail(await noisy(width, height).png().toBuffer(), side)
    expect(await headOf(small)).toMatchObject({
      format: "webp",
      width: thumbWidth,
      height: thumbHeight,
    })
  },
)

it("rotates a thumbnail as EXIF says and keeps transparency", async () => {
  const photo = await noisy(60, 40).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  expect(await headOf(await thumbnail(photo, 30))).toMatchObject({ width: 20, height: 30 })
  expect(await inspect(await thumbnail(await noisy(60, 40, 4).png().toBuffer(), 30))).toMatchObject(
    { transparent: true },
  )
  expect(await thumbnail(photo, 30)).toEqual(await thumbnail(photo, 30))
})

const whole = await noisy(64, 64).png().toBuffer()
const jpeg = await noisy(64, 64).jpeg().toBuffer()
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>`

it.each([
  ["nothing", new Uint8Array(), "The image is empty."],
  ["SVG", Buffer.from(svg), "The image is not a PNG, JPEG, WebP or GIF."],
  [
    "SVG behind white space",
    Buffer.from(`\n ${svg}`),
    "The image is not a PNG, JPEG, WebP or GIF.",
  ],
  ["PDF", Buffer.from("%PDF-1.7\n"), "The image is not a PNG, JPEG, WebP or GIF."],
  ["TIFF", await noisy(4, 4).tiff().toBuffer(), "The image is not a PNG, JPEG, WebP or GIF."],
  ["words", Buffer.from("secret words"), "The image is not a PNG, JPEG, WebP or GIF."],
  [
    "a head that lies",
    Buffer.from("\x89PNG\r\n\x1a\nsecret", "latin1"),
    "The image cannot be read: it is damaged or incomplete.",
  ],
  [
    "half a PNG",
    whole.subarray(0, whole.length / 2),
    "The image cannot be read: it is damaged or incomplete.",
  ],
  [
    "half a JPEG",
    jpeg.subarray(0, jpeg.length / 2),
    "The image cannot be read: it is damaged or incomplete.",
  ],
  [
    "a bomb",
    truncatedPng(50_000, 50_000),
    "The image has 50000x50000 pixels; the maximum is 50,000,000.",
  ],
])("rejects %s without sharp's message", async (_, bytes, message) => {
  await expect(thumbnail(bytes, 8)).rejects.toMatchObject({ code: "invalid_request", message })
  await expect(images.pad(bytes, { left: 1 })).rejects.toMatchObject({
    code: "invalid_request",
    message,
  })
  const asMask = message.replace("The image", "The mask")
  await expect(images.invertMask(bytes)).rejects.toMatchObject({
    code: "invalid_request",
    message: asMask,
  })
})

it("rejects anything but a byte array, and an invalid size", async () => {
  await expect(inspect("data:image/png;base64," as never)).rejects.toMatchObject({
    message: "The image is not a Uint8Array.",
  })
  await expect(thumbnail(whole, 0)).rejects.toMatchObject({
    message: "The thumbnail's side is 0; it must be a whole number of at least 1.",
  })
  await expect(images.resizeMask(whole, 8, 0)).rejects.toMatchObject({
    message: "The resized mask's height is 0; it must be a whole number of at least 1.",
  })
  await expect(images.resizeMask(whole, 20_000, 20_000)).rejects.toMatchObject({
    message: "The resized mask has 20000x20000 pixels; the maximum is 50,000,000.",
  })
})

it("reads a view into a larger buffer", async () => {
  const buffer = new Uint8Array(whole.length + 20)
  buffer.set(whole, 10)
  expect(await inspect(buffer.subarray(10, 10 + whole.length))).toMatchObject({ width: 64 })
})

it("returns plain bytes", async () => {
  const results = [
    await thumbnail(whole, 9),
    await images.invertMask(whole),
    (await images.pad(whole, { up: 1 })).image,
  ]
  expect(results.map((bytes) => bytes.constructor)).toEqual([Uint8Array, Uint8Array, Uint8Array])
})

it("says how to install sharp if it is missing", async () => {
  vi.resetModules()
  vi.doMock("sharp", () => {
    throw new Error("Could not load the sharp module")
  })
  const { sharpImages: bare } = await import("./sharp-images.ts")
  await expect(bare().inspect(whole)).rejects.toMatchObject({
    code: "unsupported",
    message: "sharp cannot be loaded on this platform; run npm install sharp.",
  })
  vi.doUnmock("sharp")
  expect(await sharp(whole).metadata()).toMatchObject({ width: 64 })
})

describe("maxInputPixels", () => {
  const limited = sharpImages({ maxInputPixels: 12 })

  it("bounds what is decoded and what is made", async () => {
    const [exact, larger] = await Promise.all([
      noisy(4, 3).png().toBuffer(),
      noisy(13, 1).png().toBuffer(),
    ])
    expect(await limited.inspect(exact)).toMatchObject({ width: 4, height: 3 })
    await expect(limited.inspect(larger)).rejects.toMatchObject({
      code: "invalid_request",
      message: "The image has 13x1 pixels; the maximum is 12.",
    })
    await expect(limited.resizeMask(exact, 13, 1)).rejects.toThrow("the maximum is 12.")
    await expect(limited.pad(exact, { left: 1 })).rejects.toThrow("the maximum is 12.")
  })

  it("admits more than the default of 50 million", async () => {
    const image = await sharp({
      create: { width: 10_000, height: 5001, channels: 3, background: "#ffffff" },
    })
      .png({ compressionLevel: 1 })
      .toBuffer()
    await expect(images.hasHole(image)).rejects.toThrow("the maximum is 50,000,000.")
    const large = sharpImages({ maxInputPixels: 60_000_000 })
    expect(large.maxInputPixels).toBe(60_000_000)
    expect(await large.isBlackAndWhite(image)).toBe(true)
  })

  it.each([0, 1.5, Number.NaN])("rejects %d", (maxInputPixels) => {
    expect(() => sharpImages({ maxInputPixels })).toThrow("maxInputPixels is")
  })

  it("rejects a misspelt option", () => {
    expect(() => sharpImages({ maxPixels: 12 } as object)).toThrow("maxInputPixels")
  })
})
