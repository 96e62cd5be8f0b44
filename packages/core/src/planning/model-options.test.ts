import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard, listCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import { runs } from "../__fixtures__/scale.ts"
import type { ModelCard } from "../contract/card.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import { createNotes, type Notes } from "./diagnostics.ts"
import { absorb } from "./model-options.ts"

const read = (card: ModelCard, options: unknown, request: JsonObject = {}) => {
  const notes: Notes = createNotes(false)
  const {
    task,
    fields,
    options: rest,
  } = absorb({ ...request, options } as unknown as ImageRequest & JsonObject, card, notes)
  return { task, fields, rest, notes }
}

const codes = ({ issues }: Notes): readonly string[] =>
  issues.map(({ code, path }) => `${code} ${path}`)

describe("options with a neutral twin", () => {
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
  ])("become it: case %#", (card, options, fields) => {
    const { notes, ...found } = read(card, options)
    expect(found).toEqual({ task: "text-to-image", fields, rest: {} })
    expect(notes.issues).toEqual([])
  })

  it("reach every wire field that the card places", () => {
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

  it("stay where they have none", () => {
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
  ])("may be given twice with one meaning: case %#", (card, request, options) => {
    const { notes, fields } = read(card, options, request)
    expect(notes.issues).toEqual([])
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
    "given twice with two meanings are refused, both named: case %#",
    (card, request, options, path, rival) => {
      const { issues } = read(card, options, request).notes
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
  ])(
    "that the model does not take exactly are refused, all at once: case %#",
    (card, options, expected) => {
      expect(codes(read(card, options).notes)).toEqual(expected)
    },
  )

  it.each([null, [], "text", 5, true])("that are %j are refused", (options) => {
    expect(codes(read(gridCard, options).notes)).toEqual(["invalid_request options"])
  })

  it("that no task has are refused with the nearest names", () => {
    const [issue] = read(gridCard, { config: { cfgscale: 5 } }).notes.issues
    expect(issue?.message).toContain("config.cfgScale")
    expect(issue?.nearest?.[0]).toBe("config.cfgScale")
  })

  it("tell a text by its length", () => {
    expect(read(gridCard, { config: { note: "canary".repeat(9) } }).notes.issues).toMatchObject([
      { given: "54 characters" },
    ])
    expect(
      JSON.stringify(
        read(weightedCard, { text_prompts: [{ text: "canary", extra: 1 }] }).notes.issues,
      ),
    ).not.toContain("canary")
  })

  it("read a tolerated value into its field, to be planned as another", () => {
    expect(read(ratioCard, { output_format: "webp" })).toMatchObject({
      fields: { outputFormat: "webp" },
      notes: { issues: [] },
    })
  })
})

describe("the task", () => {
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
  ])("%j with options %j is %s", (request, options, task, expected) => {
    const found = read(gridCard, options, request)
    expect(found.task).toBe(task)
    expect(codes(found.notes)).toEqual(expected)
  })

  it("is chosen by taskType where the model has no text-to-image", () => {
    const { "text-to-image": _, ...tasks } = gridCard.tasks
    expect(read({ ...gridCard, tasks }, { taskType: "ERASE" }).task).toBe("erase")
    expect(read({ ...gridCard, tasks }, {}).task).toBe("text-to-image")
  })

  it("is text-to-image where nothing tells it apart, in whatever order the card has its tasks", () => {
    const { "text-to-image": text, erase } = gridCard.tasks
    expect(
      read(
        { ...gridCard, tasks: { erase, "text-to-image": text } },
        { nonsense: 1, config: { count: 1 } },
      ).task,
    ).toBe("text-to-image")
  })
})

describe("hostile options", () => {
  const hostile = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"]

  it.each(hostile)("%s is an unknown field, at the top and below", (key) => {
    for (const card of [gridCard, ratioCard, weightedCard]) {
      const options = JSON.parse(`{ "${key}": { "polluted": true } }`) as JsonObject
      expect(codes(read(card, options).notes)).toEqual([`invalid_request options.${key}`])
      expect(JSON.stringify(read(card, options).notes.issues)).not.toContain("native code")
    }
    const below = JSON.parse(
      `{ "config": { "${key}": 5, "tuning": { "${key}": 1 } } }`,
    ) as JsonObject
    expect(codes(read(gridCard, below).notes)).toEqual([`invalid_request options.config.${key}`])
    expect(({} as JsonObject)["polluted"]).toBeUndefined()
  })

  it("never throw, and say nothing but JSON of what is left", () => {
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
    const options = fc.dictionary(key, fc.oneof(fc.anything(), fc.dictionary(key, fc.anything())))
    fc.assert(
      fc.property(
        fc.constantFrom<ModelCard>(gridCard, listCard, ratioCard, weightedCard),
        options,
        (card, given) => {
          const { rest } = read(card, given)
          expect(() => JSON.stringify(rest)).not.toThrow()
        },
      ),
      { seed: 20_261_120, numRuns: runs(10_000) },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
