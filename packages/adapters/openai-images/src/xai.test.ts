import { describeAdapter } from "@pictor/adapter-contract"
import { createPictor } from "@pictor/core"
import { http } from "@pictor/http"
import { emulated, type RecordedRequest } from "@pictor/openai-emulator"
import { afterAll, describe, expect, it } from "vitest"
import { image, mask } from "./__fixtures__/images.ts"
import { xaiImages } from "./index.ts"

const requests: RecordedRequest[] = []
const transport = http(emulated({ seed: 1, requests }))
const pictor = createPictor({ adapters: [xaiImages(transport)] })
afterAll(() => pictor.close())

describeAdapter("xai-images over HTTP", {
  create: xaiImages,
  provider: transport.invoke,
  requests: {
    "text-to-image": { prompt: "a lighthouse" },
    "image-to-image": { prompt: "a lighthouse", images: [image, mask] },
  },
  outcomes: {
    filtered: { data: [{ respect_moderation: false }] },
    partial: (_call, images) => ({
      data: [
        ...images.slice(1).map((b64_json) => ({ b64_json, respect_moderation: true })),
        { respect_moderation: false },
      ],
    }),
    malformed: { data: [7] },
  },
})

const model = "grok-imagine-image-2.0"

describe("xaiImages", () => {
  it("sends one picture as `image`, several as `images`", async () => {
    for (const images of [[image], [image, mask]])
      await pictor.generate({ model, task: "image-to-image", prompt: "a", images })
    const url = { type: "image_url", url: expect.stringMatching(/^data:image\/png;base64,/) }
    const [one, two] = requests.slice(-2).map(({ body }) => body)
    expect(one).toMatchObject({ image: url, response_format: "b64_json" })
    expect(one).not.toHaveProperty("images")
    expect(two).toMatchObject({ images: [url, url] })
    expect(two).not.toHaveProperty("image")
  })

  it("maps a size in pixels to a tier and a ratio", async () => {
    const { calls } = await pictor.plan({ model, prompt: "a", size: "2048x1152" })
    expect(calls[0]?.body).toMatchObject({ resolution: "2k", aspect_ratio: "16:9" })
  })

  it("reports a moderated picture as filtered and delivers the others", async () => {
    const failure = pictor.generate({ model, prompt: "a [[fault:moderation-output]]" })
    await expect(failure).rejects.toMatchObject({
      code: "content_filtered",
      slots: [{ status: "filtered", stage: "output" }],
    })
  })
})
