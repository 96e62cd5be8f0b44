import { createPictor } from "@pictor/core"
import { defineAdapter, isImageData, type ModelCard } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import { answer, family, type Respond } from "./__fixtures__/server.ts"

const source = "api"

const models = [
  {
    id: "painter-1",
    regions: [],
    lifecycle: { status: "active", source },
    tasks: {
      "text-to-image": {
        imagesPerCall: 2,
        endpoint: "/images",
        encoding: "form",
        fields: {
          prompt: { kind: "text", path: "prompt", min: 1, max: 1000, required: true, source },
          n: { kind: "count", path: "n", max: 2, source },
        },
      },
    },
    prices: [{ microUsd: 40_000, source }],
    sources: { api: { url: "https://acme.example/docs", seen: "2026-11-30" } },
  },
] as const satisfies readonly ModelCard[]

const painter = defineAdapter({
  name: "painter",
  models,
  http: { ...family, file: "data.#.url" },
  decode: (reply) =>
    (reply as { readonly data: readonly { readonly url: unknown }[] }).data.map(({ url }) =>
      typeof url !== "string" && isImageData(url)
        ? { status: "delivered", data: url }
        : {
            status: "failed",
            code: "provider_failed",
            message: "The picture is gone.",
            billed: true,
          },
    ),
})

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
)

describe("generate over http()", () => {
  it("sends the card's form, and delivers a file; one that is gone is failed and charged", async () => {
    const files: Readonly<Record<string, Respond>> = {
      "/0.png": (response) => answer(response, 200, picture, { "content-type": "image/png" }),
      "/1.png": (response) => answer(response, 410, {}),
    }
    const server = await serve((response, received, cut) => {
      const data = Object.keys(files).map((path) => ({ url: `${server.url}${path}` }))
      return received.method === "POST"
        ? answer(response, 200, { data })
        : files[received.path]?.(response, received, cut)
    })
    const pictor = createPictor({ adapters: [painter(connect(server.url))] })
    const { image, slots, cost } = await pictor.generate({
      model: "painter-1",
      prompt: "a lighthouse",
      n: 2,
    })
    expect(Buffer.from(image.bytes()).equals(picture)).toBe(true)
    expect(slots.map(({ status }) => status)).toEqual(["delivered", "failed"])
    expect(cost.microUsd).toBe(80_000)
    expect(server.requests[0]).toMatchObject({
      path: "/images",
      headers: { "content-type": expect.stringContaining("multipart/form-data") as string },
    })
    expect(server.requests[0]?.body.toString()).toContain('name="prompt"\r\n\r\na lighthouse')
  })

  it("names the remedy where the key is missing, and sends nothing", async () => {
    const server = await serve(() => {})
    const transport = connect(server.url, { key: undefined })
    const pictor = createPictor({ adapters: [painter(transport)] })
    await expect(
      pictor.generate({ model: "painter-1", prompt: "a lighthouse" }),
    ).rejects.toMatchObject({ message: expect.stringContaining("http({ key })") as string })
    expect(server.requests).toHaveLength(0)
  })
})
