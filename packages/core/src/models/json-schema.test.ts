import { describe, expect, it } from "vitest"
import { formCard, partsCard, placesCard } from "../__fixtures__/apis.ts"
import { gridCard, listCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import { toJsonSchema } from "./json-schema.ts"

const properties = (task: TaskCard): unknown => toJsonSchema(task)["properties"]

describe("toJsonSchema", () => {
  it("has every neutral parameter with its range and default", () => {
    expect(toJsonSchema(gridCard.tasks["text-to-image"])).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        prompt: { type: "string", minLength: 1, maxLength: 1024 },
        negativePrompt: { type: "string", minLength: 1, maxLength: 1024 },
        style: { type: "string", enum: ["PHOTO_REALISM", "LINE_ART"] },
        n: { type: "integer", minimum: 1 },
        quality: { type: "string", enum: ["standard", "premium"], default: "standard" },
        guidance: { type: "number", minimum: 1.1, maximum: 10, default: 6.5 },
        size: { type: "string", pattern: "^[1-9][0-9]*x[1-9][0-9]*$", default: "1024x1024" },
        seed: { type: "integer", minimum: 0, maximum: 2_147_483_646 },
        outputFormat: { type: "string", enum: ["png"], default: "png" },
      },
      required: ["prompt"],
    })
  })

  it("has lists of sizes and ratios", () => {
    expect(properties(listCard.tasks["text-to-image"])).toMatchObject({
      size: { enum: expect.arrayContaining(["512x512"]) },
    })
    expect(properties(ratioCard.tasks["text-to-image"])).toMatchObject({
      aspectRatio: { enum: ["1:1", "16:9", "21:9", "2:3", "3:2", "9:16"], default: "1:1" },
    })
  })

  it("has tiers, conditions' settings, and texts with a default, which may be absent", () => {
    expect(properties(partsCard.tasks["text-to-image"])).toMatchObject({
      size: { type: "string", enum: ["512", "1K", "2K"], default: "1K" },
      aspectRatio: { enum: ["auto", "1:1", "16:9", "3:2"], default: "auto" },
    })
    expect(properties(formCard.tasks["text-to-image"])).toMatchObject({
      background: { type: "string", enum: ["transparent", "opaque", "auto"] },
      compression: { type: "integer", minimum: 0, maximum: 100 },
      moderation: { type: "string", enum: ["auto", "low"] },
      partialImages: { type: "integer", minimum: 0, maximum: 3 },
    })
    const tryOn = toJsonSchema(placesCard.tasks["virtual-try-on"])
    expect(tryOn["required"]).toEqual(["image", "referenceImage"])
  })

  it("gives a model of weighted prompts an optional prompt", () => {
    const task = weightedCard.tasks["text-to-image"]
    const text = { type: "string", minLength: 0, maxLength: 2000 }
    expect(properties(task)).toMatchObject({
      prompt: text,
      negativePrompt: text,
      prompts: {
        type: "array",
        minItems: 1,
        items: {
          required: ["text"],
          properties: { text: { maxLength: 2000 }, weight: { type: "number" } },
        },
      },
      steps: { type: "integer", minimum: 10, maximum: 150, default: 30 },
    })
    expect(toJsonSchema(task)["required"]).toEqual([])
  })

  it("has neutral numbers and defaults", () => {
    const strength = { kind: "range", min: 0.2, max: 1, default: 0.7, inverted: true } as const
    expect(properties({ fields: { strength } })).toEqual({
      strength: { type: "number", minimum: 0, maximum: 0.8, default: 0.3 },
    })
  })

  it("has images, lists and colours", () => {
    const limits = { types: ["image/png"] }
    expect(
      properties({
        fields: {
          images: { kind: "images", max: 5, limits },
          mask: { kind: "mask", change: "black", limits },
        },
      }),
    ).toEqual({
      images: {
        type: "array",
        minItems: 1,
        maxItems: 5,
        items: { type: "string", contentEncoding: "base64" },
      },
      mask: { type: "string", contentEncoding: "base64" },
    })
    expect(properties({ fields: { colors: { kind: "colors", max: 10 } } })).toMatchObject({
      colors: { maxItems: 10, items: { pattern: "^#[0-9A-Fa-f]{6}$" } },
    })
  })

  it("has nested objects", () => {
    const side = { kind: "range", integer: true, min: 0, max: 400, default: 0 } as const
    const words = { kind: "enum", values: ["ON", "OFF"] } as const
    const garment = {
      kind: "object",
      fields: {
        class: { ...words, required: true },
        "preserve.pose": words,
        "preserve.face": words,
      },
    } as const
    const preserve = {
      type: "object",
      additionalProperties: false,
      properties: { pose: { enum: ["ON", "OFF"] }, face: { enum: ["ON", "OFF"] } },
    }
    expect(
      properties({ fields: { margins: { kind: "object", fields: { left: side } }, garment } }),
    ).toMatchObject({
      margins: {
        type: "object",
        additionalProperties: false,
        properties: { left: { type: "integer", minimum: 0, maximum: 400, default: 0 } },
      },
      garment: {
        type: "object",
        required: ["class"],
        properties: { class: { enum: ["ON", "OFF"] }, preserve },
      },
    })
  })

  it("requires fields, and one of each group", () => {
    const text = { kind: "text", max: 9 } as const
    const task: TaskCard = {
      oneOf: [["mask", "maskPrompt", "garment.class"]],
      fields: { image: { kind: "image", required: true, limits: { types: [] } }, maskPrompt: text },
    }
    expect(toJsonSchema(task)).toMatchObject({
      required: ["image"],
      allOf: [
        {
          oneOf: [
            { required: ["mask"] },
            { required: ["maskPrompt"] },
            { required: ["garment"], properties: { garment: { required: ["class"] } } },
          ],
        },
      ],
    })
    expect(toJsonSchema({ fields: {} })).not.toHaveProperty("allOf")
  })

  it("has an object for a parameter without a shape", () => {
    expect(properties({ fields: { style: { kind: "json", list: true } } })).toMatchObject({
      style: { type: "array", items: { type: "object" } },
    })
    expect(properties({ fields: { style: { kind: "json" } } })).toEqual({
      style: { type: "object" },
    })
  })
})
