import { createPictor, type ImageRequest, memoryLedger, type Task } from "@pictor/core"
import type { ModelCard, Parameter, TaskCard, TransportCall } from "@pictor/core/adapter"
import { checkBody, createFluxEmulator, type EndpointName } from "@pictor/flux-emulator"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { blue, red } from "./__fixtures__/pictures.ts"
import { requestsOf } from "./__fixtures__/random-requests.ts"
import { runs } from "./__fixtures__/scale.ts"
import { flux } from "./index.ts"
import { models } from "./models.ts"

const seed = 20_261_130
const patienceMs = 600_000

const pictor = createPictor({
  adapters: [flux({ name: "none", invoke: () => Promise.reject(new Error("no network")) })],
})

const cases = (models as readonly ModelCard[]).flatMap((card) =>
  (Object.entries(card.tasks) as [Task, TaskCard][]).map(([task, taskCard]) => ({
    id: card.id as EndpointName,
    task,
    taskCard,
    requests: requestsOf(card, task, taskCard),
  })),
)

/** Values of a body that no parameter of a kind allows. */
const wrong: { readonly [Kind in Parameter["kind"]]?: readonly unknown[] } = {
  range: ["1"],
  seed: ["1", -1, 4_294_967_296],
  enum: ["none", 7],
  ratios: ["22:9", "wide"],
  tiers: ["3k", 7],
  flag: ["true"],
  image: ["", "no image", 7],
  mask: ["", "no image", 7],
}

/** The provider takes any offset; a margin is one from 0. */
const offsets = ["reference_offset_x", "reference_offset_y"]

const wrongValues = (path: string, parameter: Parameter): readonly unknown[] => [
  ...(wrong[parameter.kind] ?? []),
  ...(parameter.kind === "range" && !offsets.includes(path)
    ? [parameter.min - 1, parameter.max + 1]
    : []),
]

const partsOf = ({ fields, options = {} }: TaskCard) =>
  [...Object.values(fields), ...Object.entries(options).map(([path, each]) => ({ ...each, path }))]
    .flatMap((each: Parameter) => (each.kind === "object" ? Object.values(each.fields) : [each]))
    .flatMap((each) =>
      typeof each.path === "string" ? [{ path: each.path, parameter: each }] : [],
    )

describe.each(cases)("$id, $task", ({ id, task, taskCard, requests }) => {
  it(
    "plans random requests as bodies that the provider accepts",
    async () => {
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const { calls } = await pictor.plan(request)
          expect(await checkBody(id, calls[0]?.body)).toEqual([])
        }),
        { numRuns: runs(10_000, task === "text-to-image" ? 500 : 50), seed },
      )
    },
    patienceMs,
  )

  it("rejects values beyond its limits, as the provider does", async () => {
    const [sample] = fc.sample(requests, { numRuns: 1, seed }) as [ImageRequest]
    const { calls } = await pictor.plan({ ...sample, options: {} })
    for (const { path, parameter } of partsOf(taskCard))
      for (const value of wrongValues(path, parameter)) {
        const body = { ...calls[0]?.body, [path]: value }
        const label = `${path} ${String(value)}`
        expect((await checkBody(id, body)).length, label).toBeGreaterThan(0)
        const request = { model: id, task, options: body } as unknown as ImageRequest
        await expect(pictor.plan(request), label).rejects.toMatchObject({
          code: expect.stringMatching(/^(invalid_request|unsupported)$/) as string,
        })
      }
  })
})

describe("money", () => {
  let emulator: Awaited<ReturnType<typeof createFluxEmulator>>
  beforeAll(async () => {
    emulator = await createFluxEmulator({ jobMs: 0, keepRequests: 0 })
  })
  afterAll(() => emulator.close())

  /** Orders at the emulator, without drawing the picture. */
  const order = async ({ modelId, body }: TransportCall) => {
    const answer = await fetch(`${emulator.url}/v1/${modelId}`, {
      method: "POST",
      headers: { "x-key": "any" },
      body: JSON.stringify(body),
    })
    const { id, cost } = (await answer.json()) as { readonly id: string; readonly cost: number }
    const result = { sample: `${emulator.url}/sample`, seed: 7 }
    return {
      status: 200,
      headers: {},
      body: new TextEncoder().encode(JSON.stringify({ id, status: "Ready", cost, result })),
      files: { "result.sample": Buffer.from(red, "base64") },
    }
  }

  it(
    "charges what the provider bills, and never more than the estimate",
    async () => {
      const ledger = memoryLedger()
      const client = createPictor({ adapters: [flux({ name: "order", invoke: order })], ledger })
      let charged = 0
      await fc.assert(
        fc.asyncProperty(fc.oneof(...cases.map(({ requests }) => requests)), async (request) => {
          const plan = await client.plan(request)
          const { cost } = await client.run(plan)
          charged += cost.microUsd
          expect(cost).toMatchObject({ maybeMicroUsd: 0, unpricedImages: 0 })
          if (plan.estimate.unpricedImages === 0)
            expect(cost.microUsd).toBeLessThanOrEqual(plan.estimate.microUsd)
          if (plan.estimate.basis === undefined && plan.estimate.unpricedImages === 0)
            expect(cost.microUsd).toBe(plan.estimate.microUsd)
        }),
        { numRuns: runs(10_000, 150), seed },
      )
      expect(charged).toBe(emulator.bill().microUsd)
    },
    patienceMs,
  )

  it.each([
    ["flux-2-pro", { size: "1024x1024" }, 30_000, undefined],
    ["flux-2-pro", { size: "1440x1440" }, 45_000, "upper-bound"],
    ["flux-2-pro", { task: "image-to-image", images: [red, blue] }, 60_000, "upper-bound"],
    ["flux-2-klein-4b", { size: "2048x2048" }, 17_000, "upper-bound"],
    ["flux-3-image", { size: "4K" }, 607_000, undefined],
    ["flux-kontext-max", {}, 80_000, undefined],
  ])("estimates %s with %o", async (model, fields, microUsd, basis) => {
    const { estimate } = await pictor.plan({ model, prompt: "tea", ...fields } as ImageRequest)
    expect([estimate.microUsd, estimate.basis]).toEqual([microUsd, basis])
  })

  it("states no price of deblurring, and charges what the reply states", async () => {
    const client = createPictor({ adapters: [flux({ name: "order", invoke: order })] })
    const plan = await client.plan({
      model: "flux-tools/deblur-v1",
      task: "image-to-image",
      image: red,
    })
    expect(plan.estimate).toEqual({ microUsd: 0, maybeMicroUsd: 0, unpricedImages: 1 })
    expect((await client.run(plan)).cost.microUsd).toBe(50_000)
  })

  it("takes a customer's price of a credit instead of the list price", async () => {
    const client = createPictor({
      adapters: [flux({ name: "order", invoke: order })],
      prices: [
        {
          model: "flux-2-pro",
          units: { credit: 9_000 },
          most: { image: { credit: 3 } },
          source: "contract",
        },
      ],
    })
    const { cost, usage } = await client.generate({ model: "flux-2-pro", prompt: "tea" })
    expect([cost.microUsd, usage]).toEqual([27_000, { credit: 3 }])
  })
})
