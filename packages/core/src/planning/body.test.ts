import { describe, expect, it } from "vitest"
import { darkCard, lightCard } from "../__fixtures__/editors.ts"
import { gridCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import { place } from "../lib/object.ts"
import { toBody, weightedTexts } from "./body.ts"
import { leavesOf } from "./card-fields.ts"

const task = "text-to-image"

describe("toBody", () => {
  it("places every value and nothing else", () => {
    const fields = {
      prompt: "a",
      negativePrompt: "b",
      size: { width: 512, height: 320 },
      quality: "premium",
      guidance: 2,
      outputFormat: "png",
    }
    expect(
      toBody({
        card: gridCard,
        modelId: "m",
        task,
        fields,
        options: { "config.note": "x" },
        count: 2,
        seed: 0,
      }),
    ).toEqual({
      taskType: "TEXT",
      textParams: { text: "a", negativeText: "b" },
      config: {
        count: 2,
        quality: "premium",
        cfgScale: 2,
        width: 512,
        height: 320,
        seed: 0,
        note: "x",
      },
    })
  })

  it("has no seed when none was planned", () => {
    expect(
      toBody({
        card: ratioCard,
        modelId: "m",
        task,
        fields: { prompt: "a" },
        options: {},
        count: 1,
      }),
    ).toEqual({ mode: "text", prompt: "a" })
    expect(
      toBody({
        card: plainCard,
        modelId: "m",
        task,
        fields: { prompt: "a" },
        options: {},
        count: 1,
        seed: 5,
      }),
    ).toEqual({ prompt: "a" })
  })

  it("lists the prompt, the weighted prompts, and the negative prompt last", () => {
    const fields = { prompt: "a", prompts: [{ text: "b", weight: 0.5 }], negativePrompt: "c" }
    const texts = [{ text: "a" }, { text: "b", weight: 0.5 }, { text: "c", weight: -1 }]
    expect(weightedTexts(fields)).toEqual(texts)
    expect(
      toBody({ card: weightedCard, modelId: "m", task, fields, options: {}, count: 1, seed: 1 }),
    ).toEqual({
      text_prompts: texts,
      samples: 1,
      seed: 1,
    })
  })

  it("has images as base64, numbers on the model's scale, and the parts of objects at their own paths", () => {
    const image = (base64: string) => ({
      base64,
      sha256: "0",
      mediaType: "image/png",
      width: 1,
      height: 1,
      byteLength: 1,
    })
    const draft = { card: darkCard, modelId: "m", options: {}, count: 2, seed: 7 } as const
    const shared = { config: { count: 2, seed: 7 } }
    expect(
      toBody({
        ...draft,
        task: "image-to-image",
        fields: { images: [image("one"), image("two")], strength: 0.1 },
      }),
    ).toEqual({
      ...shared,
      taskType: "VARY",
      vary: { images: ["one", "two"], similarity: 0.9 },
    })
    expect(
      toBody({
        ...draft,
        task: "inpaint",
        fields: { image: image("one"), mask: image("two"), maskPrompt: "a" },
      }),
    ).toEqual({
      ...shared,
      taskType: "IN",
      in: { image: "one", maskImage: "two", maskPrompt: "a" },
    })
    const garment = { class: "SHOES", preserve: { pose: "ON" } }
    expect(
      toBody({
        ...draft,
        task: "virtual-try-on",
        fields: { image: image("one"), garment },
      }),
    ).toEqual({
      ...shared,
      taskType: "TRY",
      try: { source: "one", class: "SHOES", keep: { pose: "ON" } },
    })
    expect(
      toBody({
        ...draft,
        card: lightCard,
        task: "outpaint",
        fields: { margins: { left: 0, down: 8 } },
      }),
    ).toEqual({ left: 0, down: 8, seed: 7 })
    expect(toBody({ ...draft, task: "outpaint", fields: { margins: { left: 9 } } })).toEqual({
      ...shared,
      taskType: "OUT",
    })
  })

  it("is empty when the card lacks the task", () => {
    expect(
      toBody({
        card: plainCard,
        modelId: "m",
        task: "erase",
        fields: { prompt: "a" },
        options: {},
        count: 1,
      }),
    ).toEqual({})
  })
})

describe("place and leavesOf", () => {
  it("create objects on the way", () => {
    const body: Record<string, unknown> = { a: { b: 1 } }
    place(body, "a.c.d", 2)
    place(body, "e", 3)
    expect(body).toEqual({ a: { b: 1, c: { d: 2 } }, e: 3 })
  })

  it("stop at known paths", () => {
    expect(
      leavesOf({ a: { b: 1, c: { d: 2 }, x: undefined }, e: [3], f: {} }, ["a.b", "a.c", "e"]),
    ).toEqual([
      ["a.b", 1],
      ["a.c", { d: 2 }],
      ["e", [3]],
      ["f", {}],
    ])
  })

  it("do not take a key for a path", () => {
    expect(leavesOf({ "a.b": 1, a: { b: 2 } }, ["a.b"])).toEqual([
      ['"a.b"', 1],
      ["a.b", 2],
    ])
  })
})
