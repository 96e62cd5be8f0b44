import { describe, expect, it } from "vitest"
import { gridCard, listCard, plainCard, ratioCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { UnknownRecord } from "../lib/object.ts"
import { createDiagnostics } from "./diagnostics.ts"
import { fitSize, parseRatio, sizeOfRatio, snapRatio } from "./size.ts"

const gridTask: TaskCard = gridCard.tasks["text-to-image"]
const listTask: TaskCard = listCard.tasks["text-to-image"]
const ratioTask: TaskCard = ratioCard.tasks["text-to-image"]
const plainTask: TaskCard = plainCard.tasks["text-to-image"]

const rows = (pixels: number): number => (pixels <= 1_048_576 ? 40_000 : 60_000)

const fitted = (task: TaskCard, fields: UnknownRecord, strict = false, priceOf = rows) => {
  const diagnostics = createDiagnostics(strict)
  const prices = { priceOf, priceText: (price: number) => `$${price / 1e6}` }
  return { ...fitSize(task, fields, prices, diagnostics), diagnostics }
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

  it("names both prices where the price row changes, dearer or not", () => {
    const titan = (pixels: number): number => (pixels <= 589_824 ? 8000 : 10_000)
    const asked = fitted(listTask, { size: "936x624" }, false, titan)
    expect(asked.size).toEqual({ width: 1152, height: 768 })
    expect(asked.diagnostics.changes[0]?.why).toMatch(
      /; an image costs \$0\.01 in place of \$0\.008$/,
    )
    expect(fitted(gridTask, { size: "4000x200" }).diagnostics.changes[0]?.why).not.toContain("cost")
  })

  it("asks for no price by an aspect ratio", () => {
    const values = ["1024x1024", "1536x1024", "1024x1536"]
    const task: TaskCard = {
      fields: { size: { kind: "sizes", path: ["w", "h"], values, default: "1024x1024" } },
    }
    const { size, diagnostics } = fitted(task, { aspectRatio: "3:2" })
    expect(size).toEqual({ width: 1536, height: 1024 })
    expect(diagnostics.changes).toMatchObject([{ action: "mapped", to: "1536x1024" }])
    expect(diagnostics.changes[0]?.why).not.toContain("cost")
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
