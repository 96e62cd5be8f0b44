import { describe, expect, it } from "vitest"
import { reply, scripted, stillRuntime } from "../__fixtures__/client.ts"
import { memoryStore } from "../__fixtures__/memory-store.ts"
import { picture } from "../__fixtures__/pictures.ts"
import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter, Outcome } from "../contract/adapter.ts"
import type { ModelCard } from "../contract/card.ts"
import type { PictorOptions } from "../contract/client.ts"
import type { Reply } from "../contract/transport.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"

const card = {
  id: "acme.files-v1",
  regions: [],
  sources: { page: { url: "https://example.com/files", seen: "2026-11-30" } },
  lifecycle: { status: "active" },
  tasks: {
    "text-to-image": {
      imagesPerCall: 2,
      fields: {
        prompt: { kind: "text", path: "prompt", max: 100 },
        n: { kind: "count", path: "count", max: 2 },
      },
    },
  },
  prices: [{ microUsd: 40_000, source: "page" }],
} as const satisfies ModelCard

const request = { model: card.id, prompt: "a" }
const bytes = picture({ width: 640, height: 480 })

type Options = Partial<PictorOptions<readonly ImageAdapter[]>>

/** A client whose adapter records what it decodes. */
const clientOf = (
  answer: Reply,
  decode: (content: never) => readonly unknown[],
  options: Options = {},
) => {
  const contents: unknown[] = []
  const { transport, calls } = scripted(() => answer)
  const adapter = defineAdapter({
    name: "files",
    models: [card],
    decode: (content) => {
      contents.push(content)
      return decode(content as never).map((data) => ({ status: "delivered", data }) as Outcome)
    },
  })
  const pictor = createPictor({
    adapters: [adapter(transport)],
    runtime: stillRuntime(),
    ...options,
  })
  return { pictor, contents, calls }
}

describe("a reply that is a picture", () => {
  it.each(["image/png", "IMAGE/PNG; q=1"])("comes as bytes and headers: %s", async (type) => {
    const headers = { "Content-Type": type, seed: "7" }
    const halves = [bytes.subarray(0, 50), bytes.subarray(50)]
    const { pictor, contents } = clientOf({ status: 200, headers, body: halves }, (content) => [
      content,
    ])
    const { image } = await pictor.generate(request)
    expect(contents).toEqual([{ bytes, headers }])
    expect(image).toMatchObject({ mediaType: "image/png", width: 640, height: 480 })
    expect(image.bytes()).toEqual(bytes)
  })

  it("is not looked for in a reply of another type", async () => {
    const headers = { "content-type": "application/json" }
    const { pictor } = clientOf({ status: 200, headers, body: bytes }, () => [])
    await expect(pictor.generate(request)).rejects.toMatchObject({ code: "invalid_response" })
  })
})

describe("files of a reply", () => {
  const json = { data: [{ url: "https://a.example/1" }, { url: "https://a.example/2" }] }

  it("stand in place of their URLs, as bytes", async () => {
    const files = { "data.0.url": bytes, "data.1.url": picture({ width: 8, height: 9 }) }
    const { pictor, contents } = clientOf(reply(json, { files }), ({ data }: typeof json) =>
      data.map(({ url }) => url),
    )
    const { images } = await pictor.generate({ ...request, n: 2 })
    expect(images.map(({ width }) => width)).toEqual([640, 8])
    expect(contents).toEqual([
      { data: [{ url: { bytes } }, { url: { bytes: files["data.1.url"] } }] },
    ])
  })

  it.each(["data.2.url", "data.0.file", "other", "data.0.url.more", "__proto__.polluted", ""])(
    "change nothing at a path that the reply lacks: %j",
    async (path) => {
      const { pictor, contents } = clientOf(reply(json, { files: { [path]: bytes } }), () => [
        { bytes },
      ])
      await pictor.generate(request)
      expect(contents).toEqual([json])
      expect({}).not.toHaveProperty("polluted")
    },
  )

  it("leave a picture that was not fetched as a failed slot", async () => {
    const { pictor } = clientOf(reply({ data: [{ url: "" }] }), ({ data }: typeof json) => [
      data[0]?.url,
    ])
    await expect(pictor.generate(request)).rejects.toMatchObject({ code: "invalid_response" })
  })
})

describe("pictures of raw bytes", () => {
  it("are stored for their idempotency key and found again", async () => {
    const { store, stored } = memoryStore()
    const options = { ledger: memoryLedger(), imageStore: store }
    const { pictor, calls } = clientOf(reply({}), () => [{ bytes }], options)
    const keyed = { ...request, idempotencyKey: "one" }
    const first = await pictor.generate(keyed)
    expect([...stored.values()]).toEqual([{ bytes, mediaType: "image/png" }])
    const again = await pictor.generate(keyed)
    expect(again).toMatchObject({ replayed: true, cost: first.cost })
    expect(again.image.bytes()).toEqual(bytes)
    expect(again.image.base64()).toBe(first.image.base64())
    expect(calls).toHaveLength(1)
  })
})
