import { describe, expect, it } from "vitest"
import { scripted } from "../__fixtures__/client.ts"
import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import type { ModelCard } from "../contract/card.ts"
import type { ImageError } from "../contract/errors.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"

const sources = { here: { url: "https://example.com", seen: "2026-11-20" } } as const
const shapes = { kind: "enum", values: ["TIGHT", "BOX"] } as const

/** A model whose garment shape has one path beside a mask prompt and another beside a class. */
const card = {
  id: "acme.dress-v1:0",
  regions: ["south-1"],
  lifecycle: { status: "active" },
  prices: [],
  sources,
  tasks: {
    "virtual-try-on": {
      oneOf: [["maskPrompt", "garment.class"]],
      fields: {
        maskPrompt: {
          kind: "text",
          max: 20,
          path: "dress.byWords.words",
          implies: { "dress.by": "WORDS" },
        },
        garment: {
          kind: "object",
          fields: {
            class: {
              kind: "enum",
              values: ["COAT", "HAT"],
              path: "dress.byClass.class",
              implies: { "dress.by": "CLASS" },
            },
            shape: {
              ...shapes,
              pathBeside: {
                maskPrompt: "dress.byWords.shape",
                "garment.class": "dress.byClass.shape",
              },
            },
            sleeve: {
              kind: "enum",
              values: ["UP", "DOWN"],
              pathBeside: { "garment.class": "dress.byClass.sleeve" },
            },
          },
        },
      },
    },
  },
} as const satisfies ModelCard

const dress = defineAdapter({ name: "dress", models: [card], decode: () => [] })
const pictor = createPictor({ adapters: [dress(scripted().transport)] })
const planOf = (request: JsonObject) =>
  pictor.plan({ model: card.id, task: "virtual-try-on", ...request } as unknown as ImageRequest)
const bodyOf = async (request: JsonObject) => (await planOf(request)).calls[0]?.body
const issuesOf = (request: JsonObject): Promise<readonly string[]> =>
  planOf(request).then(
    () => [],
    (error: unknown) =>
      (error as ImageError).issues?.map(({ code, path }) => `${code} ${path}`) ?? [],
  )

describe("pathBeside", () => {
  it.each<readonly [JsonObject, JsonObject]>([
    [{ maskPrompt: "a" }, { by: "WORDS", byWords: { words: "a" } }],
    [
      { maskPrompt: "a", garment: { shape: "box" } },
      { by: "WORDS", byWords: { words: "a", shape: "BOX" } },
    ],
    [
      { garment: { class: "coat", shape: "box", sleeve: "up" } },
      { by: "CLASS", byClass: { class: "COAT", shape: "BOX", sleeve: "UP" } },
    ],
  ])("places the field by the sibling that is given: case %#", async (request, expected) => {
    expect(await bodyOf(request)).toEqual({ dress: expected })
    expect(await bodyOf({ options: { dress: expected } })).toEqual({ dress: expected })
    expect(await bodyOf({ ...request, options: { dress: expected } })).toEqual({ dress: expected })
  })

  it.each<readonly [JsonObject, readonly string[]]>([
    [{}, ["invalid_request maskPrompt"]],
    [
      { garment: { shape: "box" } },
      ["invalid_request maskPrompt", "invalid_request garment.shape"],
    ],
    [{ maskPrompt: "a", garment: { class: "hat" } }, ["invalid_request garment.class"]],
    [{ maskPrompt: "a", garment: { sleeve: "up" } }, ["invalid_request garment.sleeve"]],
    [
      { maskPrompt: "a", options: { dress: { by: "CLASS" } } },
      ["invalid_request options.dress.by"],
    ],
    [
      { maskPrompt: "a", options: { dress: { by: "MAGIC" } } },
      ["invalid_request options.dress.by"],
    ],
    [
      { options: { dress: { by: "WORDS", byClass: { class: "HAT" } } } },
      ["invalid_request options.dress.by"],
    ],
    [
      { garment: { class: "hat" }, options: { dress: { byClass: { class: "COAT" } } } },
      ["invalid_request options.dress.byClass.class"],
    ],
    [
      {
        maskPrompt: "a",
        options: { dress: { byWords: { shape: "BOX" }, byClass: { shape: "TIGHT" } } },
      },
      ["invalid_request options.dress.byClass.shape"],
    ],
    [
      { garment: "hat", options: { dress: { byClass: { class: "COAT" } } } },
      ["invalid_request garment", "invalid_request maskPrompt"],
    ],
  ])("rejects a missing or an ambiguous sibling: case %#", async (request, expected) => {
    expect(await issuesOf(request)).toEqual(expected)
  })
})
