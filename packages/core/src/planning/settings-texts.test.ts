import { describe, expect, it } from "vitest"
import { gridCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { createDiagnostics, type Diagnostics } from "./diagnostics.ts"
import { fitTexts } from "./settings.ts"

const grid: TaskCard = gridCard.tasks["text-to-image"]
const ratio: TaskCard = ratioCard.tasks["text-to-image"]
const plain: TaskCard = plainCard.tasks["text-to-image"]
const weighted: TaskCard = weightedCard.tasks["text-to-image"]

const aList = "a value of type array"

const fitting = (
  task: TaskCard,
  fields: JsonObject,
  strict = false,
): { readonly words: JsonObject; readonly diagnostics: Diagnostics } => {
  const diagnostics = createDiagnostics(strict)
  return { words: fitTexts(task, fields, diagnostics), diagnostics }
}

describe("fitTexts of one prompt", () => {
  it("passes unchanged", () => {
    const { words, diagnostics } = fitting(grid, { prompt: "a lamp", negativePrompt: "people" })
    expect(words).toEqual({ prompt: "a lamp", negativePrompt: "people" })
    expect([diagnostics.changes, diagnostics.issues]).toEqual([[], []])
  })

  it("counts characters as Unicode does", () => {
    expect(fitting(grid, { prompt: "🦊".repeat(1024) }).diagnostics.issues).toEqual([])
    expect(fitting(grid, { prompt: "🦊".repeat(1025) }).diagnostics.issues).toMatchObject([
      {
        code: "invalid_request",
        path: "prompt",
        given: "1,025 characters",
        allowed: "a text of 1 to 1,024 characters",
      },
    ])
  })

  it.each([
    [grid, { prompt: "" }, "prompt", "0 characters"],
    [grid, {}, "prompt", undefined],
    [grid, { prompt: 5 }, "prompt", "a number"],
    [grid, { prompt: null }, "prompt", null],
    [grid, { prompt: "a", negativePrompt: "n".repeat(1025) }, "negativePrompt", "1,025 characters"],
    [grid, { prompt: "a", negativePrompt: 5 }, "negativePrompt", "a number"],
    [plain, { prompt: "a", negativePrompt: null }, "negativePrompt", null],
    [weighted, { prompt: "a", negativePrompt: 5 }, "negativePrompt", "a number"],
    [weighted, { prompt: "x".repeat(2001) }, "prompt", "2,001 characters"],
    [
      weighted,
      { prompt: "a", negativePrompt: "n".repeat(2001) },
      "negativePrompt",
      "2,001 characters",
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
  ])("rejects a text that does not fit: case %#", (task, fields, path, given) => {
    const { issues } = fitting(task, fields).diagnostics
    expect(issues.map((issue) => [issue.code, issue.path, issue.given])).toEqual([
      ["invalid_request", path, given],
    ])
  })

  it("drops a prompt that the task does not take, and rejects it under strict", () => {
    const wordless: TaskCard = { fields: {} }
    const { words, diagnostics } = fitting(wordless, { prompt: "remove it" })
    expect([words, diagnostics.issues]).toEqual([{}, []])
    expect(diagnostics.changes).toMatchObject([
      { field: "prompt", action: "dropped", from: "remove it", to: undefined },
    ])
    const strict = fitting(wordless, { prompt: "canary" }, true).diagnostics.issues
    expect(strict).toMatchObject([{ code: "unsupported", path: "prompt" }])
    expect(JSON.stringify(strict)).not.toContain("canary")
    expect(fitting(wordless, { prompt: "" }, true).diagnostics).toMatchObject({
      changes: [],
      issues: [],
    })
    expect(fitting(wordless, { prompt: 5 }).diagnostics.issues).toMatchObject([
      { code: "invalid_request", path: "prompt" },
    ])
  })

  it("drops a negative prompt that the model does not take", () => {
    const { words, diagnostics } = fitting(ratio, { prompt: "a", negativePrompt: "b" })
    expect(words).toEqual({ prompt: "a" })
    expect(diagnostics.changes).toMatchObject([
      { field: "negativePrompt", action: "dropped", from: "b", to: undefined },
    ])
  })

  it("rejects that negative prompt under strict without repeating it", () => {
    const { issues, changes } = fitting(
      ratio,
      { prompt: "a", negativePrompt: "canary" },
      true,
    ).diagnostics
    expect(issues).toMatchObject([{ code: "unsupported", path: "negativePrompt" }])
    expect(JSON.stringify(issues)).not.toContain("canary")
    expect(changes).toEqual([])
  })

  it("ignores an empty negative prompt", () => {
    expect(fitting(ratio, { prompt: "a", negativePrompt: "" }, true).diagnostics.issues).toEqual([])
    expect(fitting(grid, { prompt: "a", negativePrompt: "" }).words).toEqual({ prompt: "a" })
    expect(fitting(weighted, { prompt: "a", negativePrompt: "" }).words).toEqual({ prompt: "a" })
  })
})

describe("fitTexts of weighted prompts on a model without weights", () => {
  const list = [
    { text: "a lamp" },
    { text: "blue", weight: 1 },
    { text: "people", weight: -1 },
    { text: "fog", weight: -1 },
  ]

  it("joins them to a prompt and a negative prompt", () => {
    const { words, diagnostics } = fitting(grid, { prompts: list }, true)
    expect(words).toEqual({ prompt: "a lamp, blue", negativePrompt: "people, fog" })
    expect(diagnostics.changes.map(({ field, action }) => [field, action])).toEqual([
      ["prompts", "mapped"],
    ])
    expect(diagnostics.issues).toEqual([])
  })

  it("appends to the given negative prompt", () => {
    expect(fitting(grid, { prompts: list, negativePrompt: "text" }).words).toMatchObject({
      negativePrompt: "text, people, fog",
    })
  })

  it("drops other weights, and rejects them under strict", () => {
    const fields = {
      prompts: [
        { text: "a", weight: 2 },
        { text: "b", weight: -0.5 },
        { text: "c", weight: 0 },
      ],
    }
    const { words, diagnostics } = fitting(grid, fields)
    expect(words).toEqual({ prompt: "a", negativePrompt: "b" })
    expect(diagnostics.changes).toMatchObject([
      { action: "mapped" },
      { field: "prompts", action: "dropped", from: [2, -0.5, 0], to: [1, -1, 0] },
    ])
    expect(fitting(grid, fields, true).diagnostics.issues).toMatchObject([
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
  ])("is a loss when a weight is not 1 or -1: %j", (prompts, isLoss) => {
    expect(
      fitting(grid, { prompts }).diagnostics.changes.some(({ action }) => action === "dropped"),
    ).toBe(isLoss)
  })

  it("checks the length of the joined text", () => {
    const half = "x".repeat(600)
    expect(
      fitting(grid, { prompts: [{ text: half }, { text: half }] }).diagnostics.issues,
    ).toMatchObject([{ path: "prompt", given: "1,202 characters" }])
  })
})

describe("fitTexts of weighted prompts on a model with weights", () => {
  it("keeps the weights", () => {
    const fields = {
      prompts: [
        { text: "a", weight: 0.3 },
        { text: "b", weight: -2 },
      ],
      negativePrompt: "c",
    }
    const { words, diagnostics } = fitting(weighted, fields, true)
    expect(words).toEqual(fields)
    expect([diagnostics.changes, diagnostics.issues]).toEqual([[], []])
  })
})
