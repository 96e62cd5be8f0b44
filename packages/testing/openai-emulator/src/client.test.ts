import OpenAI, {
  APIConnectionError,
  AuthenticationError,
  AzureOpenAI,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  toFile,
} from "openai"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { small, start } from "./__fixtures__/emulator.ts"
import { changes, decoded, mask, photo, pixelAt } from "./__fixtures__/images.ts"
import type { OpenAiEmulator } from "./emulator.ts"
import type { EmulatorOptions } from "./options.ts"

const connect = async (
  options: EmulatorOptions = {},
): Promise<{ readonly client: OpenAI; readonly emulator: OpenAiEmulator }> => {
  const emulator = await start(options)
  const baseURL = `${emulator.url}/v1`
  return { emulator, client: new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 }) }
}

const file = (bytes: Buffer, name: string) => toFile(bytes, name, { type: "image/png" })

describe("the published client", () => {
  it("generates pictures of the requested size and format", async () => {
    const { client, emulator } = await connect()
    const { data, _request_id, ...reply } = await client.images.generate({
      ...small,
      size: "1536x864",
      output_format: "webp",
      n: 2,
      safety_identifier: "hash",
    })
    expect(reply).toMatchObject({
      background: "opaque",
      output_format: "webp",
      quality: "low",
      size: "1536x864",
      safety_identifier: "hash",
    })
    const [first, second] = (data ?? []).map(({ b64_json }) => b64_json ?? "")
    expect(await sharp(Buffer.from(first ?? "", "base64")).metadata()).toMatchObject({
      format: "webp",
      width: 1536,
      height: 864,
    })
    expect(first).not.toBe(second)
    expect(reply.usage?.output_tokens).toBe(2 * 120)
    expect(emulator.bill).toEqual([
      {
        requestId: _request_id,
        model: "gpt-image-2",
        images: 2,
        usage: reply.usage,
        microUsd: (reply.usage?.output_tokens ?? 0) * 30 + 3 * 5,
      },
    ])
  })

  it("gets a really transparent background", async () => {
    const { client } = await connect()
    const { data, background } = await client.images.generate({
      ...small,
      background: "transparent",
    })
    const raw = await decoded(data?.[0]?.b64_json ?? "")
    expect(background).toBe("transparent")
    expect([pixelAt(raw, 0, 0)[3], pixelAt(raw, 512, 512)[3]]).toEqual([0, 255])
  })

  it("edits only what the mask marks", async () => {
    const { client, emulator } = await connect()
    const { data, usage } = await client.images.edit({
      ...small,
      image: await file(photo, "photo.png"),
      mask: await file(mask, "mask.png"),
      n: 1,
    })
    const after = await decoded(data?.[0]?.b64_json ?? "")
    const { inside, outside } = changes(await decoded(photo.toString("base64")), after)
    expect(outside).toBe(0)
    expect(inside).toBeGreaterThan(10_000)
    expect(usage?.input_tokens_details).toEqual({ text_tokens: 3, image_tokens: 2048 })
    expect(emulator.requests[0]?.path).toBe("/v1/images/edits")
  })

  it("edits several pictures as a form and as JSON alike", async () => {
    const { client } = await connect()
    const images = [await file(photo, "a.png"), await file(mask, "b.png")]
    const asForm = await client.images.edit({ ...small, image: images })
    const asJson: OpenAI.ImagesResponse = await client.post("/images/edits", {
      body: {
        ...small,
        images: [photo, mask].map((bytes) => ({
          image_url: `data:image/png;base64,${bytes.toString("base64")}`,
        })),
      },
    })
    expect(asJson.data).toEqual(asForm.data)
  })

  it("streams partial images of growing size, then the picture", async () => {
    const { client } = await connect()
    const stream = await client.images.generate({ ...small, stream: true, partial_images: 2 })
    const events: OpenAI.ImageGenStreamEvent[] = []
    for await (const event of stream) events.push(event)
    const widths = await Promise.all(
      events.map(async ({ b64_json }) => (await decoded(b64_json)).width),
    )
    expect(events.map(({ type }) => type)).toEqual([
      "image_generation.partial_image",
      "image_generation.partial_image",
      "image_generation.completed",
    ])
    expect(widths).toEqual([256, 512, 1024])
    const last = events.at(-1)
    expect(last?.type === "image_generation.completed" && last.usage.output_tokens).toBe(196 + 200)
    const whole = await client.images.generate(small)
    expect(last?.b64_json).toBe(whole.data?.[0]?.b64_json)
  })

  it("streams several pictures whose usages add up to the bill", async () => {
    const { client, emulator } = await connect()
    const stream = await client.images.generate({ ...small, n: 2, stream: true, partial_images: 1 })
    let total = 0
    for await (const event of stream)
      if (event.type === "image_generation.completed") total += event.usage.total_tokens
    expect(total).toBe(3 + 2 * (196 + 100))
    expect(emulator.bill).toMatchObject([{ images: 2, usage: { total_tokens: total } }])
  })

  it("streams an edit", async () => {
    const { client, emulator } = await connect()
    const stream = await client.images.edit({
      ...small,
      image: await file(photo, "a.png"),
      stream: true,
      partial_images: 1,
    })
    const types: string[] = []
    for await (const { type } of stream) types.push(type)
    expect(types).toEqual(["image_edit.partial_image", "image_edit.completed"])
    expect(emulator.bill[0]?.usage?.output_tokens).toBe(196 + 100)
  })

  it.each([
    ["rate-limit;retry=7", RateLimitError, 429, "rate_limit_exceeded"],
    ["insufficient-quota", RateLimitError, 429, "insufficient_quota"],
    ["invalid-key", AuthenticationError, 401, "invalid_api_key"],
    ["not-verified", PermissionDeniedError, 403, null],
    ["retired", NotFoundError, 404, "model_not_found"],
    ["internal", InternalServerError, 500, null],
    ["unavailable", InternalServerError, 503, null],
    ["moderation-output", BadRequestError, 400, "moderation_blocked"],
  ])("throws its own error for %s", async (fault, type, status, code) => {
    const { client, emulator } = await connect()
    const error = await client.images
      .generate(small, { headers: { "x-emulator-fault": fault } })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({ status, code, requestID: expect.stringMatching(/^req_/) })
    expect(emulator.bill).toEqual([])
  })

  it("retries after the named time of a rate limit", async () => {
    const emulator = await start({
      faults: [{ kind: "rate-limit", times: 1, retryAfterSeconds: 0 }],
    })
    const client = new OpenAI({ baseURL: `${emulator.url}/v1`, apiKey: "any", maxRetries: 1 })
    expect((await client.images.generate(small)).data).toHaveLength(1)
    expect(emulator.requests).toHaveLength(2)
  })

  it.each(["reset-before", "reset-after"])("reports a connection error for %s", async (fault) => {
    const { client, emulator } = await connect()
    const prompt = `A tea garden [[fault:${fault}]]`
    await expect(client.images.generate({ ...small, prompt })).rejects.toBeInstanceOf(
      APIConnectionError,
    )
    expect(emulator.bill).toHaveLength(fault === "reset-after" ? 1 : 0)
  })

  it("gets partial images before a cut stream breaks", async () => {
    const { client } = await connect()
    const stream = await client.images.generate(
      { ...small, stream: true, partial_images: 2 },
      { headers: { "x-emulator-fault": "cut-stream" } },
    )
    const types: string[] = []
    const read = async (): Promise<void> => {
      for await (const { type } of stream) types.push(type)
    }
    await expect(read()).rejects.toThrow("terminated")
    expect(types).toEqual(["image_generation.partial_image"])
  })

  it("throws the error event of a stream", async () => {
    const { client, emulator } = await connect()
    const stream = await client.images.generate(
      { ...small, stream: true, partial_images: 1 },
      { headers: { "x-emulator-fault": "stream-error" } },
    )
    const read = async (): Promise<void> => {
      for await (const event of stream) void event
    }
    await expect(read()).rejects.toMatchObject({ code: "image_generation_failed" })
    expect(emulator.bill).toEqual([])
  })

  it("lists models", async () => {
    const { client } = await connect()
    const ids = (await client.models.list()).data.map(({ id }) => id)
    expect(ids).toContain("gpt-image-2.6-flare")
    expect(ids).not.toContain("gpt-image-1")
    await expect(client.models.retrieve("gpt-image-1")).rejects.toBeInstanceOf(NotFoundError)
  })
})

describe("the published Azure client", () => {
  const azure = async (options: EmulatorOptions = {}) => {
    const emulator = await start({ deployments: { drawings: "gpt-image-2" }, ...options })
    const shared = { apiKey: "any", apiVersion: "2026-10-01-preview", maxRetries: 0 }
    return { emulator, client: new AzureOpenAI({ endpoint: emulator.url, ...shared }) }
  }

  it("calls a deployment by the URL", async () => {
    const { client, emulator } = await azure()
    const { data } = await client.images.generate({ ...small, model: "drawings" })
    expect(data).toHaveLength(1)
    expect(emulator.requests[0]).toMatchObject({
      path: "/openai/deployments/drawings/images/generations?api-version=2026-10-01-preview",
      headers: { "api-key": "any" },
    })
    expect(emulator.bill[0]?.model).toBe("gpt-image-2")
  })

  it("edits with a mask", async () => {
    const { client } = await azure()
    const { data } = await client.images.edit({
      ...small,
      model: "drawings",
      image: await file(photo, "a.png"),
      mask: await file(mask, "b.png"),
    })
    expect(data).toHaveLength(1)
  })

  it("reports an unknown deployment", async () => {
    const { client } = await azure()
    await expect(client.images.generate({ ...small, model: "nothing" })).rejects.toBeInstanceOf(
      NotFoundError,
    )
  })
})
