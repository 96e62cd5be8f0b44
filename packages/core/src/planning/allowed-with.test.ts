import { describe, expect, it } from "vitest"
import { apiClient, formCard } from "../__fixtures__/apis.ts"
import { errorOf } from "../__fixtures__/client.ts"
import type { TaskCard } from "../contract/card.ts"
import type { ImageError } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import { createDiagnostics } from "./diagnostics.ts"
import { fitSettings } from "./settings.ts"

const form: TaskCard = formCard.tasks["text-to-image"]

const fitted = (fields: JsonObject, options: JsonObject = {}, task = form) => {
  const diagnostics = createDiagnostics(false)
  const { quality: _, ...settings } = fitSettings(task, fields, diagnostics, options)
  return { settings, changes: diagnostics.changes, issues: diagnostics.issues }
}

describe("settings with conditions", () => {
  it.each<readonly [string, JsonObject, JsonObject]>([
    ["the default format stays", {}, { outputFormat: "png" }],
    [
      "a default format gives way to a requested compression",
      { compression: 40 },
      { compression: 40, outputFormat: "jpeg" },
    ],
    [
      "a default format that is allowed stays",
      { background: "transparent" },
      { background: "transparent", outputFormat: "png" },
    ],
    [
      "a requested value without a condition changes nothing",
      { background: "opaque", outputFormat: "jpeg" },
      { background: "opaque", outputFormat: "jpeg" },
    ],
    [
      "a requested format that is allowed stays",
      { compression: 0, outputFormat: "webp" },
      { compression: 0, outputFormat: "webp" },
    ],
    [
      "a default format meets two conditions",
      { compression: 40, background: "transparent" },
      { compression: 40, background: "transparent", outputFormat: "webp" },
    ],
  ])("%s", (_, fields, expected) => {
    expect(fitted(fields)).toEqual({ settings: expected, changes: [], issues: [] })
  })

  it.each([false, true])(
    "a setting that changes twice is reported once (strict: %s)",
    (isStrict) => {
      const { outputFormat } = form.fields
      const words = { ...outputFormat, values: ["png", "jpeg"], default: undefined }
      const task = {
        ...form,
        fields: { ...form.fields, outputFormat: words },
      } as unknown as TaskCard
      const diagnostics = createDiagnostics(isStrict)
      const fields = { style: "ink", outputFormat: "gif", guidance: 7, compression: 40 }
      fitSettings(task, fields, diagnostics)
      const { changes, issues } = diagnostics
      expect([...changes.map(({ field }) => field), ...issues.map(({ path }) => path)]).toEqual([
        "guidance",
        "style",
        "outputFormat",
      ])
      expect(changes.at(-1)).toEqual(
        isStrict
          ? undefined
          : {
              field: "outputFormat",
              action: "snapped",
              from: "gif",
              to: "jpeg",
              why: "other settings exclude it",
            },
      )
    },
  )

  it.each<readonly [JsonObject, string]>([
    [{ compression: 40, outputFormat: "png" }, "jpeg"],
    [{ background: "transparent", outputFormat: "jpeg" }, "png"],
    [{ background: "transparent", compression: 40, outputFormat: "jpeg" }, "webp"],
  ])("of two requested settings the format gives way: %j", (fields, to) => {
    const { settings, changes } = fitted(fields)
    expect(settings).toEqual({ ...fields, outputFormat: to })
    expect(changes).toEqual([
      {
        field: "outputFormat",
        action: "snapped",
        from: fields["outputFormat"],
        to,
        why: expect.stringMatching(/ needs outputFormat /),
      },
    ])
  })

  it("a default gives way to a requested setting", () => {
    const { compression } = form.fields
    const task = { fields: { ...form.fields, compression: { ...compression, default: 80 } } }
    expect(fitted({ outputFormat: "png" }, {}, task as TaskCard)).toEqual({
      settings: { outputFormat: "png" },
      changes: [],
      issues: [],
    })
    expect(fitted({ outputFormat: "webp" }, {}, task as TaskCard).settings).toEqual({
      outputFormat: "webp",
      compression: 80,
    })
  })

  it("of two requested settings the later one is dropped where no format is free", () => {
    const task: TaskCard = {
      fields: {
        moderation: { kind: "enum", values: ["auto", "low"] },
        partialImages: {
          kind: "range",
          min: 0,
          max: 3,
          allowedWith: { moderation: ["auto"] },
        },
      },
    }
    const { settings, changes } = fitted({ moderation: "low", partialImages: 2 }, {}, task)
    expect(settings).toEqual({ moderation: "low" })
    expect(changes).toMatchObject([
      { field: "partialImages", action: "dropped", why: "partialImages needs moderation auto" },
    ])
    expect(fitted({ partialImages: 2 }, {}, task).settings).toEqual({
      moderation: "auto",
      partialImages: 2,
    })
  })

  it("an option of the model brings the format that it needs", () => {
    expect(fitted({ n: 1 }, { frames: 4 })).toEqual({
      settings: { outputFormat: "webp" },
      changes: [],
      issues: [],
    })
    expect(fitted({ outputFormat: "png" }, { frames: 4 }).changes).toMatchObject([
      { field: "outputFormat", from: "png", to: "webp" },
    ])
  })

  it("an option of the model is rejected where it cannot be used", () => {
    expect(fitted({ n: 3 }, { frames: 4 }).issues).toMatchObject([
      { code: "invalid_request", path: "options.frames", message: expect.stringContaining("n 1") },
    ])
  })

  it("a transparent background is never dropped", () => {
    const task: TaskCard = {
      fields: {
        background: {
          kind: "enum",
          values: ["transparent"],
          valuesAllowedWith: { transparent: { n: [1] } },
        },
      },
    }
    expect(fitted({ n: 2, background: "transparent" }, {}, task).issues).toMatchObject([
      { code: "unsupported", path: "background" },
    ])
  })

  it("a change of the format is rejected under strict", async () => {
    const { planOf } = apiClient()
    const error = await errorOf(
      planOf("form", { compression: 40, outputFormat: "png", policy: "strict" }),
    )
    expect((error as ImageError).issues).toMatchObject([
      { code: "unsupported", path: "outputFormat", given: "png" },
    ])
  })
})
