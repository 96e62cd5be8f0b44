import sharp from "sharp"
import { describe, expect, test } from "vitest"
import { draw, drawBlurred, paint } from "./drawing.ts"
import { encodeAnimation } from "./encode.ts"
import type { Drawing } from "./types.ts"

const drawing: Drawing = {
  model: "Nova Canvas",
  task: "TEXT_IMAGE",
  prompt: "Sri lanka tea plantation.",
  detail: "",
  colors: [],
  seed: 12,
  index: 0,
  width: 320,
  height: 384,
  format: "png",
}

describe("a drawing", () => {
  test("has the same bytes every time", async () => {
    const [first, second] = [await draw(drawing), await draw({ ...drawing })]
    expect(first.equals(second)).toBe(true)
  })

  const changes: readonly Partial<Drawing>[] = [
    { seed: 13 },
    { prompt: "A harbour at night" },
    { detail: "people|" },
    { index: 1 },
    { model: "SDXL 1.0" },
    { task: "COLOR_GUIDED_GENERATION", colors: ["#ff0080", "#00c0ff"] },
  ]

  test.each(changes)("differs with %o", async (change) => {
    expect((await draw({ ...drawing, ...change })).equals(await draw(drawing))).toBe(false)
  })

  const shapes: readonly (readonly [Drawing["format"], number, number])[] = [
    ["png", 1024, 1024],
    ["jpeg", 1173, 640],
    ["webp", 640, 1536],
    ["png", 128, 128],
    ["png", 512, 2048],
  ]

  test.each(shapes)("is a %s of %i by %i", async (format, width, height) => {
    const metadata = await sharp(await draw({ ...drawing, format, width, height })).metadata()
    expect(metadata).toMatchObject({ format, width, height, channels: 3 })
  })

  test.each(["", "x".repeat(1024), "紅茶の農園 🍃", "words ".repeat(200), "tabs\tand\nlines"])(
    "takes any prompt: %s",
    async (prompt) => {
      expect((await draw({ ...drawing, prompt })).length).toBeGreaterThan(1000)
    },
  )

  test.each([draw, drawBlurred])("says in amber that it is emulated", async (drawWith) => {
    const data = await sharp(await drawWith(drawing))
      .raw()
      .toBuffer()
    let amber = 0
    for (let offset = 0; offset < data.length; offset += 3) {
      if (data[offset] === 255 && data[offset + 1] === 190 && data[offset + 2] === 80) amber += 1
    }
    expect(amber).toBeGreaterThan(80)
  })

  test.each(["jpeg", "webp"] as const)("is smaller as a %s of less quality", async (format) => {
    const [small, large] = [20, 95].map((quality) => draw({ ...drawing, format, quality }))
    expect((await small)?.length).toBeLessThan((await large)?.length ?? 0)
  })

  test("is unrecognizable when blurred, and keeps its size", async () => {
    const blurred = await drawBlurred(drawing)
    expect(blurred.equals(await draw(drawing))).toBe(false)
    expect(await sharp(blurred).metadata()).toMatchObject({
      format: "png",
      width: 320,
      height: 384,
    })
  })
})

describe("encodeAnimation", () => {
  test("encodes every frame with its delay", async () => {
    const frames = [1, 2, 3].map((seed) => paint({ ...drawing, seed }))
    const gif = await encodeAnimation(frames, 120)
    expect(await sharp(gif, { animated: true }).metadata()).toMatchObject({
      format: "gif",
      pages: 3,
      delay: [120, 120, 120],
      width: 320,
      pageHeight: 384,
    })
  })
})
