import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { noon, scripted, stillRuntime } from "../__fixtures__/client.ts"
import { gridCard, listCard, plainCard, ratioCard, weightedCard } from "../__fixtures__/families.ts"
import { runs } from "../__fixtures__/scale.ts"
import { createPictor } from "../client.ts"
import { defineAdapter, type ImageAdapter } from "../contract/adapter.ts"
import type { ModelCard, TaskCard } from "../contract/card.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import { asItIs } from "./as-it-is.ts"
import { toBody } from "./body.ts"

const seed = 20_261_121
const cards: readonly ModelCard[] = [gridCard, listCard, ratioCard, weightedCard, plainCard].map(
  (card): ModelCard => ({ ...card, lifecycle: { status: "active" } }),
)
const runtime = stillRuntime()
/** Fewer than a call of some models makes. */
const maxImages = 4
const rules = { prices: [], maxImages, lifecycle: "warn", runtime, images: undefined } as const
const family = defineAdapter({ name: "all", models: cards, encode: toBody, decode: () => [] })
const pictor = createPictor<readonly ImageAdapter[]>({
  adapters: [family(scripted().transport)],
  runtime,
  maxImages,
})

const isPlain = (request: JsonObject, card: ModelCard): boolean =>
  asItIs(
    request as unknown as ImageRequest,
    card,
    new Date(noon).toISOString().slice(0, 10),
    rules,
  ) !== undefined

/** Values that some card takes, and some that none does; at both ends of every range. */
const values: Readonly<Record<string, readonly unknown[]>> = {
  prompt: ["a lamp", "a lamp", undefined, "x".repeat(50), "x".repeat(51), "🦊".repeat(300), "", 5],
  negativePrompt: ["people", "", "x".repeat(1025), null],
  prompts: [[{ text: "a" }], []],
  n: [1, 1, 2, 4, 5, 0, 1.5, "1", null],
  size: ["1024x1024", "512x512", "1152x896", "1000x1000", "320x320", "auto", "1:1", 5],
  aspectRatio: ["1:1", "16:9", "4:2", "1024x1024"],
  seed: [7, 0, 4_294_967_295, 858_993_460, -1, 0.5, "7"],
  quality: ["standard", "premium", "hd", "auto", "best"],
  guidance: [0, 1.1, 6.5, 10, 35, 1.123_456_7, Number.NaN, "7"],
  steps: [10, 30, 150, 9, 30.5],
  style: ["LINE_ART", "line art", "photographic", "constructor"],
  outputFormat: ["png", "jpeg", "webp"],
  strength: [0.5],
  task: ["text-to-image", "erase", "constructor"],
  policy: ["adapt", "strict", "never"],
  modelId: ["acme.own", "", 5],
  tags: [{ team: "a" }],
  image: ["aGk="],
  constructor: [1],
  unheardOf: [undefined, 1],
}

const requests = fc.record(
  Object.fromEntries(
    Object.entries(values).map(([field, some]) => [field, fc.constantFrom(...some)]),
  ),
  {
    requiredKeys: ["prompt"],
  },
)

/** Few fields each, so that many of them are plain. */
const few = fc
  .tuple(requests, fc.subarray(Object.keys(values), { maxLength: 4 }))
  .map(([request, kept]): JsonObject => {
    const entries = Object.entries(request).filter(
      ([field]) => field === "prompt" || kept.includes(field),
    )
    return Object.fromEntries(entries)
  })

const ending = async (request: JsonObject): Promise<unknown> => {
  try {
    return await pictor.plan(request as unknown as ImageRequest)
  } catch (error) {
    return { error: JSON.parse(JSON.stringify(error)) as unknown }
  }
}

describe("a request that its model takes as it is", () => {
  it.each(cards.map((card) => [card.id, card] as const))(
    "of %s comes to what it would come to if it were fitted",
    async (model, card) => {
      let plain = 0
      await fc.assert(
        fc.asyncProperty(few, async (fields) => {
          const request = { model, ...fields }
          if (isPlain(request, card)) plain += 1
          // With options, be they none, a request is always fitted.
          const [asItStands, fitted] = [
            await ending(request),
            await ending({ ...request, options: {} }),
          ]
          expect(asItStands).toEqual(fitted)
          expect(JSON.stringify(asItStands)).toBe(JSON.stringify(fitted))
        }),
        { seed, numRuns: runs(20_000) },
      )
      expect(plain).toBeGreaterThan(runs(20_000) / 20)
    },
  )

  it.each<readonly [ModelCard | undefined, JsonObject]>([
    [
      cards[0],
      {
        negativePrompt: "people",
        size: "1360x768",
        quality: "premium",
        guidance: 1.1,
        style: "LINE_ART",
        seed: 0,
        n: 4,
        policy: "strict",
      },
    ],
    [cards[1], { size: "1408x640", seed: 2_147_483_646, outputFormat: "png", n: 4 }],
    [cards[2], { aspectRatio: "16:9", outputFormat: "jpeg", seed: 1, modelId: "acme.own" }],
    [
      cards[3],
      {
        negativePrompt: "people",
        size: "1152x896",
        steps: 150,
        guidance: 0,
        style: "3d-model",
        seed: 4_294_967_295,
      },
    ],
    [cards[4], { task: "text-to-image" }],
  ])("is known as one: %#", (card, fields) => {
    expect(isPlain({ model: card?.id, prompt: "a lamp", ...fields }, card as ModelCard)).toBe(true)
  })

  it.each<readonly [string, Partial<TaskCard>]>([
    ["describes a setting in another way", { fields: { style: { kind: "text", max: 9 } } }],
    [
      "describes the size in another way",
      { fields: { size: { kind: "enum", values: ["1024x1024"], default: "1024x1024" } } },
    ],
    [
      "has a place that depends on what else is given",
      { fields: { style: { kind: "enum", values: ["a"], pathBeside: { image: "style" } } } },
    ],
    [
      "has both sizes and ratios",
      {
        fields: {
          size: { kind: "sizes", values: ["1x1"] },
          aspectRatio: { kind: "ratios", values: ["1:1"], pixels: 1 },
        },
      },
    ],
    ["takes an input", { fields: { image: { kind: "image", limits: { types: [] } } } }],
    [
      "wants one of several",
      { fields: { style: { kind: "enum", values: ["a"] } }, oneOf: [["prompt", "style"]] },
    ],
  ])("is none where the card %s", (_, more) => {
    const fields = { ...plainCard.tasks["text-to-image"].fields, ...more.fields }
    const card: ModelCard = { ...plainCard, tasks: { "text-to-image": { ...more, fields } } }
    expect(isPlain({ model: card.id, prompt: "a lamp" }, card)).toBe(false)
  })

  it("is none with more images than the client, or the model in one call, makes", () => {
    for (const card of cards.slice(0, 2))
      expect([4, 5].map((n) => isPlain({ model: card.id, prompt: "a lamp", n }, card))).toEqual([
        true,
        false,
      ])
    expect(isPlain({ model: ratioCard.id, prompt: "a lamp", n: 2 }, ratioCard)).toBe(false)
  })

  it("is none where the model is on its way out", () => {
    expect(isPlain({ model: listCard.id, prompt: "a lamp" }, listCard)).toBe(false)
  })
})
