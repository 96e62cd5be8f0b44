import { describe, expect, it } from "vitest"
import { gridCard } from "../__fixtures__/families.ts"
import { isOnGrid, parseSize } from "./size.ts"

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
