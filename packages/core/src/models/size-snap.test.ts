import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard } from "../__fixtures__/families.ts"
import type { Size } from "../contract/plan.ts"
import { area, isOnGrid, parseSize, type SizeParameter, sizeText, snapSize } from "./size.ts"

const seed = 20_261_120
const grid: SizeParameter = gridCard.tasks["text-to-image"].fields.size
const list: SizeParameter = listCard.tasks["text-to-image"].fields.size
const gridPrice = (pixels: number): number => (pixels <= 1_048_576 ? 40_000 : 60_000)
const listPrice = (pixels: number): number => (pixels <= 589_824 ? 8_000 : 10_000)
const free = (): undefined => undefined

const snapped = (
  parameter: SizeParameter,
  text: string,
  priceOf = free as (pixels: number) => number | undefined,
): string => {
  const asked = parseSize(text)
  if (!asked) throw new Error(`${text} is no size`)
  return sizeText(snapSize(parameter, asked, priceOf))
}

describe("snapSize on a grid", () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 999_999_999 }))
  it.each([
    ["320x2000", "320x1280", "the longer side is shortened to the aspect limit"],
    ["2000x320", "1280x320", "either side may be the longer"],
    ["4096x2000", "2928x1424", "both sides shrink to the pixel cap"],
    ["1280x719", "1280x720", "a side goes to the nearest multiple"],
    ["1000x1000", "992x992", "a tie goes down"],
    ["1008x1008", "1008x1008", "a legal size stays"],
    ["1401x748", "1392x736", "rounding up would land in a dearer row, so both sides go down"],
    ["100x100", "320x320", "a side below the least becomes the least"],
    ["9000x9000", "2048x2048", "sides are clamped, then the cap holds"],
    ["1x999999999", "320x1280", "however far off"],
    ["2048x2048", "2048x2048", "the cap itself is legal"],
    ["1032x1032", "1024x1024", "a tie goes down even where up would be as near"],
  ])("snaps %s to %s: %s", (asked, legal) => {
    expect(snapped(grid, asked, gridPrice)).toBe(legal)
  })

  it("rounds to the nearest when the dearer price is unknown", () => {
    expect(snapped(grid, "1401x748")).toBe("1408x752")
  })

  const wide: SizeParameter = {
    kind: "grid",
    side: [320, 8192],
    multiple: 16,
    pixels: 8_388_608,
    ratio: 4,
  }
  it.each([
    ["8000x2000", "5760x1440"],
    ["2000x8000", "1440x5760"],
    ["9000x9000", "2896x2896"],
  ])("keeps the ratio of %s after the pixel cap was rounded: %s", (asked, legal) => {
    expect(snapped(wide, asked)).toBe(legal)
  })

  it("is legal on any grid", () => {
    const grids = fc
      .record({
        multiple: fc.constantFrom(1, 8, 16, 64, 100),
        least: fc.integer({ min: 1, max: 700 }),
        span: fc.integer({ min: 200, max: 9000 }),
        extra: fc.double({ min: 1, max: 40, noNaN: true }),
        ratio: fc.double({ min: 1, max: 8, noNaN: true }),
      })
      .map(({ multiple, least, span, extra, ratio }): SizeParameter & { kind: "grid" } => {
        const shortest = Math.ceil(least / multiple) * multiple
        const pixels = Math.floor(shortest * shortest * extra)
        return { kind: "grid", side: [least, least + span], multiple, pixels, ratio }
      })
    fc.assert(
      fc.property(grids, side, side, (drawn, width, height) => {
        const size = sizeText(snapSize(drawn, { width, height }, free))
        expect([size, isOnGrid(drawn, size)]).toEqual([size, true])
        expect(snapped(drawn, size)).toBe(size)
      }),
      { seed, numRuns: 10_000 },
    )
  })

  it("is legal, idempotent and never in a dearer row", () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const size = snapSize(grid, { width, height }, gridPrice)
        expect(isOnGrid(grid, sizeText(size))).toBe(true)
        expect(snapSize(grid, size, gridPrice)).toEqual(size)
        expect(gridPrice(area(size))).toBeLessThanOrEqual(gridPrice(width * height))
      }),
      { seed, numRuns: 10_000 },
    )
  })

  it("is never in a dearer row near the edge of a price bracket", () => {
    const near = fc
      .integer({ min: 512, max: 2048 })
      .chain((width) =>
        fc
          .integer({ min: -12, max: 12 })
          .map((off) => ({ width, height: Math.max(1, Math.round(1_048_576 / width) + off) })),
      )
    fc.assert(
      fc.property(near, (asked) => {
        expect(gridPrice(area(snapSize(grid, asked, gridPrice)))).toBeLessThanOrEqual(
          gridPrice(area(asked)),
        )
      }),
      { seed, numRuns: 10_000 },
    )
  })

  it("moves each side by at most half a multiple within the other limits", () => {
    const inner = fc.integer({ min: 600, max: 1900 })
    fc.assert(
      fc.property(inner, inner, (width, height) => {
        const size = snapSize(grid, { width, height }, free)
        expect(
          Math.max(Math.abs(size.width - width), Math.abs(size.height - height)),
        ).toBeLessThanOrEqual(8)
      }),
      { seed, numRuns: 10_000 },
    )
  })
})

describe("snapSize in a list", () => {
  it.each([
    ["1024x1024", "1024x1024", "a listed size stays"],
    ["1000x1000", "1024x1024", "ratio first, then area"],
    ["700x700", "768x768", "of one ratio the nearest area"],
    ["1500x1000", "1152x768", "the ratio counts before the area"],
    ["480x320", "576x384", "of one ratio the nearest area, small"],
    ["150x1500", "384x576", "the nearest ratio there is, in a row no dearer"],
    ["3000x300", "1408x640", "the widest there is"],
    ["640x640", "768x768", "a dearer size, where the cheaper one loses too many pixels"],
    ["850x850", "768x768", "a size no dearer, where it keeps 80 % of the pixels"],
    ["936x624", "1152x768", "the ratio and the pixels count before a dearer row"],
  ])("snaps %s to %s: %s", (asked, legal) => {
    const priceOf = asked.startsWith("936") ? listPrice : (pixels: number) => pixels
    expect(snapped(list, asked, priceOf)).toBe(legal)
  })

  it("takes the smaller of two equally near sizes", () => {
    const values = ["2048x2048", "512x512"]
    expect(snapped({ kind: "sizes", values }, "1024x1024")).toBe("512x512")
    expect(snapped({ kind: "sizes", values: values.toReversed() }, "1024x1024")).toBe("512x512")
    expect(snapped({ kind: "sizes", values: ["2700x900", "300x100"] }, "900x300")).toBe("300x100")
  })

  it("ignores rounding errors in ratios", () => {
    expect(snapped({ kind: "sizes", values: ["300x307", "614x600"] }, "1000x1000")).toBe("614x600")
  })

  it("compares ratios to a millionth", () => {
    const values = ["1000001x1000000", "4000x4000"]
    expect(snapped({ kind: "sizes", values }, "900x900")).toBe("4000x4000")
  })

  it("prefers another price row only within the best ratio", () => {
    const values = ["1024x1024", "1536x1024", "1024x1536"]
    const priceOf = (pixels: number): number => (pixels <= 1_048_576 ? 1 : 2)
    expect(snapped({ kind: "sizes", values }, "1280x720", priceOf)).toBe("1536x1024")
  })

  it("takes a dearer size when the list has no other", () => {
    expect(snapped({ kind: "sizes", values: ["1024x1024"] }, "512x512", listPrice)).toBe(
      "1024x1024",
    )
  })

  it("minimises the ratio gap, then the area gap, except for a price row with 80 % of the pixels", () => {
    const gap = (to: number, from: number): number => Math.abs(Math.log(to / from))
    const sides = fc.integer({ min: 1, max: 5000 })
    const sizes = (list.kind === "sizes" ? list.values : []).flatMap(
      (each) => parseSize(each) ?? [],
    )
    fc.assert(
      fc.property(sides, sides, (width, height) => {
        const chosen = snapSize(list, { width, height }, listPrice)
        const ratioGap = (size: Size): number => gap(size.width / size.height, width / height)
        const areaGap = (size: Size): number => gap(area(size), width * height)
        const isDear = (size: Size): boolean => listPrice(area(size)) > listPrice(width * height)
        expect(snapSize(list, chosen, listPrice)).toEqual(chosen)
        const best = Math.min(...sizes.map(ratioGap))
        expect(ratioGap(chosen)).toBeLessThanOrEqual(best + 1e-6)
        for (const rival of sizes.filter((size) => ratioGap(size) <= best + 1e-6)) {
          if (areaGap(rival) < areaGap(chosen) - 1e-9)
            expect([isDear(rival), isDear(chosen)]).toEqual([true, false])
          if (isDear(chosen) && !isDear(rival))
            expect(area(rival)).toBeLessThan(0.8 * width * height)
        }
      }),
      { seed, numRuns: 10_000 },
    )
  })
})
