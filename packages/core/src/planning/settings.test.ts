import { describe, expect, it } from "vitest"
import { apiClient, formCard } from "../__fixtures__/apis.ts"
import { errorOf } from "../__fixtures__/client.ts"
import { gridCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { createDiagnostics, type Diagnostics } from "./diagnostics.ts"
import { fitSettings } from "./settings.ts"

const grid: TaskCard = gridCard.tasks["text-to-image"]
const ratio: TaskCard = ratioCard.tasks["text-to-image"]
const plain: TaskCard = plainCard.tasks["text-to-image"]
const weighted: TaskCard = weightedCard.tasks["text-to-image"]

const fitting = (
  task: TaskCard,
  fields: JsonObject,
  strict = false,
): { readonly settings: JsonObject; readonly diagnostics: Diagnostics } => {
  const diagnostics = createDiagnostics(strict)
  return { settings: fitSettings(task, fields, diagnostics), diagnostics }
}

describe("fitSettings", () => {
  it("fills in the card's defaults", () => {
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
  ])("maps quality %s to %s without loss", (word, value) => {
    const { settings, diagnostics } = fitting(grid, { quality: word }, true)
    expect(settings["quality"]).toBe(value)
    expect(diagnostics.issues).toEqual([])
    expect(diagnostics.changes).toMatchObject(
      word === value ? [] : [{ field: "quality", action: "mapped", from: word, to: value }],
    )
  })

  it.each(["photo-realism", "Photo Realism", "PHOTOREALISM", "photo_realism"])(
    "matches style %s regardless of case and separators",
    (style) => {
      expect(fitting(grid, { style }, true).settings["style"]).toBe("PHOTO_REALISM")
    },
  )

  it("drops an unknown style and names the nearest", () => {
    const { settings, diagnostics } = fitting(grid, { style: "photo" })
    expect(settings).not.toHaveProperty("style")
    expect(diagnostics.changes).toMatchObject([
      {
        field: "style",
        action: "dropped",
        from: "photo",
        why: expect.stringContaining("PHOTO_REALISM"),
      },
    ])
    expect(fitting(grid, { style: "photo" }, true).diagnostics.issues).toMatchObject([
      { code: "unsupported", path: "style", given: "photo" },
    ])
  })

  it("applies quality words to quality only", () => {
    expect(
      fitting({ fields: { style: { kind: "enum", values: ["premium"] } } }, { style: "hd" })
        .settings,
    ).toEqual({})
  })

  it.each([
    [["low", "medium", "high"], "standard", "medium"],
    [["low", "medium", "high"], "hd", "high"],
    [["low", "medium", "high"], "xhigh", "high"],
    [["low", "medium", "high"], "max", "high"],
    [["low", "high"], "medium", "low"],
    [["medium", "xhigh"], "high", "medium"],
    [["high", "max"], "xhigh", "high"],
    [["auto", "high"], "low", "auto"],
    [["auto", "medium"], "standard", "medium"],
    [["Premium"], "low", "Premium"],
  ])("of the qualities %j takes %s as %s, the nearest", (values, word, value) => {
    const task: TaskCard = { fields: { quality: { kind: "enum", values } } }
    const { settings, diagnostics } = fitting(task, { quality: word }, true)
    expect(settings).toEqual({ quality: value })
    expect(diagnostics.changes).toMatchObject([{ action: "mapped", from: word, to: value }])
  })

  it("plans no quality that leaves the price open", async () => {
    const { planOf } = apiClient()
    const plan = await planOf("form", { quality: "auto" })
    expect(plan.resolved.quality).toBe("medium")
    expect(plan.estimate.microUsd).toBe(20_000)
    const own = await planOf("form", { options: { quality: "auto" } })
    expect(own.calls[0]?.body["quality"]).toBe("medium")
  })

  it("prefers the card's synonyms to common words", () => {
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
    "treats the word %s as unknown",
    (word) => {
      const task: TaskCard = {
        fields: { quality: { kind: "enum", values: ["standard"], synonyms: { one: "standard" } } },
      }
      expect(fitting(task, { quality: word }).settings).toEqual({})
      expect(fitting(grid, { quality: word }).diagnostics.changes).toMatchObject([
        { field: "quality", action: "dropped", to: "standard" },
      ])
    },
  )

  it("replaces an unknown quality by the default, as a loss", () => {
    expect(fitting(grid, { quality: "ultra" })).toMatchObject({
      settings: { quality: "standard" },
      diagnostics: { changes: [{ action: "dropped" }] },
    })
    expect(fitting(grid, { quality: "ultra" }, true).diagnostics.issues).toMatchObject([
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
  ] as const)("fits a number to the card: case %#", (task, field, from, to, action) => {
    const { settings, diagnostics } = fitting(task, { [field]: from })
    expect(settings[field]).toBe(to)
    expect(diagnostics.changes).toMatchObject([{ field, action, from, to }])
    expect(fitting(task, { [field]: from }, true).diagnostics.issues).toMatchObject(
      action === "mapped" ? [] : [{ code: "unsupported", path: field, given: from }],
    )
  })

  it.each([1.1, 10, 6.5, 7.123_457])("sends guidance %d unchanged", (guidance) => {
    const { settings, diagnostics } = fitting(grid, { guidance }, true)
    expect(settings["guidance"]).toBe(guidance)
    expect([diagnostics.changes, diagnostics.issues]).toEqual([[], []])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, "7", null, {}, true])(
    "rejects guidance %j under both policies",
    (guidance) => {
      for (const strict of [false, true])
        for (const task of [grid, plain])
          expect(fitting(task, { guidance }, strict).diagnostics.issues).toMatchObject([
            { code: "invalid_request", path: "guidance" },
          ])
    },
  )

  it.each([1, null, {}, [], true])(
    "rejects style %j whether or not the model has styles",
    (style) => {
      for (const task of [grid, plain])
        expect(fitting(task, { style }).diagnostics.issues).toMatchObject([
          { code: "invalid_request", path: "style" },
        ])
    },
  )

  it("snaps an output format that the model lacks", () => {
    expect(fitting(ratio, { outputFormat: "jpeg" }).settings).toEqual({ outputFormat: "jpeg" })
    expect(fitting(grid, { outputFormat: "jpeg" })).toMatchObject({
      settings: { outputFormat: "png" },
      diagnostics: { changes: [{ action: "snapped" }] },
    })
    expect(fitting(grid, { outputFormat: "jpeg" }, true).diagnostics.issues).toMatchObject([
      { code: "unsupported", path: "outputFormat" },
    ])
  })

  it("never plans a tolerated value", () => {
    expect(fitting(ratio, { outputFormat: "webp" })).toMatchObject({
      settings: { outputFormat: "png" },
      diagnostics: {
        changes: [{ field: "outputFormat", action: "snapped", from: "webp", to: "png" }],
      },
    })
  })

  it("drops a setting that the model lacks, and rejects it under strict", () => {
    const fields = { quality: "hd", guidance: 5, steps: 20, style: "photo", outputFormat: "png" }
    expect(fitting(plain, fields).settings).toEqual({})
    expect(
      fitting(plain, fields).diagnostics.changes.map(({ field, action }) => `${field} ${action}`),
    ).toEqual(Object.keys(fields).map((field) => `${field} dropped`))
    expect(fitting(plain, fields, true).diagnostics.issues.map(({ code }) => code)).toEqual(
      Array.from({ length: 5 }, () => "unsupported"),
    )
    expect(fitting(plain, { quality: "auto" }, true).diagnostics.issues).toEqual([])
  })

  it.each([
    ["background", "auto"],
    ["moderation", "auto"],
    ["partialImages", 0],
  ])("says nothing of %s %j, which loses nothing", (field, value) => {
    expect(fitting(plain, { [field]: value }, true).diagnostics.issues).toEqual([])
  })

  it.each([
    ["background", "opaque"],
    ["moderation", "low"],
    ["compression", 0],
    ["partialImages", 2],
  ])("drops %s %j where the model lacks it", (field, value) => {
    expect(fitting(plain, { [field]: value }).diagnostics.changes).toMatchObject([
      { field, action: "dropped", from: value },
    ])
  })

  it.each([
    ["background", "green"],
    ["moderation", "off"],
    ["compression", 101],
    ["compression", -1],
    ["compression", "80"],
    ["partialImages", 1.5],
    ["partialImages", -1],
  ])("rejects %s %j on every model", (field, value) => {
    for (const task of [plain, formCard.tasks["text-to-image"]])
      expect(fitting(task, { [field]: value })).toMatchObject({
        settings: expect.not.objectContaining({ [field]: value }),
        diagnostics: { issues: [{ code: "invalid_request", path: field }] },
      })
  })

  it("clamps partial images to the model's number", () => {
    const { settings, diagnostics } = fitting(formCard.tasks["text-to-image"], { partialImages: 9 })
    expect(settings["partialImages"]).toBe(3)
    expect(diagnostics.changes).toMatchObject([{ action: "clamped", from: 9, to: 3 }])
  })

  it.each(["adapt", "strict"])(
    "rejects a transparent background under %s and names the models that have it",
    async (policy) => {
      const { planOf } = apiClient()
      const error = await errorOf(planOf("parts", { background: "transparent", policy }))
      expect(error).toMatchObject({ code: "unsupported", issues: [{ path: "background" }] })
      expect(error.message).toContain("This model has it: acme.form-v1.")
    },
  )

  it("sends partial images with the value that they imply", async () => {
    const { planOf } = apiClient()
    expect((await planOf("form", { partialImages: 2 })).calls[0]?.body).toMatchObject({
      partial_images: 2,
      stream: true,
    })
    expect((await planOf("form", {})).calls[0]?.body).not.toHaveProperty("stream")
  })

  it("passes a free text style to a model that takes texts", () => {
    const free: TaskCard = { fields: { ...plain.fields, style: { kind: "text", max: 9 } } }
    expect(fitting(free, { style: "my own" }).settings).toEqual({ style: "my own" })
    expect(fitting(free, { style: "much too long" })).toMatchObject({
      settings: {},
      diagnostics: { issues: [{ path: "style" }] },
    })
  })
})
