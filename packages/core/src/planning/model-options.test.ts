import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import { runs } from "../__fixtures__/scale.ts"
import type { ModelCard } from "../contract/card.ts"
import type { JsonObject, Task } from "../contract/request.ts"
import { createDiagnostics, type Diagnostics } from "./diagnostics.ts"
import { absorbOptions } from "./model-options.ts"

const read = (card: ModelCard, given: unknown, request: JsonObject = {}) => {
  const diagnostics = createDiagnostics(false)
  const { task: requested, ...fields } = request
  const {
    hasModelMask: _,
    options,
    ...absorbed
  } = absorbOptions(given, requested as Task | undefined, fields, card, diagnostics)
  return { ...absorbed, rest: options, diagnostics }
}

/** Is it JSON without a loss? Undefined fields count as absent. */
const isJson = (value: unknown): boolean => {
  if (typeof value === "object" && value !== null) return Object.values(value).every(isJson)
  return ["string", "boolean", "undefined"].includes(typeof value) || value === null
    ? true
    : Number.isFinite(value)
}

const codes = ({ issues }: Diagnostics): readonly string[] =>
  issues.map(({ code, path }) => `${code} ${path}`)

describe("absorbOptions", () => {
  it.each<readonly [ModelCard, JsonObject, JsonObject]>([
    [gridCard, { taskType: "TEXT", textParams: { text: "a" } }, { prompt: "a" }],
    [gridCard, { textParams: { negativeText: "b" } }, { negativePrompt: "b" }],
    [gridCard, { textParams: { style: "LINE_ART" } }, { style: "LINE_ART" }],
    [gridCard, { config: { count: 3 } }, { n: 3 }],
    [gridCard, { config: { quality: "premium" } }, { quality: "premium" }],
    [gridCard, { config: { cfgScale: 3.2 } }, { guidance: 3.2 }],
    [gridCard, { config: { width: 1280, height: 720 } }, { size: "1280x720" }],
    [gridCard, { config: { seed: 2_147_483_646 } }, { seed: 2_147_483_646 }],
    [listCard, { width: 512, height: 512 }, { size: "512x512" }],
    [
      ratioCard,
      { mode: "text", aspect_ratio: "16:9", output_format: "jpeg" },
      { aspectRatio: "16:9", outputFormat: "jpeg" },
    ],
    [
      weightedCard,
      { text_prompts: [{ text: "a", weight: 2 }] },
      { prompts: [{ text: "a", weight: 2 }] },
    ],
    [
      weightedCard,
      { cfg_scale: 0, steps: 60, samples: 1, style_preset: "3d-model" },
      { guidance: 0, steps: 60, n: 1, style: "3d-model" },
    ],
    [gridCard, { config: {} }, {}],
    [gridCard, { config: { seed: undefined } }, {}],
  ])("moves an option with a neutral twin to its field: case %#", (card, options, fields) => {
    const { diagnostics, ...found } = read(card, options)
    expect(found).toEqual({ task: "text-to-image", fields, rest: {} })
    expect(diagnostics.issues).toEqual([])
  })

  it("covers every field with a body path", () => {
    const fields = gridCard.tasks["text-to-image"].fields
    const values = {
      "textParams.text": "a",
      "textParams.negativeText": "b",
      "textParams.style": "LINE_ART",
    } as JsonObject
    const config = { count: 2, quality: "premium", cfgScale: 2, width: 512, height: 512, seed: 1 }
    const { fields: absorbed } = read(gridCard, {
      textParams: { text: "a", negativeText: "b", style: "LINE_ART" },
      config,
    })
    const placed = Object.entries(fields).flatMap(([name, parameter]) =>
      "path" in parameter ? [name] : [],
    )
    expect(Object.keys(values)).toHaveLength(3)
    expect(Object.keys(absorbed).toSorted()).toEqual(placed.toSorted())
  })

  it("keeps options without a neutral twin by body path", () => {
    expect(read(gridCard, { config: { tuning: { deep: [1, null] }, note: "x" } }).rest).toEqual({
      "config.tuning": { deep: [1, null] },
      "config.note": "x",
    })
    expect(read(ratioCard, { preset: "bold" }).rest).toEqual({ preset: "bold" })
    expect(read(ratioCard, { preset: "wild" }).rest).toEqual({ preset: "wild" })
  })

  it.each<readonly [ModelCard, JsonObject, JsonObject]>([
    [gridCard, { n: 3 }, { config: { count: 3 } }],
    [gridCard, { quality: "hd" }, { config: { quality: "premium" } }],
    [gridCard, { size: "512x512" }, { config: { width: 512, height: 512 } }],
    [gridCard, { prompt: "a", seed: 0 }, { textParams: { text: "a" }, config: { seed: 0 } }],
    [weightedCard, { prompts: [{ text: "a" }] }, { text_prompts: [{ text: "a" }] }],
    [
      weightedCard,
      { prompt: "a", negativePrompt: "b" },
      {
        text_prompts: [
          { text: "a", weight: 1 },
          { text: "b", weight: -1 },
        ],
      },
    ],
  ])("accepts the same value given twice: case %#", (card, request, options) => {
    const { diagnostics, fields } = read(card, options, request)
    expect(diagnostics.issues).toEqual([])
    expect(fields).toEqual(request)
  })

  it.each<readonly [ModelCard, JsonObject, JsonObject, string, string]>([
    [gridCard, { n: 3 }, { config: { count: 4 } }, "options.config.count", "n"],
    [
      gridCard,
      { quality: "hd" },
      { config: { quality: "standard" } },
      "options.config.quality",
      "quality",
    ],
    [
      gridCard,
      { size: "512x512" },
      { config: { width: 512, height: 768 } },
      "options.config.width",
      "size",
    ],
    [
      gridCard,
      { aspectRatio: "1:1" },
      { config: { width: 512, height: 512 } },
      "options.config.width",
      "aspectRatio",
    ],
    [ratioCard, { size: "512x512" }, { aspect_ratio: "1:1" }, "options.aspect_ratio", "size"],
    [gridCard, { prompt: "a" }, { textParams: { text: "b" } }, "options.textParams.text", "prompt"],
    [
      gridCard,
      { prompts: [{ text: "a" }] },
      { textParams: { text: "a" } },
      "options.textParams.text",
      "prompts",
    ],
    [gridCard, { seed: 1 }, { config: { seed: 2 } }, "options.config.seed", "seed"],
    [
      weightedCard,
      { prompt: "a" },
      { text_prompts: [{ text: "b" }] },
      "options.text_prompts",
      "prompt",
    ],
    [
      weightedCard,
      { negativePrompt: "a" },
      { text_prompts: [{ text: "b" }] },
      "options.text_prompts",
      "negativePrompt",
    ],
    [
      weightedCard,
      { prompts: "a" },
      { text_prompts: [{ text: "a" }] },
      "options.text_prompts",
      "prompts",
    ],
    [
      gridCard,
      { guidance: null },
      { config: { cfgScale: 2 } },
      "options.config.cfgScale",
      "guidance",
    ],
  ])(
    "rejects two different values and names both: case %#",
    (card, request, options, path, rival) => {
      const { issues } = read(card, options, request).diagnostics
      expect(issues).toMatchObject([{ code: "invalid_request", path }])
      expect(issues[0]?.message).toContain(`${rival} and ${path}`)
    },
  )

  it.each<readonly [ModelCard, JsonObject, readonly string[]]>([
    [gridCard, { config: { count: 6 } }, ["invalid_request options.config.count"]],
    [gridCard, { config: { count: 0 } }, ["invalid_request options.config.count"]],
    [gridCard, { config: { cfgScale: 11 } }, ["invalid_request options.config.cfgScale"]],
    [gridCard, { config: { cfgScale: Number.NaN } }, ["invalid_request options.config.cfgScale"]],
    [gridCard, { config: { cfgScale: "7" } }, ["invalid_request options.config.cfgScale"]],
    [gridCard, { config: { quality: "hd" } }, ["invalid_request options.config.quality"]],
    [gridCard, { config: { width: 512 } }, ["invalid_request options.config.height"]],
    [gridCard, { config: { height: 512 } }, ["invalid_request options.config.width"]],
    [gridCard, { config: { width: 1000, height: 1000 } }, ["invalid_request options.config.width"]],
    [
      gridCard,
      { config: { width: "512", height: "512" } },
      ["invalid_request options.config.width"],
    ],
    [gridCard, { config: { width: [512], height: 512 } }, ["invalid_request options.config.width"]],
    [gridCard, { config: { seed: -1 } }, ["invalid_request options.config.seed"]],
    [gridCard, { config: { tuning: 5 } }, ["invalid_request options.config.tuning"]],
    [
      gridCard,
      { config: { tuning: { a: Number.NaN } } },
      ["invalid_request options.config.tuning"],
    ],
    [gridCard, { config: { tuning: { a: () => 1 } } }, ["invalid_request options.config.tuning"]],
    [gridCard, { config: { note: "x".repeat(21) } }, ["invalid_request options.config.note"]],
    [gridCard, { config: { cfgscale: 5 } }, ["invalid_request options.config.cfgscale"]],
    [gridCard, { config: 5 }, ["invalid_request options.config"]],
    [
      gridCard,
      { config: null, textParams: [] },
      ["invalid_request options.config", "invalid_request options.textParams"],
    ],
    [gridCard, { "config.cfgScale": 5 }, ['invalid_request options."config.cfgScale"']],
    [weightedCard, { text_prompts: [] }, ["invalid_request options.text_prompts"]],
    [ratioCard, { mode: "image" }, ["unsupported options.mode"]],
    [
      ratioCard,
      { preset: "loud", nonsense: 1 },
      ["invalid_request options.preset", "invalid_request options.nonsense"],
    ],
  ])("rejects all wrong options at once: case %#", (card, options, expected) => {
    expect(codes(read(card, options).diagnostics)).toEqual(expected)
  })

  it.each([null, [], "text", 5, true])("rejects options that are %j", (options) => {
    expect(codes(read(gridCard, options).diagnostics)).toEqual(["invalid_request options"])
  })

  it("names the nearest options when one is unknown", () => {
    const [issue] = read(gridCard, { config: { cfgscale: 5 } }).diagnostics.issues
    expect(issue?.message).toContain("config.cfgScale")
    expect(issue?.nearest?.[0]).toBe("config.cfgScale")
  })

  it("repeats no text, only its length", () => {
    expect(
      read(gridCard, { config: { note: "canary".repeat(9) } }).diagnostics.issues,
    ).toMatchObject([{ given: "54 characters" }])
    expect(
      JSON.stringify(
        read(weightedCard, { text_prompts: [{ text: "canary", extra: 1 }] }).diagnostics.issues,
      ),
    ).not.toContain("canary")
  })

  it("accepts a tolerated value", () => {
    expect(read(ratioCard, { output_format: "webp" })).toMatchObject({
      fields: { outputFormat: "webp" },
      diagnostics: { issues: [] },
    })
  })
})

describe("the task of absorbOptions", () => {
  it.each<readonly [JsonObject, JsonObject, string, readonly string[]]>([
    [{}, { taskType: "ERASE" }, "erase", []],
    [{}, { eraseParams: { text: "a" } }, "erase", []],
    [{ task: "erase" }, { taskType: "ERASE" }, "erase", []],
    [{ task: "text-to-image" }, { taskType: "TEXT" }, "text-to-image", []],
    [
      { task: "text-to-image" },
      { taskType: "ERASE" },
      "text-to-image",
      ["invalid_request options.taskType"],
    ],
    [{ task: "erase" }, { taskType: "TEXT" }, "erase", ["invalid_request options.taskType"]],
    [{}, { taskType: "PAINT" }, "text-to-image", ["unsupported options.taskType"]],
    [{}, { nonsense: 1 }, "text-to-image", ["invalid_request options.nonsense"]],
    [
      { task: "text-to-image" },
      { eraseParams: { text: "a" } },
      "text-to-image",
      ["unsupported options.eraseParams.text"],
    ],
    [{ task: "upscale" }, {}, "upscale", []],
  ])("of %j with options %j is %s", (request, options, task, expected) => {
    const found = read(gridCard, options, request)
    expect(found.task).toBe(task)
    expect(codes(found.diagnostics)).toEqual(expected)
  })

  it("follows a constant when the model has no text-to-image", () => {
    const { "text-to-image": _, ...tasks } = gridCard.tasks
    expect(read({ ...gridCard, tasks }, { taskType: "ERASE" }).task).toBe("erase")
    expect(read({ ...gridCard, tasks }, {}).task).toBe("text-to-image")
  })

  it("is text-to-image when the options fit several tasks, in any order of the card", () => {
    const { "text-to-image": text, erase } = gridCard.tasks
    expect(
      read(
        { ...gridCard, tasks: { erase, "text-to-image": text } },
        { nonsense: 1, config: { count: 1 } },
      ).task,
    ).toBe("text-to-image")
  })
})

describe("absorbOptions with hostile options", () => {
  const hostile = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"]

  it.each(hostile)("rejects %s at every level", (key) => {
    for (const card of [gridCard, ratioCard, weightedCard]) {
      const options = JSON.parse(`{ "${key}": { "polluted": true } }`) as JsonObject
      expect(codes(read(card, options).diagnostics)).toEqual([`invalid_request options.${key}`])
      expect(JSON.stringify(read(card, options).diagnostics.issues)).not.toContain("native code")
    }
    const below = JSON.parse(
      `{ "config": { "${key}": 5, "tuning": { "${key}": 1 } } }`,
    ) as JsonObject
    expect(codes(read(gridCard, below).diagnostics)).toEqual([
      `invalid_request options.config.${key}`,
    ])
    expect(({} as JsonObject)["polluted"]).toBeUndefined()
  })

  it("never throws and keeps only JSON", () => {
    const key = fc.constantFrom(
      "config",
      "textParams",
      "text",
      "count",
      "taskType",
      "width",
      "height",
      "a.b",
      ...hostile,
    )
    const anything = fc.anything({ withBigInt: true, withDate: true, withSparseArray: true })
    const config = fc.record({ tuning: anything, note: anything }, { requiredKeys: [] })
    const options = fc.dictionary(key, fc.oneof(anything, fc.dictionary(key, anything), config))
    fc.assert(
      fc.property(
        fc.constantFrom<ModelCard>(gridCard, listCard, ratioCard, weightedCard),
        options,
        (card, given) => {
          const { rest } = read(card, given)
          expect(isJson(rest)).toBe(true)
          expect(() => JSON.stringify(rest)).not.toThrow()
        },
      ),
      { seed: 20_261_120, numRuns: runs(10_000) },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
