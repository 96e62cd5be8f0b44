import { createPictor, type ImageAdapter, type JsonObject } from "@pictor/core"
import { http } from "@pictor/http"
import { createOpenAiEmulator, type RecordedRequest } from "@pictor/openai-emulator"
import { afterAll, describe, expect, it } from "vitest"
import { image } from "./__fixtures__/images.ts"
import { fieldsOf, startRecorder } from "./__fixtures__/recorder.ts"
import { azureOpenai, customModel, openaiImages } from "./index.ts"

const requests: RecordedRequest[] = []
const deployments = { drawings: "gpt-image-2.5-flare" }
const azure = await createOpenAiEmulator({ deployments, requests, apiKey: "azure-key" })
const recorder = await startRecorder()
afterAll(async () => {
  recorder.close()
  await azure.close()
})

const small = { prompt: "a lighthouse", size: "1024x640", quality: "low" } as const

describe("azureOpenai", () => {
  it.each([
    ["2025-04-01-preview", "/openai/deployments/drawings/images/generations?api-version="],
    [undefined, "/openai/v1/images/generations"],
  ])("calls a deployment, version %s", async (apiVersion, path) => {
    const settings = azureOpenai({
      resource: azure.url,
      key: "azure-key",
      ...(apiVersion !== undefined && { apiVersion }),
    })
    const pictor = createPictor({ adapters: [openaiImages(http(settings))] })
    const model = "gpt-image-2.5-flare"
    const { images, cost } = await pictor.generate({ model, modelId: "drawings", ...small })
    expect([images.length, cost.unpricedImages]).toEqual([1, 0])
    const last = requests.at(-1)
    expect(last?.path).toContain(path)
    expect(last?.body).toMatchObject({ model: "drawings" })
    expect(last?.headers["api-key"]).toBe("azure-key")
    expect(last?.headers).not.toHaveProperty("authorization")
    await pictor.close()
  })

  it("edits on a deployment", async () => {
    const settings = azureOpenai({ resource: `${azure.url}/`, key: "azure-key" })
    const pictor = createPictor({ adapters: [openaiImages(http(settings))] })
    const { images } = await pictor.generate({
      model: "gpt-image-2.5-flare",
      modelId: "drawings",
      task: "image-to-image",
      images: [image],
      ...small,
    })
    expect(images[0]?.width).toBe(1024)
    await pictor.close()
  })

  it("names the resource's address, and sends a token as a bearer", () => {
    const settings = azureOpenai({ resource: "my-drawings", key: "token", token: true })
    expect(settings).toEqual({
      provider: "azure",
      baseUrl: "https://my-drawings.openai.azure.com/openai/v1",
      key: "token",
    })
  })
})

const serverWith = (model: Parameters<typeof customModel>[0]) =>
  createPictor<readonly ImageAdapter[]>({
    adapters: [
      openaiImages(http({ baseUrl: recorder.url, key: false }), { models: [customModel(model)] }),
    ],
  })

describe("customModel", () => {
  it("sends what an own server takes, and costs what it is said to", async () => {
    const pictor = serverWith({
      id: "Qwen/Qwen-Image",
      sizes: { side: [256, 2048], multiple: 16 },
      imagesPerCall: 4,
      seed: true,
      negativePrompt: true,
      steps: [1, 50],
      guidance: [0, 20],
      options: { true_cfg_scale: { kind: "range", min: 0, max: 20 } },
      microUsd: 0,
    })
    const { cost } = await pictor.generate({
      model: "Qwen/Qwen-Image",
      prompt: "a lighthouse",
      negativePrompt: "fog",
      size: "640x480",
      seed: 0,
      steps: 20,
      guidance: 4.5,
      options: { true_cfg_scale: 3 },
    })
    expect(cost).toEqual({ microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 })
    const [request] = recorder.requests.splice(0)
    expect(request?.path).toBe("/v1/images/generations")
    expect(request?.headers).not.toHaveProperty("authorization")
    expect(request?.body).toEqual({
      model: "Qwen/Qwen-Image",
      prompt: "a lighthouse",
      negative_prompt: "fog",
      n: 1,
      size: "640x480",
      seed: 0,
      num_inference_steps: 20,
      guidance_scale: 4.5,
      true_cfg_scale: 3,
    })
    await pictor.close()
  })

  it("edits with a form", async () => {
    const pictor = serverWith({ id: "sd", sizes: ["512x512"], edits: { images: 2, mask: true } })
    const { cost } = await pictor.generate({
      model: "sd",
      task: "image-to-image",
      prompt: "a lighthouse",
      images: [image, image],
    })
    expect(cost.unpricedImages).toBe(1)
    const [request] = recorder.requests.splice(0)
    const fields: JsonObject = await fieldsOf(request?.body)
    expect(Object.keys(fields)).toEqual(["model", "prompt", "n", "size", "image[]"])
    expect(fields["image[]"]).toHaveLength(2)
    await pictor.close()
  })

  it("rejects what the card does not name", async () => {
    const pictor = serverWith({ id: "sd" })
    const request = { model: "sd", prompt: "a", options: { seed: 1 } }
    await expect(pictor.plan(request)).rejects.toMatchObject({ code: "invalid_request" })
    const { calls, changes } = await pictor.plan({ model: "sd", prompt: "a", size: "512x512" })
    expect(calls[0]?.body).toEqual({ model: "sd", prompt: "a", n: 1 })
    expect(changes).toMatchObject([{ field: "size", action: "dropped" }])
  })

  it("serves its own models alone", () => {
    const { models } = openaiImages(http({ key: false }), { models: [customModel({ id: "sd" })] })
    expect(models.map(({ id }) => id)).toEqual(["sd"])
  })
})
