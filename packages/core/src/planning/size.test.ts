import { describe, expect, it } from "vitest"
import { gridCard, listCard, plainCard, ratioCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { createNotes } from "./diagnostics.ts"
import { fitFrame } from "./size.ts"

const grid: TaskCard = gridCard.tasks["text-to-image"]
const list: TaskCard = listCard.tasks["text-to-image"]
const ratio: TaskCard = ratioCard.tasks["text-to-image"]
const plain: TaskCard = plainCard.tasks["text-to-image"]

const frame = (task: TaskCard, fields: JsonObject, strict = false) => {
  const notes = createNotes(strict)
  const priceOf = (pixels: number): number => (pixels <= 1_048_576 ? 40_000 : 60_000)
  return { ...fitFrame(task, fields, priceOf, notes), notes }
}

describe("the frame", () => {
  it.each([
    [grid, {}, { size: { width: 1024, height: 1024 } }],
    [grid, { size: "auto" }, { size: { width: 1024, height: 1024 } }],
    [grid, { size: "1280x720" }, { size: { width: 1280, height: 720 } }],
    [list, { size: "1408x640" }, { size: { width: 1408, height: 640 } }],
    [ratio, {}, { aspectRatio: "1:1" }],
    [ratio, { size: "auto" }, { aspectRatio: "1:1" }],
    [ratio, { aspectRatio: "21:9" }, { aspectRatio: "21:9" }],
    [plain, {}, {}],
    [plain, { size: "auto" }, {}],
  ])("needs no change where it is legal or left to the card: case %#", (task, fields, expected) => {
    const { notes, ...found } = frame(task, fields, true)
    expect(found).toEqual(expected)
    expect([notes.changes, notes.issues]).toEqual([[], []])
  })

  it.each([
    [
      "a size is snapped",
      grid,
      { size: "1000x1000" },
      { size: { width: 992, height: 992 } },
      "snapped",
    ],
    [
      "a ratio alone asks for the default size's area",
      grid,
      { aspectRatio: "16:9" },
      { size: { width: 1360, height: 768 } },
      "snapped",
    ],
    [
      "a ratio that a size has exactly is mapped",
      grid,
      { aspectRatio: "1:1" },
      { size: { width: 1024, height: 1024 } },
      "mapped",
    ],
    [
      "a ratio finds its size in a list",
      list,
      { aspectRatio: "3:2" },
      { size: { width: 1152, height: 768 } },
      "mapped",
    ],
    [
      "the same ratio in other numbers is mapped",
      ratio,
      { aspectRatio: "32:18" },
      { aspectRatio: "16:9" },
      "mapped",
    ],
    [
      "a ratio that is not listed is snapped",
      ratio,
      { aspectRatio: "7:5" },
      { aspectRatio: "3:2" },
      "snapped",
    ],
    [
      "a size of the ratio and about the area is mapped",
      ratio,
      { size: "1024x1024" },
      { aspectRatio: "1:1" },
      "mapped",
    ],
    [
      "a size of another area is a loss",
      ratio,
      { size: "512x512" },
      { aspectRatio: "1:1" },
      "snapped",
    ],
    [
      "a size of another ratio is a loss",
      ratio,
      { size: "1000x1040" },
      { aspectRatio: "1:1" },
      "snapped",
    ],
  ] as const)("%s", (_, task, fields, expected, action) => {
    const [[field, from]] = Object.entries(fields) as [[string, string]]
    const { notes, ...found } = frame(task, fields)
    expect(found).toEqual(expected)
    const to =
      "size" in expected ? `${expected.size.width}x${expected.size.height}` : expected.aspectRatio
    expect(notes.changes).toMatchObject([{ field, action, from, to }])
    expect(frame(task, fields, true).notes.issues).toMatchObject(
      action === "mapped" ? [] : [{ code: "unsupported", path: field, given: from }],
    )
  })

  it("tells the distance", () => {
    expect(frame(grid, { size: "1000x1000" }).notes.changes[0]?.why).toContain(
      "+0 % in ratio, -1.6 % in pixels",
    )
    expect(frame(ratio, { size: "512x512" }).notes.changes[0]?.why).toContain("+300 % in pixels")
    expect(frame(list, { size: "1100x1100" }).notes.changes[0]?.why).toContain("9 sizes")
  })

  it("is dropped with a report where the model chooses it", () => {
    expect(frame(plain, { size: "1024x1024" }).notes.changes).toMatchObject([
      { field: "size", action: "dropped", from: "1024x1024" },
    ])
    expect(frame(plain, { aspectRatio: "1:1" }, true).notes.issues).toMatchObject([
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
  ])("is refused under both policies where it says nothing: %j", (fields, path) => {
    for (const task of [grid, list, ratio, plain])
      for (const strict of [false, true])
        expect(frame(task, fields, strict).notes.issues).toMatchObject([
          { code: "invalid_request", path },
        ])
  })
})
