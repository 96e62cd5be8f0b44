import type { Content, GenerateContentConfig } from "@google/genai"
import { createPictor, type ImageAdapter, type JsonObject } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { describe, expect, expectTypeOf, it } from "vitest"
import { blue, red } from "./__fixtures__/pictures.ts"
import { type GeminiImageOptions, geminiImage, vertexGeminiImage } from "./index.ts"

const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("a plan needs no network")),
}

const gemini = createPictor<readonly ImageAdapter[]>({ adapters: [geminiImage(nowhere)] })
const vertex = createPictor<readonly ImageAdapter[]>({ adapters: [vertexGeminiImage(nowhere)] })

const newest = "gemini-nano-banana-2.1"

const planOf = (request: JsonObject, client: Pick<typeof gemini, "plan"> = gemini) =>
  client.plan({ model: newest, prompt: "a lamp", seed: 7, ...request })

const bodyOf = async (request: JsonObject, client?: Pick<typeof gemini, "plan">) =>
  (await planOf(request, client)).calls[0]?.body

const inline = (data: string) => ({ inlineData: { mimeType: "image/png", data } })

describe("a body", () => {
  it("has the words, the shape and the cap", async () => {
    expect(await bodyOf({ size: "2K", aspectRatio: "16:9" })).toEqual({
      contents: [{ role: "user", parts: [{ text: "a lamp" }] }],
      generationConfig: {
        responseModalities: ["IMAGE"],
        maxOutputTokens: 8192,
        seed: 7,
        imageConfig: { imageSize: "2K", aspectRatio: "16:9" },
      },
    })
  })

  it.each([
    ["gemini-3.1-flash-lite-image", { imageSize: "1K", aspectRatio: "1:1" }, 4096],
    ["gemini-2.5-flash-image", { aspectRatio: "1:1" }, 8192],
  ])(
    "of %s has the sizes and the cap of the model",
    async (model, imageConfig, maxOutputTokens) => {
      expect(await bodyOf({ model })).toMatchObject({
        generationConfig: { imageConfig, maxOutputTokens },
      })
    },
  )

  it("has the image first, then the references, after the words", async () => {
    const references = [{ image: blue, role: "style" }, { image: red }]
    const body = await bodyOf({ task: "image-to-image", image: red, references })
    expect(body?.["contents"]).toEqual([
      { role: "user", parts: [{ text: "a lamp" }, inline(red), inline(blue), inline(red)] },
    ])
  })

  it("leaves the ratio of an edit to the model, unless one is requested", async () => {
    const edit = { task: "image-to-image", image: red }
    expect(await bodyOf(edit)).toMatchObject({
      generationConfig: { imageConfig: { imageSize: "1K" } },
    })
    expect(JSON.stringify(await bodyOf(edit))).not.toContain("aspectRatio")
    expect(await bodyOf({ ...edit, aspectRatio: "21:9" })).toMatchObject({
      generationConfig: { imageConfig: { aspectRatio: "21:9" } },
    })
  })

  it("has the options by the names of the API", async () => {
    const options = {
      contents: [{ role: "user", parts: [{ text: "a lamp" }] }],
      generationConfig: {
        imageConfig: { imageSize: "4K", aspectRatio: "4:1" },
        thinkingConfig: { thinkingLevel: "high", includeThoughts: true },
        temperature: 0,
        topP: 0.5,
      },
      safetySettings: [
        { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" },
        { category: "HARM_CATEGORY_HATE_SPEECH", threshold: "OFF" },
      ],
    } satisfies GeminiImageOptions<typeof newest>
    const plan = await gemini.plan({ model: newest, seed: 7, options })
    expect(plan.calls[0]?.body).toEqual({
      ...options,
      generationConfig: {
        ...options.generationConfig,
        responseModalities: ["IMAGE"],
        maxOutputTokens: 8192,
        seed: 7,
      },
    })
    expect(plan.resolved).toMatchObject({ prompt: "a lamp", size: "4K", aspectRatio: "4:1" })
  })

  it("has settings of Vertex AI there, and not on the Gemini API", async () => {
    const imageConfig = {
      personGeneration: "ALLOW_NONE",
      prominentPeople: "BLOCK_PROMINENT_PEOPLE",
    }
    const options = { generationConfig: { imageConfig } }
    const request = { outputFormat: "jpeg", compression: 80, options }
    expect(await bodyOf(request, vertex)).toMatchObject({
      generationConfig: {
        imageConfig: {
          ...imageConfig,
          imageOutputOptions: { mimeType: "image/jpeg", compressionQuality: 80 },
        },
      },
    })
    await expect(planOf({ options })).rejects.toMatchObject({ code: "invalid_request" })
    const { changes } = await planOf({ outputFormat: "png" })
    expect(changes).toMatchObject([{ field: "outputFormat", action: "dropped", from: "png" }])
  })
})

describe("a plan", () => {
  it("makes one image a call, each with a seed of its own", async () => {
    const { calls } = await planOf({ n: 3 })
    expect(calls.map(({ seed }) => seed)).toEqual([7, 8, 9])
    expect(calls.map(({ slots }) => slots)).toEqual([[0], [1], [2]])
  })

  it("calls the model at its endpoint", async () => {
    const { calls } = await planOf({})
    expect(calls[0]).toMatchObject({ endpoint: "models/{model}:generateContent" })
  })

  it.each([
    ["a mask", { task: "inpaint", image: red, mask: red }, "unsupported"],
    [
      "more images than the model takes",
      { task: "image-to-image", images: Array.from({ length: 15 }, () => red) },
      "invalid_request",
    ],
    [
      "a cap of the caller's",
      { options: { generationConfig: { maxOutputTokens: 9 } } },
      "unsupported",
    ],
    [
      "several candidates",
      { options: { generationConfig: { candidateCount: 2 } } },
      "invalid_request",
    ],
    [
      "a thinking level that the model lacks",
      { model: "gemini-3-pro-image", options: high },
      "invalid_request",
    ],
  ])("rejects %s", async (_, request, code) => {
    await expect(planOf(request)).rejects.toMatchObject({ code })
  })

  it("snaps a size in pixels to the nearest tier and ratio, and reports it", async () => {
    const { changes, resolved } = await planOf({ size: "1920x1080" })
    expect(resolved).toMatchObject({ size: "1K", aspectRatio: "16:9" })
    expect(changes).toMatchObject([{ field: "size", action: "snapped", to: "1K at 16:9" }])
  })

  it("says how far the bound is from the usual charge", async () => {
    const { estimate } = await planOf({ size: "1K" })
    expect(estimate).toEqual({
      basis: "upper-bound",
      // 1,120 x $30 + 8,192 x $7.5 + (16 + 6) x $1.5 per million.
      microUsd: 95_073,
      likelyMicroUsd: 35_522,
      maybeMicroUsd: 0,
      unpricedImages: 0,
    })
  })

  it("counts each input image in the bound", async () => {
    const [drawn, edited] = await Promise.all([
      planOf({}),
      planOf({ task: "image-to-image", images: [red, blue] }),
    ])
    // 2 x 1,290 x $1.5 per million.
    expect(edited.estimate.microUsd - drawn.estimate.microUsd).toBe(3870)
  })

  it.each([
    ["gemini-3.1-flash-image", /retired since 2026-10-29.*gemini-nano-banana-2\.1/],
    ["gemini-2.5-flash-image", /legacy.*ends on 2027-03-15/],
    ["gemini-3-pro-image-preview", /ended on 2026-06-25/],
  ])("warns about %s", async (model, warning) => {
    const { warnings } = await planOf({ model })
    expect(warnings.join(" ")).toMatch(warning)
  })

  it("knows that Vertex AI serves a model longer", async () => {
    const { warnings } = await planOf({ model: "gemini-3.1-flash-image" }, vertex)
    expect(warnings.join(" ")).not.toContain("retired")
  })
})

const high = { generationConfig: { thinkingConfig: { thinkingLevel: "high" } } }

describe("options", () => {
  it("are assignable to the types of the published client", () => {
    type Options = GeminiImageOptions<typeof newest>
    type Config = NonNullable<Options["generationConfig"]>
    expectTypeOf<keyof Config>().toExtend<keyof GenerateContentConfig>()
    expectTypeOf<keyof NonNullable<Options["contents"]>[number]>().toExtend<keyof Content>()
    expectTypeOf<Config["imageConfig"]>().toExtend<GenerateContentConfig["imageConfig"]>()
  })
})
