import sharp, { type Sharp } from "sharp"
import { describe, expect, test } from "vitest"
import { imageHeader } from "./image-header.ts"

const picture = (): Sharp =>
  sharp({ create: { width: 70, height: 45, channels: 3, background: "#804020" } })

describe("the header of an image", () => {
  test.each([
    ["png", () => picture().png()],
    ["jpeg", () => picture().jpeg()],
    ["jpeg", () => picture().jpeg({ progressive: true }).withMetadata()],
    ["webp", () => picture().webp()],
    ["webp", () => picture().webp({ lossless: true })],
    ["webp", () => picture().ensureAlpha(0.5).webp({ alphaQuality: 50 })],
  ] as const)("of a %s tells its size", async (format, encode) => {
    const base64 = (await encode().toBuffer()).toString("base64")
    expect(imageHeader(base64)).toEqual({ format, width: 70, height: 45 })
  })

  test.each(["", "AAAA", "not base64!", "iVBO", "/9j/", "data:image/png;base64,iVBORw0KGgo="])(
    "of %j is unknown",
    (base64) => {
      expect(imageHeader(base64)).toBeUndefined()
    },
  )
})
