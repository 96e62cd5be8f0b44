import { describe, expect, it } from "vitest"
import { gridCard } from "../__fixtures__/families.ts"
import { findTier, isOnGrid, parseSize, tierPixels } from "./size.ts"

describe("parseSize", () => {
  it("reads width and height", () => {
    expect(parseSize("1024x768")).toEqual({ width: 1024, height: 768 })
  })

  it.each([
    "1024X768",
    "1024 x 768",
    "0x5",
    "-1x5",
    "1e3x5",
    "1024x768x3",
    "1024",
    "",
    "1.5x2",
    "x",
    "1234567890x1",
    1024,
    undefined,
    ["1x1"],
  ])("rejects %j", (text) => {
    expect(parseSize(text)).toBeUndefined()
  })
})

describe("isOnGrid", () => {
  const grid = gridCard.tasks["text-to-image"].fields.size

  it.each(["320x320", "2048x2048", "4096x1024"])("accepts %s", (text) => {
    expect(isOnGrid(grid, text)).toBe(true)
  })

  it.each(["304x320", "4112x1028", "2048x2064", "1008x250", "320x1296", "330x330"])(
    "rejects %s",
    (text) => {
      expect(isOnGrid(grid, text)).toBe(false)
    },
  )
})

describe("tierPixels", () => {
  it.each([
    ["1K", 1_048_576],
    ["2k", 4_194_304],
    ["1.5K", 2_359_296],
    ["512", 262_144],
    ["768sq", 589_824],
  ])("reads %s", (text, pixels) => {
    expect(tierPixels(text)).toBe(pixels)
  })

  it.each(["K", "0K", "2KK", "-2K", "100K", "1", "1024x1024", "1e3", "", 512, undefined])(
    "rejects %j",
    (text) => {
      expect(tierPixels(text)).toBeUndefined()
    },
  )
})

describe("findTier", () => {
  it("has the card's name, whatever the case", () => {
    const tiers = { kind: "tiers", values: { "768sq": 1, "2K": 2 } } as const
    expect(["2k", "768SQ", "4K", undefined].map((text) => findTier(tiers, text))).toEqual([
      "2K",
      "768sq",
      undefined,
      undefined,
    ])
  })
})
