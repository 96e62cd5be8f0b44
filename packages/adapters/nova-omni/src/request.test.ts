import { createPictor, type ImageAdapter, type JsonObject } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { blue, red } from "./__fixtures__/pictures.ts"
import { type NovaOmniOptions, novaOmni } from "./index.ts"

const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("a plan needs no network")),
}

const pictor = createPictor<readonly ImageAdapter[]>({ adapters: [novaOmni(nowhere)] })

const model = "amazon.nova-2-omni-v1:0"

const planOf = (request: JsonObject) => pictor.plan({ model, prompt: "a lamp", ...request })

const bodyOf = async (request: JsonObject) => (await planOf(request)).calls[0]?.body

const png = (bytes: string) => ({ image: { format: "png", source: { bytes } } })

describe("a body", () => {
  it("has the words and the cap", async () => {
    expect(await bodyOf({})).toEqual({
      messages: [{ role: "user", content: [{ text: "a lamp" }] }],
      inferenceConfig: { maxTokens: 5000 },
    })
  })

  it("has the image first, then the references, after the words", async () => {
    const references = [{ image: blue, role: "style" }, { image: red }]
    const body = await bodyOf({ task: "image-to-image", image: red, references })
    expect(body?.["messages"]).toEqual([
      { role: "user", content: [{ text: "a lamp" }, png(red), png(blue), png(red)] },
    ])
  })

  it("has the options by the names of the API", async () => {
    const options = {
      messages: [{ content: [{ text: "a lamp" }] }],
      system: [{ text: "Draw in ink." }],
      inferenceConfig: { temperature: 0.5, topP: 0 },
      additionalModelRequestFields: { inferenceConfig: { topK: 20 } },
    } satisfies NovaOmniOptions
    const plan = await pictor.plan({ model, options })
    expect(plan.calls[0]?.body).toEqual({
      ...options,
      messages: [{ role: "user", content: [{ text: "a lamp" }] }],
      inferenceConfig: { temperature: 0.5, topP: 0, maxTokens: 5000 },
    })
    expect(plan.resolved.prompt).toBe("a lamp")
  })

  it.each([
    ["size", { size: "2048x2048" }],
    ["aspectRatio", { aspectRatio: "16:9" }],
    ["negativePrompt", { negativePrompt: "fog" }],
    ["seed", { seed: 7 }],
  ])("has no %s, which is reported and not written into the words", async (field, request) => {
    const { calls, changes } = await planOf(request)
    expect(changes).toContainEqual(expect.objectContaining({ field, action: "dropped" }))
    expect(calls[0]?.body).toEqual(await bodyOf({}))
    await expect(planOf({ ...request, policy: "strict" })).rejects.toMatchObject({
      code: "unsupported",
    })
  })
})

describe("a plan", () => {
  it("calls Converse with the profile of the United States, and reports it", async () => {
    const { calls, changes } = await planOf({ n: 2 })
    expect(calls).toHaveLength(2)
    expect(calls[0]).toMatchObject({ endpoint: "converse", modelId: `us.${model}` })
    expect(changes).toContainEqual(expect.objectContaining({ field: "model", to: `us.${model}` }))
  })

  it.each([`us.${model}`, `global.${model}`, "amazon.nova-2-omni-preview-20251202-v1:0"])(
    "calls %s as it is",
    async (id) => {
      const { calls, changes } = await planOf({ model: id })
      expect(calls[0]?.modelId).toBe(id)
      expect(changes).toEqual([])
    },
  )

  it("warns that the model is a preview", async () => {
    expect((await planOf({})).warnings).toEqual([
      `${model} is a preview: the provider may change or end it, or limit who may call it.`,
    ])
    expect(pictor.models({ lifecycle: "preview" }).map(({ id }) => id)).toEqual([model])
  })

  it("bounds the price by the cap", async () => {
    expect((await planOf({})).estimate).toEqual({
      basis: "upper-bound",
      // 5,000 x $44 + (16 + 6) x $0.3 per million.
      microUsd: 220_007,
      maybeMicroUsd: 0,
      unpricedImages: 0,
    })
  })

  it.each([
    ["a mask", { task: "inpaint", image: red, mask: red }, "unsupported"],
    [
      "six images",
      { task: "image-to-image", images: Array.from({ length: 6 }, () => red) },
      "invalid_request",
    ],
    ["a cap of the caller's", { options: { inferenceConfig: { maxTokens: 9 } } }, "unsupported"],
    [
      "a second message",
      { options: { messages: [{}, { content: [{ text: "a lamp" }] }] } },
      "invalid_request",
    ],
  ])("rejects %s", async (_, request, code) => {
    await expect(planOf(request)).rejects.toMatchObject({ code })
  })
})
