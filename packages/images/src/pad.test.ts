import { expect, it } from "vitest"
import { greysOf, headOf, pixelsOf, png } from "./__fixtures__/images.ts"
import { sharpImages } from "./sharp-images.ts"

const { inspect, pad } = sharpImages()

it("repeats the outermost pixels, and masks exactly the new area", async () => {
  const { image, mask } = await pad(await png(2, [[10], [20], [30], [40]]), {
    left: 1,
    right: 2,
    up: 1,
    down: 0,
  })
  expect(await greysOf(image)).toEqual([10, 10, 20, 20, 20, 10, 10, 20, 20, 20, 30, 30, 40, 40, 40])
  expect(await greysOf(mask)).toEqual([
    255, 255, 255, 255, 255, 255, 0, 0, 255, 255, 255, 0, 0, 255, 255,
  ])
})

it.each(["left", "right", "up", "down"] as const)("adds a margin on the %s side", async (side) => {
  const { image, mask } = await pad(await png(2, [[10], [20], [30], [40]]), { [side]: 1 })
  const expected = {
    left: [10, 10, 20, 30, 30, 40],
    right: [10, 20, 20, 30, 40, 40],
    up: [10, 20, 10, 20, 30, 40],
    down: [10, 20, 30, 40, 30, 40],
  }
  const white = { left: [0, 3], right: [2, 5], up: [0, 1], down: [4, 5] }
  expect(await greysOf(image)).toEqual(expected[side])
  expect(await greysOf(mask)).toEqual(
    [0, 1, 2, 3, 4, 5].map((index) => (white[side].includes(index) ? 255 : 0)),
  )
})

it("rotates a photo as EXIF says before it adds margins", async () => {
  const turnedRight = await png(2, [[10], [20], [30], [40]], 6)
  const { image, mask } = await pad(turnedRight, { left: 1 })
  expect(await greysOf(image)).toEqual([30, 30, 10, 40, 40, 20])
  expect(await greysOf(mask)).toEqual([255, 0, 0, 255, 0, 0])
  const wide = await pad(await png(3, [[1], [2], [3]], 6), { up: 2 })
  expect([await headOf(wide.image), await headOf(wide.mask)]).toMatchObject([
    { width: 1, height: 5 },
    { width: 1, height: 5 },
  ])
})

it("keeps transparency, and drops an opaque alpha channel", async () => {
  const clear = await pad(
    await png(2, [
      [9, 9, 9, 0],
      [5, 6, 7, 255],
    ]),
    { right: 1 },
  )
  expect((await pixelsOf(clear.image)).map(([, , , alpha]) => alpha)).toEqual([0, 255, 255])
  const opaque = await pad(
    await png(2, [
      [9, 9, 9, 255],
      [5, 6, 7, 255],
    ]),
    { right: 1 },
  )
  expect(await headOf(opaque.image)).toMatchObject({ format: "png", channels: 3, depth: "uchar" })
  expect(await inspect(opaque.image)).toEqual({
    mediaType: "image/png",
    width: 3,
    height: 1,
    transparent: false,
  })
})

it.each([
  [{ left: -1 }, "margins.left is -1; it must be a whole number of at least 0."],
  [{ up: 1.5 }, "margins.up is 1.5; it must be a whole number of at least 0."],
  [{ down: Number.NaN }, "margins.down is NaN; it must be a whole number of at least 0."],
  [{}, "margins are all 0; at least one must be above 0."],
  [{ right: 100_000_000 }, "The padded image has 100000002x2 pixels; the maximum is 50,000,000."],
])("rejects margins %j", async (margins, message) => {
  await expect(pad(await png(2, [[1], [2], [3], [4]]), margins)).rejects.toMatchObject({
    code: "invalid_request",
    message,
  })
})
