import { describe, expect, it } from "vitest"
import { gridCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { createNotes, type Notes } from "./diagnostics.ts"
import { fitWords } from "./settings.ts"

const grid: TaskCard = gridCard.tasks["text-to-image"]
const ratio: TaskCard = ratioCard.tasks["text-to-image"]
const plain: TaskCard = plainCard.tasks["text-to-image"]
const weighted: TaskCard = weightedCard.tasks["text-to-image"]

const aList = "a value of type array"

const fitting = (
  task: TaskCard,
  fields: JsonObject,
  strict = false,
): { readonly words: JsonObject; readonly notes: Notes } => {
  const notes = createNotes(strict)
  return { words: fitWords(task, fields, notes), notes }
}

describe("one text", () => {
  it("passes as it is", () => {
    const { words, notes } = fitting(grid, { prompt: "a lamp", negativePrompt: "people" })
    expect(words).toEqual({ prompt: "a lamp", negativePrompt: "people" })
    expect([notes.changes, notes.issues]).toEqual([[], []])
  })

  it("counts characters as Unicode does", () => {
    expect(fitting(grid, { prompt: "🦊".repeat(1024) }).notes.issues).toEqual([])
    expect(fitting(grid, { prompt: "🦊".repeat(1025) }).notes.issues).toMatchObject([
      {
        code: "invalid_request",
        path: "prompt",
        given: "1025 characters",
        allowed: "a text of 1 to 1024 characters",
      },
    ])
  })

  it.each([
    [grid, { prompt: "" }, "prompt", "0 characters"],
    [grid, {}, "prompt", undefined],
    [grid, { prompt: 5 }, "prompt", "a number"],
    [grid, { prompt: null }, "prompt", null],
    [grid, { prompt: "a", negativePrompt: "n".repeat(1025) }, "negativePrompt", "1025 characters"],
    [grid, { prompt: "a", negativePrompt: 5 }, "negativePrompt", "a number"],
    [plain, { prompt: "a", negativePrompt: null }, "negativePrompt", null],
    [weighted, { prompt: "a", negativePrompt: 5 }, "negativePrompt", "a number"],
    [weighted, { prompt: "x".repeat(2001) }, "prompt", "2001 characters"],
    [
      weighted,
      { prompt: "a", negativePrompt: "n".repeat(2001) },
      "negativePrompt",
      "2001 characters",
    ],
    [weighted, {}, "prompt", undefined],
    [weighted, { prompts: [{ text: "x".repeat(2001) }] }, "prompts", aList],
    [grid, { prompts: [] }, "prompts", aList],
    [grid, { prompts: "a lamp" }, "prompts", "6 characters"],
    [grid, { prompts: [{ text: "a", wieght: 2 }] }, "prompts", aList],
    [grid, { prompts: [{ text: "a", weight: Number.NaN }] }, "prompts", aList],
    [grid, { prompts: [{ weight: 1 }] }, "prompts", aList],
    [grid, { prompts: [{ text: "only to avoid", weight: -1 }] }, "prompt", undefined],
    [grid, { prompt: "a", prompts: [{ text: "b" }] }, "prompts", undefined],
  ])("is refused where it does not fit: case %#", (task, fields, path, given) => {
    const { issues } = fitting(task, fields).notes
    expect(issues.map((issue) => [issue.code, issue.path, issue.given])).toEqual([
      ["invalid_request", path, given],
    ])
  })

  it("that the task has no place for is unsupported, not dropped", () => {
    expect(fitting({ fields: {} }, { prompt: "a" }).notes.issues).toMatchObject([
      { code: "unsupported", path: "prompt" },
    ])
  })

  it("of what to avoid is dropped with a report where the model takes none", () => {
    const { words, notes } = fitting(ratio, { prompt: "a", negativePrompt: "b" })
    expect(words).toEqual({ prompt: "a" })
    expect(notes.changes).toMatchObject([
      { field: "negativePrompt", action: "dropped", from: "b", to: undefined },
    ])
  })

  it("of what to avoid is unsupported there under strict, without being repeated", () => {
    const { issues, changes } = fitting(
      ratio,
      { prompt: "a", negativePrompt: "canary" },
      true,
    ).notes
    expect(issues).toMatchObject([{ code: "unsupported", path: "negativePrompt" }])
    expect(JSON.stringify(issues)).not.toContain("canary")
    expect(changes).toEqual([])
  })

  it("of what to avoid that is empty is as if it were absent", () => {
    expect(fitting(ratio, { prompt: "a", negativePrompt: "" }, true).notes.issues).toEqual([])
    expect(fitting(grid, { prompt: "a", negativePrompt: "" }).words).toEqual({ prompt: "a" })
    expect(fitting(weighted, { prompt: "a", negativePrompt: "" }).words).toEqual({ prompt: "a" })
  })
})

describe("weighted texts on a model without weights", () => {
  const list = [
    { text: "a lamp" },
    { text: "blue", weight: 1 },
    { text: "people", weight: -1 },
    { text: "fog", weight: -1 },
  ]

  it("are joined: what to draw and what to avoid", () => {
    const { words, notes } = fitting(grid, { prompts: list }, true)
    expect(words).toEqual({ prompt: "a lamp, blue", negativePrompt: "people, fog" })
    expect(notes.changes.map(({ field, action }) => [field, action])).toEqual([
      ["prompts", "mapped"],
    ])
    expect(notes.issues).toEqual([])
  })

  it("join what is to be avoided to the negative prompt", () => {
    expect(fitting(grid, { prompts: list, negativePrompt: "text" }).words).toMatchObject({
      negativePrompt: "text, people, fog",
    })
  })

  it("lose other weights, which is reported, and refused under strict", () => {
    const fields = {
      prompts: [
        { text: "a", weight: 2 },
        { text: "b", weight: -0.5 },
        { text: "c", weight: 0 },
      ],
    }
    const { words, notes } = fitting(grid, fields)
    expect(words).toEqual({ prompt: "a", negativePrompt: "b" })
    expect(notes.changes).toMatchObject([
      { action: "mapped" },
      { field: "prompts", action: "dropped", from: [2, -0.5, 0], to: [1, -1, 0] },
    ])
    expect(fitting(grid, fields, true).notes.issues).toMatchObject([
      { code: "unsupported", path: "prompts" },
    ])
  })

  it.each([
    [[{ text: "a" }, { text: "b", weight: -0.5 }], true],
    [[{ text: "a", weight: 0.5 }], true],
    [[{ text: "a" }, { text: "b", weight: 0 }], true],
    [
      [
        { text: "a", weight: 1 },
        { text: "b", weight: -1 },
      ],
      false,
    ],
  ])("lose something where one is not 1 or -1: %j", (prompts, isLoss) => {
    expect(
      fitting(grid, { prompts }).notes.changes.some(({ action }) => action === "dropped"),
    ).toBe(isLoss)
  })

  it("are measured once they are joined", () => {
    const half = "x".repeat(600)
    expect(fitting(grid, { prompts: [{ text: half }, { text: half }] }).notes.issues).toMatchObject(
      [{ path: "prompt", given: "1202 characters" }],
    )
  })
})

describe("weighted texts on a model that takes them", () => {
  it("keep their weights", () => {
    const fields = {
      prompts: [
        { text: "a", weight: 0.3 },
        { text: "b", weight: -2 },
      ],
      negativePrompt: "c",
    }
    const { words, notes } = fitting(weighted, fields, true)
    expect(words).toEqual(fields)
    expect([notes.changes, notes.issues]).toEqual([[], []])
  })
})
