import { bedrock } from "@pictor/bedrock"
import { checkBody, createBedrockEmulator, type Fault } from "@pictor/bedrock-emulator"
import { createPictor, type ImageAdapter, type ImageRequest, memoryLedger } from "@pictor/core"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { blue, red } from "./__fixtures__/pictures.ts"
import { novaOmni } from "./index.ts"

const seed = 20_261_201
const isFull = process.env["PICTOR_SCALE"] === "full"
const plans = isFull ? 10_000 : 500
const calls = isFull ? 400 : 20

const model = "amazon.nova-2-omni-v1:0"

const clientOf = (endpoint: string) => {
  const credentials = { accessKeyId: "any", secretAccessKey: "any" }
  return createPictor<readonly ImageAdapter[]>({
    adapters: [novaOmni(bedrock({ region: "us-east-1", credentials, endpoint }))],
    ledger: memoryLedger(),
    retry: false,
  })
}

const emulator = await createBedrockEmulator({ seed: 1 })
const pictor = clientOf(emulator.url)
afterAll(async () => {
  await pictor.close()
  await emulator.close()
})

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })

const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).map((each) => `a${each}`),
  fc.constantFrom("x", "😀", "猫").map((each) => each.repeat(2000)),
)

const requests = fc
  .record({
    prompt: text,
    n: fc.integer({ min: 1, max: 2 }),
    size: optional(fc.constantFrom("1024x1024", "1920x1080")),
    images: optional(fc.array(fc.constantFrom(red, blue), { minLength: 1, maxLength: 5 })),
    options: fc.record({
      system: optional(text.map((each) => [{ text: each }])),
      inferenceConfig: optional(
        fc.record({
          temperature: fc.constantFrom(0.000_01, 0.7, 1),
          topP: fc.constantFrom(0, 0.9, 1),
        }),
      ),
    }),
  })
  .map(({ images, ...request }) => {
    const whole = { model, ...request, ...(images && { task: "image-to-image", images }) }
    return JSON.parse(JSON.stringify(whole)) as ImageRequest
  })

const billed = (bill: readonly { readonly microUsd: number }[]): number =>
  bill.reduce((sum, { microUsd }) => sum + microUsd, 0)

describe("random requests", () => {
  it(`are bodies that the API takes (${plans}, seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const plan = await pictor.plan(request)
        for (const { modelId, body } of plan.calls) expect(checkBody(modelId, body)).toEqual([])
      }),
      { seed, numRuns: plans },
    )
  })

  it(`cost what the provider bills, and at most the estimate (${calls}, seed ${seed})`, async () => {
    for (const request of fc.sample(requests, { seed, numRuns: calls })) {
      const before = billed(emulator.bill)
      const { estimate } = await pictor.plan(request)
      const { cost, usage } = await pictor.generate(request)
      const microUsd = billed(emulator.bill) - before
      expect(cost).toEqual({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })
      expect(microUsd).toBeLessThanOrEqual(estimate.microUsd)
      expect(usage?.outputImageToken).toBeGreaterThan(0)
    }
  })
})

describe("a charge without a picture", () => {
  it.each<[string, Fault["kind"]]>([
    ["words", "missing-images"],
    ["a refused prompt", "filtered-input"],
    ["a refused picture", "filtered-output"],
    ["an output that the model could not finish", "inference-error"],
  ])("for %s is the provider's bill", async (_, kind) => {
    const own = await createBedrockEmulator({ faults: [{ kind }] })
    const client = clientOf(own.url)
    const end = await client
      .generate({ model, prompt: "a lamp" })
      .catch((error: unknown) => error as { cost: unknown })
    expect(end.cost).toEqual({
      microUsd: billed(own.bill),
      maybeMicroUsd: 0,
      unpricedImages: 0,
    })
    await client.close()
    await own.close()
  })

  it("is unknown after a guardrail, up to the bound", async () => {
    const own = await createBedrockEmulator({ faults: [{ kind: "guardrail" }] })
    const client = clientOf(own.url)
    await expect(client.generate({ model, prompt: "a lamp" })).rejects.toMatchObject({
      code: "content_filtered",
      cost: { microUsd: 0, maybeMicroUsd: 220_007, unpricedImages: 0 },
    })
    await client.close()
    await own.close()
  })
})
