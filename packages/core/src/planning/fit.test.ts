import { describe, expect, it } from "vitest"
import { gridCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { createNotes, type Notes } from "./diagnostics.ts"
import { fitSettings } from "./settings.ts"

const grid: TaskCard = gridCard.tasks["text-to-image"]
const ratio: TaskCard = ratioCard.tasks["text-to-image"]
const plain: TaskCard = plainCard.tasks["text-to-image"]
const weighted: TaskCard = weightedCard.tasks["text-to-image"]

const fitting = (
  task: TaskCard,
  fields: JsonObject,
  strict = false,
): { readonly settings: JsonObject; readonly notes: Notes } => {
  const notes = createNotes(strict)
  return { settings: fitSettings(task, fields, notes), notes }
}

describe("settings", () => {
  it("have the card's defaults", () => {
    expect(fitting(grid, {}).settings).toEqual({
      quality: "standard",
      guidance: 6.5,
      outputFormat: "png",
    })
    expect(fitting(weighted, {}).settings).toEqual({ guidance: 7, steps: 30 })
  })

  it.each([
    ["low", "standard"],
    ["medium", "standard"],
    ["standard", "standard"],
    ["auto", "standard"],
    ["high", "premium"],
    ["hd", "premium"],
    ["xhigh", "premium"],
    ["max", "premium"],
    ["premium", "premium"],
    ["HD", "premium"],
    ["Premium", "premium"],
  ])("quality %s means %s and loses nothing", (word, value) => {
    const { settings, notes } = fitting(grid, { quality: word }, true)
    expect(settings["quality"]).toBe(value)
    expect(notes.issues).toEqual([])
    expect(notes.changes).toMatchObject(
      word === value ? [] : [{ field: "quality", action: "mapped", from: word, to: value }],
    )
  })

  it.each(["photo-realism", "Photo Realism", "PHOTOREALISM", "photo_realism"])(
    "style %s matches without regard to case and separators",
    (style) => {
      expect(fitting(grid, { style }, true).settings["style"]).toBe("PHOTO_REALISM")
    },
  )

  it("an unknown style is dropped, and its report names the nearest", () => {
    const { settings, notes } = fitting(grid, { style: "photo" })
    expect(settings).not.toHaveProperty("style")
    expect(notes.changes).toMatchObject([
      {
        field: "style",
        action: "dropped",
        from: "photo",
        why: expect.stringContaining("PHOTO_REALISM"),
      },
    ])
    expect(fitting(grid, { style: "photo" }, true).notes.issues).toMatchObject([
      { code: "unsupported", path: "style", given: "photo" },
    ])
  })

  it("the words for quality mean nothing elsewhere", () => {
    expect(
      fitting({ fields: { style: { kind: "enum", values: ["premium"] } } }, { style: "hd" })
        .settings,
    ).toEqual({})
  })

  it("a card's own words come before the common ones", () => {
    const task: TaskCard = {
      fields: {
        quality: {
          kind: "enum",
          values: ["standard", "premium", "ultra"],
          synonyms: { max: "ultra" },
        },
      },
    }
    expect(fitting(task, { quality: "MAX" }).settings).toEqual({ quality: "ultra" })
  })

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "the word %s is as unknown as any",
    (word) => {
      const task: TaskCard = {
        fields: { quality: { kind: "enum", values: ["standard"], synonyms: { one: "standard" } } },
      }
      expect(fitting(task, { quality: word }).settings).toEqual({})
      expect(fitting(grid, { quality: word }).notes.changes).toMatchObject([
        { field: "quality", action: "dropped", to: "standard" },
      ])
    },
  )

  it("an unknown quality falls back to the default, which is a loss", () => {
    expect(fitting(grid, { quality: "ultra" })).toMatchObject({
      settings: { quality: "standard" },
      notes: { changes: [{ action: "dropped" }] },
    })
    expect(fitting(grid, { quality: "ultra" }, true).notes.issues).toMatchObject([
      { code: "unsupported", path: "quality" },
    ])
  })

  it.each([
    [grid, "guidance", 0.5, 1.1, "clamped"],
    [grid, "guidance", 50, 10, "clamped"],
    [grid, "guidance", 7.123_456_7, 7.123_457, "mapped"],
    [weighted, "steps", 5, 10, "clamped"],
    [weighted, "steps", 1000, 150, "clamped"],
    [weighted, "steps", 30.5, 31, "snapped"],
  ] as const)("a number that does not fit is fitted: case %#", (task, field, from, to, action) => {
    const { settings, notes } = fitting(task, { [field]: from })
    expect(settings[field]).toBe(to)
    expect(notes.changes).toMatchObject([{ field, action, from, to }])
    expect(fitting(task, { [field]: from }, true).notes.issues).toMatchObject(
      action === "mapped" ? [] : [{ code: "unsupported", path: field, given: from }],
    )
  })

  it.each([1.1, 10, 6.5, 7.123_457])("guidance %d is sent as it is", (guidance) => {
    const { settings, notes } = fitting(grid, { guidance }, true)
    expect(settings["guidance"]).toBe(guidance)
    expect([notes.changes, notes.issues]).toEqual([[], []])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "7", null, {}, true])(
    "guidance %j is refused under both policies",
    (guidance) => {
      for (const strict of [false, true])
        for (const task of [grid, plain])
          expect(fitting(task, { guidance }, strict).notes.issues).toMatchObject([
            { code: "invalid_request", path: "guidance" },
          ])
    },
  )

  it.each([1, null, {}, [], true])(
    "style %j is refused, whether or not the model has styles",
    (style) => {
      for (const task of [grid, plain])
        expect(fitting(task, { style }).notes.issues).toMatchObject([
          { code: "invalid_request", path: "style" },
        ])
    },
  )

  it("the output format becomes one that the model writes", () => {
    expect(fitting(ratio, { outputFormat: "jpeg" }).settings).toEqual({ outputFormat: "jpeg" })
    expect(fitting(grid, { outputFormat: "jpeg" })).toMatchObject({
      settings: { outputFormat: "png" },
      notes: { changes: [{ action: "snapped" }] },
    })
    expect(fitting(grid, { outputFormat: "jpeg" }, true).notes.issues).toMatchObject([
      { code: "unsupported", path: "outputFormat" },
    ])
  })

  it("a tolerated value is never planned", () => {
    expect(fitting(ratio, { outputFormat: "webp" })).toMatchObject({
      settings: { outputFormat: "png" },
      notes: { changes: [{ field: "outputFormat", action: "snapped", from: "webp", to: "png" }] },
    })
  })

  it("what the model lacks is dropped and reported, and refused under strict", () => {
    const fields = { quality: "hd", guidance: 5, steps: 20, style: "photo", outputFormat: "png" }
    expect(fitting(plain, fields).settings).toEqual({})
    expect(
      fitting(plain, fields).notes.changes.map(({ field, action }) => `${field} ${action}`),
    ).toEqual(Object.keys(fields).map((field) => `${field} dropped`))
    expect(fitting(plain, fields, true).notes.issues.map(({ code }) => code)).toEqual(
      Array.from({ length: 5 }, () => "unsupported"),
    )
    expect(fitting(plain, { quality: "auto" }, true).notes.issues).toEqual([])
  })

  it("a style in the caller's own words goes to a model that takes words", () => {
    const free: TaskCard = { fields: { ...plain.fields, style: { kind: "text", max: 9 } } }
    expect(fitting(free, { style: "my own" }).settings).toEqual({ style: "my own" })
    expect(fitting(free, { style: "much too long" })).toMatchObject({
      settings: {},
      notes: { issues: [{ path: "style" }] },
    })
  })
})
