import { createPictor, type ImageAdapter, type ImageRequest } from "@pictor/core"
import { http } from "@pictor/http"
import { sharpImages } from "@pictor/images"
import OpenAI from "openai"
import sharp from "sharp"
import { afterAll, describe, expect, it } from "vitest"
import { clientRequests, comparable } from "./__fixtures__/client-requests.ts"
import { startRecorder } from "./__fixtures__/recorder.ts"
import { openaiImages } from "./index.ts"

const recorder = await startRecorder()
afterAll(recorder.close)

const client = new OpenAI({ baseURL: recorder.url, apiKey: "sk-test", maxRetries: 0 })
const pictor = createPictor<readonly ImageAdapter[]>({
  adapters: [openaiImages(http({ key: "sk-test", baseUrl: recorder.url }))],
  imageOps: sharpImages(),
})
afterAll(() => pictor.close())

/** The latest request. */
const sent = () => recorder.requests.splice(0)[0]

describe("the published client and a plan", () => {
  it.each(clientRequests.map((each, index) => ({ index, ...each })))(
    "send the same for $model, case $index",
    async ({ operation, params, request }) => {
      await (operation === "edit"
        ? client.images.edit(params as never)
        : client.images.generate(params as never))
      const direct = sent()
      await pictor.generate(request as unknown as ImageRequest)
      const ours = sent()
      expect(ours?.path).toBe(direct?.path)
      expect(await comparable(ours?.body, direct?.body)).toEqual(await comparable(direct?.body))
    },
  )

  it("are compared in sixty requests", () => {
    expect(clientRequests.length).toBe(60)
  })
})

const prompt = "a lighthouse"

describe("a plan", () => {
  it.each([
    ["image-to-image", 1280, 720, "1280x720"],
    ["inpaint", 720, 1280, "720x1280"],
    ["image-to-image", 64, 64, "816x816"],
  ])("has the shape of its picture: %s of %ix%i", async (task, width, height, size) => {
    const png = sharp({ create: { width, height, channels: 3, background: "white" } }).png()
    const bytes = new Uint8Array(await png.toBuffer())
    const white = { image: bytes, ...(task === "inpaint" && { mask: bytes }) }
    const { calls } = await pictor.plan({ model: "gpt-image-2", task, prompt, ...white } as never)
    expect(calls[0]?.body["size"]).toBe(size)
  })

  it("streams only for partial images, since a stream has one picture", async () => {
    const request = { model: "gpt-image-2", prompt, n: 3 }
    const { calls } = await pictor.plan({ ...request, options: { stream: true } })
    expect(calls.map(({ body }) => [body["n"], body["stream"]])).toEqual([[3, undefined]])
    const streamed = await pictor.plan({ ...request, options: { stream: true, partial_images: 1 } })
    expect(streamed.calls.map(({ body }) => [body["n"], body["stream"]])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ])
  })

  it("cannot be repeated for the same image, and says why", async () => {
    const { images } = await pictor.generate({ model: "gpt-image-2", prompt, seed: 7 })
    recorder.requests.length = 0
    expect(images[0]?.recipe).toMatchObject({ replayable: false })
    expect(images[0]?.seed).toBeUndefined()
  })
})
