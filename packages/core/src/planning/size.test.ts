import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard, plainCard, ratioCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { UnknownRecord } from "../lib/object.ts"
import { area, isOnGrid, parseSize, sizeText } from "../models/size.ts"
import { createDiagnostics } from "./diagnostics.ts"
import {
  fitSize,
  parseRatio,
  type SizeParameter,
  sizeOfRatio,
  snapRatio,
  snapSize,
} from "./size.ts"

const gridTask: TaskCard = gridCard.tasks["text-to-image"]
const listTask: TaskCard = listCard.tasks["text-to-image"]
const ratioTask: TaskCard = ratioCard.tasks["text-to-image"]
const plainTask: TaskCard = plainCard.tasks["text-to-image"]

const fitted = (task: TaskCard, fields: UnknownRecord, strict = false) => {
  const diagnostics = createDiagnostics(strict)
  const priceOf = (pixels: number): number => (pixels <= 1_048_576 ? 40_000 : 60_000)
  return { ...fitSize(task, fields, priceOf, diagnostics), diagnostics }
}

describe("fitSize", () => {
  it.each([
    [gridTask, {}, { size: { width: 1024, height: 1024 } }],
    [gridTask, { size: "auto" }, { size: { width: 1024, height: 1024 } }],
    [gridTask, { size: "1280x720" }, { size: { width: 1280, height: 720 } }],
    [listTask, { size: "1408x640" }, { size: { width: 1408, height: 640 } }],
    [ratioTask, {}, { aspectRatio: "1:1" }],
    [ratioTask, { size: "auto" }, { aspectRatio: "1:1" }],
    [ratioTask, { aspectRatio: "21:9" }, { aspectRatio: "21:9" }],
    [plainTask, {}, {}],
    [plainTask, { size: "auto" }, {}],
  ])("changes nothing when the size is legal or absent: case %#", (task, fields, expected) => {
    const { diagnostics, ...found } = fitted(task, fields, true)
    expect(found).toEqual(expected)
    expect([diagnostics.changes, diagnostics.issues]).toEqual([[], []])
  })

  it.each([
    [
      "snaps a size that is not legal",
      gridTask,
      { size: "1000x1000" },
      { size: { width: 992, height: 992 } },
      "snapped",
    ],
    [
      "takes the area of the default size for a ratio",
      gridTask,
      { aspectRatio: "16:9" },
      { size: { width: 1360, height: 768 } },
      "snapped",
    ],
    [
      "maps a ratio that a size has exactly",
      gridTask,
      { aspectRatio: "1:1" },
      { size: { width: 1024, height: 1024 } },
      "mapped",
    ],
    [
      "maps a ratio to a listed size",
      listTask,
      { aspectRatio: "3:2" },
      { size: { width: 1152, height: 768 } },
      "mapped",
    ],
    [
      "maps the same ratio in other numbers",
      ratioTask,
      { aspectRatio: "32:18" },
      { aspectRatio: "16:9" },
      "mapped",
    ],
    [
      "snaps a ratio that is not listed",
      ratioTask,
      { aspectRatio: "7:5" },
      { aspectRatio: "3:2" },
      "snapped",
    ],
    [
      "maps a size of a listed ratio and about the same area",
      ratioTask,
      { size: "1024x1024" },
      { aspectRatio: "1:1" },
      "mapped",
    ],
    [
      "snaps a size of another area",
      ratioTask,
      { size: "512x512" },
      { aspectRatio: "1:1" },
      "snapped",
    ],
    [
      "snaps a size of another ratio",
      ratioTask,
      { size: "1000x1040" },
      { aspectRatio: "1:1" },
      "snapped",
    ],
  ] as const)("%s", (_, task, fields, expected, action) => {
    const [[field, from]] = Object.entries(fields) as [[string, string]]
    const { diagnostics, ...found } = fitted(task, fields)
    expect(found).toEqual(expected)
    const to =
      "size" in expected ? `${expected.size.width}x${expected.size.height}` : expected.aspectRatio
    expect(diagnostics.changes).toMatchObject([{ field, action, from, to }])
    expect(fitted(task, fields, true).diagnostics.issues).toMatchObject(
      action === "mapped" ? [] : [{ code: "unsupported", path: field, given: from }],
    )
  })

  it("reports the distance", () => {
    expect(fitted(gridTask, { size: "1000x1000" }).diagnostics.changes[0]?.why).toContain(
      "+0 % in ratio, -1.6 % in pixels",
    )
    expect(fitted(ratioTask, { size: "512x512" }).diagnostics.changes[0]?.why).toContain(
      "+300 % in pixels",
    )
    expect(fitted(listTask, { size: "1100x1100" }).diagnostics.changes[0]?.why).toContain("9 sizes")
  })

  it("drops the size when the model chooses it", () => {
    expect(fitted(plainTask, { size: "1024x1024" }).diagnostics.changes).toMatchObject([
      { field: "size", action: "dropped", from: "1024x1024" },
    ])
    expect(fitted(plainTask, { aspectRatio: "1:1" }, true).diagnostics.issues).toMatchObject([
      { code: "unsupported", path: "aspectRatio" },
    ])
  })

  it.each([
    [{ size: "1024x1024", aspectRatio: "1:1" }, "size"],
    [{ size: "auto", aspectRatio: "1:1" }, "size"],
    [{ size: "large" }, "size"],
    [{ size: 1024 }, "size"],
    [{ size: null }, "size"],
    [{ aspectRatio: "wide" }, "aspectRatio"],
    [{ aspectRatio: 1.5 }, "aspectRatio"],
  ])("rejects %j under both policies", (fields, path) => {
    for (const task of [gridTask, listTask, ratioTask, plainTask])
      for (const strict of [false, true])
        expect(fitted(task, fields, strict).diagnostics.issues).toMatchObject([
          { code: "invalid_request", path },
        ])
  })
})

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

  const side = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 999_999_999 }))

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
    ["640x640", "512x512", "a nearer size in a dearer row does not compete"],
  ])("snaps %s to %s: %s", (asked, legal) => {
    const priceOf = asked === "640x640" ? (pixels: number) => pixels : listPrice
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

  it("takes a dearer size when the list has no other", () => {
    expect(snapped({ kind: "sizes", values: ["1024x1024"] }, "512x512", listPrice)).toBe(
      "1024x1024",
    )
  })

  it("minimises the ratio gap, then the area gap, among sizes that are not dearer", () => {
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

describe("snapRatio and sizeOfRatio", () => {
  const { values } = ratioCard.tasks["text-to-image"].fields.aspectRatio
  it.each([
    [1, "1:1"],
    [16 / 9, "16:9"],
    [1.9, "16:9"],
    [5, "21:9"],
    [0.01, "9:16"],
    [1.4, "3:2"],
  ])("snaps %d to %s", (asked, nearest) => {
    expect(snapRatio(values, asked)).toBe(nearest)
  })

  it("keeps the ratio and the area", () => {
    const { width, height } = sizeOfRatio(16 / 9, 1_048_576)
    expect(width / height).toBeCloseTo(16 / 9, 9)
    expect(width * height).toBeCloseTo(1_048_576, 6)
  })
})

describe("parseRatio", () => {
  it.each(["16/9", "0:1", "1:0", "16:9:1", ":", "", "-1:2", "1e3:1", "NaN:1", 1.78, undefined])(
    "rejects %j",
    (text) => {
      expect(parseRatio(text)).toBeUndefined()
    },
  )

  it("reads decimals", () => {
    expect(parseRatio("1.91:1")).toBeCloseTo(1.91, 9)
  })
})
