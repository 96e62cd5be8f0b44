import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard, ratioCard } from "../__fixtures__/families.ts"
import {
  parseRatio,
  type SizeParameter,
  sizeOfRatio,
  snapRatio,
  snapSize,
} from "../planning/size.ts"
import { area, isOnGrid, parseSize, sizeText } from "./size.ts"

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

describe("a size on a grid", () => {
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
    ["1x999999999", "320x1280", "however far off it is"],
    ["2048x2048", "2048x2048", "the cap itself is legal"],
    ["1032x1032", "1024x1024", "a tie goes down even where up would be as near"],
  ])("turns %s into %s: %s", (asked, legal) => {
    expect(snapped(grid, asked, gridPrice)).toBe(legal)
  })

  it("rounds to the nearest where the dearer row's price is not known", () => {
    expect(snapped(grid, "1401x748")).toBe("1408x752")
  })

  const side = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 999_999_999 }))

  it("is always legal, is itself when asked for again, and is never in a dearer row", () => {
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

  it("is never in a dearer row for sizes about a bracket's edge", () => {
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

  it("keeps each side within one multiple of a size that breaks no other limit", () => {
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

describe("a size out of a list", () => {
  it.each([
    ["1024x1024", "1024x1024", "a listed size stays"],
    ["1000x1000", "1024x1024", "ratio first, then area"],
    ["700x700", "768x768", "of one ratio the nearest area"],
    ["1500x1000", "1152x768", "the ratio counts before the area"],
    ["480x320", "576x384", "of one ratio the nearest area, small"],
    ["150x1500", "384x576", "the nearest ratio there is, in a row no dearer"],
    ["3000x300", "1408x640", "the widest there is"],
    ["640x640", "512x512", "a nearer size in a dearer row does not compete"],
  ])("turns %s into %s: %s", (asked, legal) => {
    const priceOf = asked === "640x640" ? (pixels: number) => pixels : listPrice
    expect(snapped(list, asked, priceOf)).toBe(legal)
  })

  it("takes the smaller of two sizes that are equally near", () => {
    const values = ["2048x2048", "512x512"]
    expect(snapped({ kind: "sizes", values }, "1024x1024")).toBe("512x512")
    expect(snapped({ kind: "sizes", values: values.toReversed() }, "1024x1024")).toBe("512x512")
    expect(snapped({ kind: "sizes", values: ["2700x900", "300x100"] }, "900x300")).toBe("300x100")
  })

  it("takes ratios for equal that differ by a rounding error alone", () => {
    expect(snapped({ kind: "sizes", values: ["300x307", "614x600"] }, "1000x1000")).toBe("614x600")
  })

  it("takes a dearer size where the list has no other", () => {
    expect(snapped({ kind: "sizes", values: ["1024x1024"] }, "512x512", listPrice)).toBe(
      "1024x1024",
    )
  })

  it("minimises the ratio, then the area, then the size, among those no dearer", () => {
    const gap = (to: number, from: number): number => Math.abs(Math.log(to / from))
    const less = 1e-9
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 5000 }),
        (width, height) => {
          const asked = { width, height }
          const chosen = snapSize(list, asked, listPrice)
          expect(listPrice(area(chosen))).toBeLessThanOrEqual(listPrice(area(asked)))
          expect(snapSize(list, chosen, listPrice)).toEqual(chosen)
          const rivals = (list.kind === "sizes" ? list.values : []).flatMap(
            (each) => parseSize(each) ?? [],
          )
          for (const rival of rivals.filter(
            (each) => listPrice(area(each)) <= listPrice(area(asked)),
          )) {
            const [ratioGap, rivalRatioGap] = [chosen, rival].map((each) =>
              gap(each.width / each.height, width / height),
            ) as [number, number]
            expect(ratioGap).toBeLessThanOrEqual(rivalRatioGap + less)
            if (Math.abs(ratioGap - rivalRatioGap) < less)
              expect(gap(area(chosen), area(asked))).toBeLessThanOrEqual(
                gap(area(rival), area(asked)) + less,
              )
          }
        },
      ),
      { seed, numRuns: 10_000 },
    )
  })
})

describe("ratios", () => {
  const { values } = ratioCard.tasks["text-to-image"].fields.aspectRatio
  it.each([
    [1, "1:1"],
    [16 / 9, "16:9"],
    [1.9, "16:9"],
    [5, "21:9"],
    [0.01, "9:16"],
    [1.4, "3:2"],
  ])("%d is nearest to %s", (asked, nearest) => {
    expect(snapRatio(values, asked)).toBe(nearest)
  })

  it("at a ratio and an area, a size has both", () => {
    const { width, height } = sizeOfRatio(16 / 9, 1_048_576)
    expect(width / height).toBeCloseTo(16 / 9, 9)
    expect(width * height).toBeCloseTo(1_048_576, 6)
  })
})

describe("reading", () => {
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
  ])("%j is no size", (text) => {
    expect(parseSize(text)).toBeUndefined()
  })
  it.each(["16/9", "0:1", "1:0", "16:9:1", ":", "", "-1:2", "1e3:1", "NaN:1", 1.78, undefined])(
    "%j is no ratio",
    (text) => {
      expect(parseRatio(text)).toBeUndefined()
    },
  )
  it("reads decimals in a ratio", () => {
    expect(parseRatio("1.91:1")).toBeCloseTo(1.91, 9)
  })
})
