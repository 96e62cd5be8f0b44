import {
  createPictor,
  type ImageAdapter,
  type ImageRequest,
  type ModelCard,
  memoryLedger,
} from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { chargeOf, checkBody, createGeminiEmulator, type Fault } from "@pictor/gemini-emulator"
import { http } from "@pictor/http"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { blue, red } from "./__fixtures__/pictures.ts"
import { geminiImage, vertexGeminiImage } from "./index.ts"

const seed = 20_261_130
const isFull = process.env["PICTOR_SCALE"] === "full"
const plans = isFull ? 10_000 : 60
const calls = isFull ? 400 : 20

const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("a plan needs no network")),
}

const apis = {
  gemini: createPictor<readonly ImageAdapter[]>({ adapters: [geminiImage(nowhere)] }),
  vertex: createPictor<readonly ImageAdapter[]>({ adapters: [vertexGeminiImage(nowhere)] }),
} as const

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })

const text = fc.oneof(
  // The API rejects a blank text.
  fc.string({ maxLength: 60, unit: "grapheme" }).map((each) => `a${each}`),
  fc.constantFrom("x", "😀", "猫").map((each) => each.repeat(2000)),
)

const sides = fc.integer({ min: 1, max: 6000 })

const shape = fc.oneof(
  fc.record({
    size: optional(fc.constantFrom("512", "1k", "1K", "2K", "4K")),
    aspectRatio: optional(fc.constantFrom("1:1", "16:9", "9:21", "1:8", "7:5")),
  }),
  fc.tuple(sides, sides).map(([width, height]) => ({ size: `${width}x${height}` })),
)

const threshold = fc.constantFrom("BLOCK_NONE", "BLOCK_ONLY_HIGH", "OFF")

const optionsOf = ({ tasks }: ModelCard) => {
  const known = tasks["text-to-image"]?.options ?? {}
  const level = known["generationConfig.thinkingConfig.thinkingLevel"]
  const thinkingConfig =
    level?.kind === "enum"
      ? fc.record({
          thinkingLevel: fc.constantFrom(...level.values),
          includeThoughts: optional(fc.boolean()),
        })
      : fc.constant(undefined)
  return fc.record({
    safetySettings: optional(
      threshold.map((each) => [{ category: "HARM_CATEGORY_HARASSMENT", threshold: each }]),
    ),
    generationConfig: fc.record({
      thinkingConfig: optional(thinkingConfig),
      temperature: optional(fc.constantFrom(0, 0.7, 2)),
      topP: optional(fc.constantFrom(0, 0.95, 1)),
    }),
  })
}

/** Objects without their undefined fields. */
const defined = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

const requestOf = (card: ModelCard): fc.Arbitrary<ImageRequest> =>
  fc
    .record({
      prompt: text,
      n: fc.integer({ min: 1, max: 2 }),
      seed: optional(fc.constantFrom(0, 7, 2_147_483_647)),
      shape,
      images: optional(fc.array(fc.constantFrom(red, blue), { minLength: 1, maxLength: 3 })),
      options: optionsOf(card),
    })
    .map(({ shape: { ...fields }, images, ...request }) =>
      defined({
        model: card.id,
        ...request,
        ...fields,
        ...(images && { task: "image-to-image", images }),
      } as unknown as ImageRequest),
    )

const requests = (models: readonly ModelCard[]) => fc.constantFrom(...models).chain(requestOf)

const cases = (Object.keys(apis) as (keyof typeof apis)[]).flatMap((api) => {
  const { models: cards } = api === "gemini" ? geminiImage(nowhere) : vertexGeminiImage(nowhere)
  return cards.map((card: ModelCard) => ({ api, id: card.id, card }))
})

describe.each(cases)("random requests of $id on the API $api", ({ api, card }) => {
  it(`are bodies that the API takes, and cost at most the estimate (${plans}, seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(requestOf(card), async (request) => {
        const plan = await apis[api].plan(request)
        const charges = plan.calls.map(({ modelId, body }) => {
          expect(checkBody(modelId, body, api)).toEqual([])
          return chargeOf(modelId, body, api)
        })
        const sum = charges.reduce<number>((total, charge = Number.NaN) => total + charge, 0)
        expect(sum).toBeGreaterThan(0)
        expect(sum).toBeLessThanOrEqual(plan.estimate.microUsd)
      }),
      { seed, numRuns: plans },
    )
  })
})

const emulator = await createGeminiEmulator({ seed: 1 })
afterAll(() => emulator.close())

const clientOf = (url = emulator.url) =>
  createPictor<readonly ImageAdapter[]>({
    adapters: [geminiImage(http({ key: "any", baseUrl: `${url}/v1beta` }))],
    ledger: memoryLedger(),
    retry: false,
  })

describe("a charge", () => {
  it(`is the provider's bill to the micro-USD (${calls} random requests, seed ${seed})`, async () => {
    const pictor = clientOf()
    const { models } = geminiImage(nowhere)
    for (const request of fc.sample(requests(models), { seed, numRuns: calls })) {
      const before = emulator.bill().microUsd
      const { cost, usage, slots } = await pictor.generate(request)
      expect(slots.map(({ status }) => status)).not.toContain("failed")
      expect(cost).toEqual({
        microUsd: emulator.bill().microUsd - before,
        maybeMicroUsd: 0,
        unpricedImages: 0,
      })
      expect(usage?.outputImageToken).toBeGreaterThan(0)
    }
    await pictor.close()
  })

  it.each<[string, Fault]>([
    ["words instead of a picture", { kind: "words-only" }],
    ["a refused picture", { kind: "refused-image-safety" }],
    ["a blocked prompt", { kind: "blocked-safety" }],
    ["a reply that reached its cap", { kind: "max-tokens" }],
    ["two pictures", { kind: "more-images" }],
    ["more pictures than the bound has room for", { kind: "more-images", count: 4 }],
  ])("for %s is the provider's bill", async (_, fault) => {
    const own = await createGeminiEmulator({ faults: [fault] })
    const pictor = clientOf(own.url)
    const end = await pictor
      .generate({ model: "gemini-nano-banana-2.1", prompt: "a lamp" })
      .catch((error: unknown) => error as { cost: unknown })
    expect(end.cost).toEqual({
      microUsd: own.bill().microUsd,
      maybeMicroUsd: 0,
      unpricedImages: 0,
    })
    await pictor.close()
    await own.close()
  })
})
