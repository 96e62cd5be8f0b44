import fc from "fast-check"
import { expect, it } from "vitest"
import { greysOf, headOf, noisy, png } from "./__fixtures__/images.ts"
import { type MaskShape, maskFrom } from "./mask-from.ts"

const rows = async (mask: Uint8Array, width: number) => {
  const dots = (await greysOf(mask)).map((grey) => ({ 0: ".", 255: "#" })[grey] ?? "?").join("")
  return dots.match(new RegExp(`.{${width}}`, "g"))
}

it.each<[string, MaskShape, readonly string[]]>([
  ["a box", { box: { left: 1, top: 1, width: 2, height: 1 } }, ["....", ".##.", "....", "...."]],
  [
    "a box over the edge",
    { box: { left: -5, top: 2, width: 7, height: 90 } },
    ["....", "....", "##..", "##.."],
  ],
  [
    "a box of half pixels",
    { box: { left: 0.5, top: 0.6, width: 1, height: 1 } },
    ["....", "#...", "....", "...."],
  ],
  [
    "a circle",
    { ellipse: { centerX: 2, centerY: 2, radiusX: 2, radiusY: 2 } },
    [".##.", "####", "####", ".##."],
  ],
  [
    "an ellipse",
    { ellipse: { centerX: 2, centerY: 2, radiusX: 1.5, radiusY: 1 } },
    ["....", ".##.", ".##.", "...."],
  ],
])("paints %s white", async (_, shape, expected) => {
  const size = { width: 4, height: 4 }
  expect(await rows(await maskFrom(size, shape), 4)).toEqual(expected)
  const inverted = expected.map((row) => row.replace(/./g, (dot) => (dot === "." ? "#" : ".")))
  expect(await rows(await maskFrom(size, shape, { invert: true }), 4)).toEqual(inverted)
})

it("paints exactly the pixels whose centre is in the ellipse", () => {
  const place = fc.double({ min: -5, max: 25, noNaN: true })
  const radius = fc.double({ min: 0.8, max: 20, noNaN: true })
  return fc.assert(
    fc.asyncProperty(
      fc.tuple(place, place, radius, radius),
      async ([centerX, centerY, radiusX, radiusY]) => {
        const inside = Array.from({ length: 400 }, (_, index) => {
          const [x, y] = [(index % 20) + 0.5, Math.floor(index / 20) + 0.5]
          return ((x - centerX) / radiusX) ** 2 + ((y - centerY) / radiusY) ** 2 <= 1 ? 255 : 0
        })
        fc.pre(inside.includes(255))
        const mask = await maskFrom(
          { width: 20, height: 20 },
          { ellipse: { centerX, centerY, radiusX, radiusY } },
        )
        expect(await greysOf(mask)).toEqual(inside)
      },
    ),
    { seed: 20_261_120, numRuns: 60 },
  )
})

it("has the size of the stored pixels", async () => {
  const photo = await noisy(6, 4).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const mask = await maskFrom(photo, { box: { left: 0, top: 0, width: 1, height: 1 } })
  expect(await headOf(mask)).toEqual({
    format: "png",
    width: 6,
    height: 4,
    channels: 3,
    depth: "uchar",
    hasAlpha: false,
  })
})

it("makes pixels of alpha below 128 white, or the others with invert", async () => {
  const image = await png(3, [
    [1, 1, 1, 127],
    [2, 2, 2, 128],
    [3, 3, 3, 255],
  ])
  expect(await rows(await maskFrom(image, "alpha"), 3)).toEqual(["#.."])
  expect(await rows(await maskFrom(image, "alpha", { invert: true }), 3)).toEqual([".##"])
})

const size = { width: 4, height: 4 }
it.each<[Parameters<typeof maskFrom>[0], MaskShape, string]>([
  [
    size,
    { box: { left: 4, top: 0, width: 9, height: 9 } },
    "The shape contains no pixel of the image, which has 4x4.",
  ],
  [
    size,
    { box: { left: 0, top: 0, width: 0, height: 9 } },
    "box.width is 0; it must be a number above 0.",
  ],
  [
    size,
    { box: { left: Number.NaN, top: 0, width: 1, height: 9 } },
    "box.left is NaN; it must be a number.",
  ],
  [
    size,
    { ellipse: { centerX: 1, centerY: 1, radiusX: 1, radiusY: -1 } },
    "ellipse.radiusY is -1; it must be a number above 0.",
  ],
  [
    size,
    { ellipse: { centerX: 50, centerY: 1, radiusX: 1, radiusY: 1 } },
    "The shape contains no pixel of the image, which has 4x4.",
  ],
  [
    { width: 4, height: 0 },
    { box: { left: 0, top: 0, width: 1, height: 1 } },
    "The mask's height is 0; it must be a whole number of at least 1.",
  ],
  [size, "alpha", 'The shape "alpha" needs an image, not a size.'],
  [
    await png(2, [
      [1, 1, 1],
      [2, 2, 2],
    ]),
    "alpha",
    "The image has no pixel of alpha below 128, so its mask would be empty.",
  ],
])("rejects %o with %o", async (source, shape, message) => {
  await expect(maskFrom(source, shape)).rejects.toMatchObject({ code: "invalid_request", message })
})
