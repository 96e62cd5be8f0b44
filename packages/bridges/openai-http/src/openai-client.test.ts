import { ImageError } from "@pictor/core"
import type { TransportCall } from "@pictor/core/adapter"
import OpenAI, { APIError, BadRequestError, NotFoundError, RateLimitError, toFile } from "openai"
import { describe, expect, it } from "vitest"
import { healthy, picture, shown, studio } from "./__fixtures__/studio.ts"

const clientOf = (made: ReturnType<typeof studio>, more: Readonly<Record<string, unknown>> = {}) =>
  new OpenAI({
    apiKey: "sk-test",
    baseURL: "http://bridge.test/v1",
    fetch: async (input, init) => made.openai.fetch(new Request(input, init)),
    ...more,
  })

const model = "acme.brush-v1:0"

describe("the openai client", () => {
  it("generates images", async () => {
    const made = studio()
    const { data, response, request_id } = await clientOf(made)
      .images.generate({ model, prompt: "A lighthouse", n: 3, size: "1024x1024" })
      .withResponse()
    expect(data.data?.map(({ b64_json }) => shown(b64_json))).toEqual([
      "picture 0",
      "picture 1",
      "picture 0",
    ])
    expect(data).toMatchObject({ created: 1795176000, size: "256x256", output_format: "png" })
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/)
    expect(response.headers.get("x-pictor-cost-usd")).toBe("0.12")
    expect(made.calls).toHaveLength(2)
  })

  it("sends extra parameters and the model's own fields", async () => {
    const made = studio()
    const extra = {
      seed: 0,
      cfg_scale: 99,
      taskType: "COLOR",
      colorParams: { colors: ["#FFFFFF"] },
    }
    await clientOf(made).images.generate({ model, prompt: "A lighthouse", ...extra })
    expect(made.sent()).toMatchObject({
      taskType: "COLOR",
      colorParams: { colors: ["#FFFFFF"], text: "A lighthouse" },
      config: { seed: 0, cfgScale: 10 },
    })
  })

  it("edits an image", async () => {
    const made = studio()
    const image = await toFile(picture("a house"), "house.png", { type: "image/png" })
    const mask = await toFile(picture("a hole"), "mask.png", { type: "image/png" })
    const extra = { seed: 7, pictor: { guidance: 3 } }
    const answer = await clientOf(made).images.edit({
      model,
      prompt: "A pond",
      image,
      mask,
      n: 1,
      ...extra,
    })
    expect(answer.data).toHaveLength(1)
    const { inParams, config } = made.sent() as {
      inParams: Record<string, string>
      config: unknown
    }
    expect([shown(inParams["image"]), shown(inParams["mask"]), inParams["text"]]).toEqual([
      "a house",
      "white where a hole",
      "A pond",
    ])
    expect(config).toMatchObject({ seed: 7, cfgScale: 3 })
  })

  it("edits several images", async () => {
    const made = studio()
    const images = await Promise.all(
      ["one", "two"].map(async (name) =>
        toFile(picture(name), `${name}.png`, { type: "image/png" }),
      ),
    )
    await clientOf(made).images.edit({ model, prompt: "Both", image: images })
    const { varyParams } = made.sent() as { varyParams: { images: string[] } }
    expect(varyParams.images.map(shown)).toEqual(["one", "two"])
  })

  it("streams one completed event per image", async () => {
    const stream = await clientOf(studio()).images.generate({
      model,
      prompt: "A lighthouse",
      n: 2,
      stream: true,
      partial_images: 2,
    })
    const events = []
    for await (const event of stream) events.push(event)
    expect(events.map(({ type }) => type)).toEqual([
      "image_generation.completed",
      "image_generation.completed",
    ])
    expect(events.map(({ b64_json }) => shown(b64_json))).toEqual(["picture 0", "picture 1"])
    expect(events[0]).toMatchObject({
      size: "256x256",
      output_format: "png",
      created_at: 1795176000,
    })
  })
})

describe("a stream of the openai client", () => {
  it("yields the images before an error, then throws it", async () => {
    const leaving = new AbortController()
    const hanging = (call: TransportCall) =>
      new Promise<never>((_, reject) => {
        call.signal?.addEventListener("abort", () =>
          reject(new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: true })),
        )
      })
    const made = studio({
      provider: (call, index) => (index === 0 ? healthy(call) : hanging(call)),
    })
    const fetched = (input: string | URL | Request, init?: RequestInit) =>
      made.openai.fetch(new Request(input, init), { signal: leaving.signal })
    const stream = await clientOf(made, { fetch: fetched }).images.generate({
      model,
      prompt: "A lighthouse",
      n: 3,
      stream: true,
    })
    const seen: string[] = []
    const reading = async (): Promise<void> => {
      for await (const event of stream) {
        seen.push(shown(event.b64_json))
        if (seen.length === 2) leaving.abort()
      }
    }
    const error: unknown = await reading().catch((each: unknown) => each)
    expect(seen).toEqual(["picture 0", "picture 1"])
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ code: "request_aborted", type: "invalid_request_error" })
  })
})

describe("an error of the openai client", () => {
  const failing = (error: ImageError) =>
    studio({
      provider: () => {
        throw error
      },
      client: { retry: false },
    })

  const thrownBy = async (promise: Promise<unknown>): Promise<APIError> => {
    const error: unknown = await promise.catch((each: unknown) => each)
    if (error instanceof APIError) return error
    throw new Error("nothing was thrown")
  }

  it("names the field", async () => {
    const error = await thrownBy(
      clientOf(studio()).images.generate({ model, prompt: "A", n: 0, size: "big" }),
    )
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({
      status: 400,
      param: "n",
      code: "invalid_value",
      type: "invalid_request_error",
    })
    expect((error.error as { issues: unknown[] }).issues).toHaveLength(2)
  })

  it("names similar models", async () => {
    const error = await thrownBy(
      clientOf(studio()).images.generate({ model: "acme.brus", prompt: "A" }),
    )
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error.code).toBe("model_not_found")
    expect(error.message).toContain(model)
  })

  it("has the moderation stage", async () => {
    const error = await thrownBy(
      clientOf(
        failing(
          new ImageError({ code: "content_filtered", message: "Filtered.", stage: "prompt" }),
        ),
      ).images.generate({ model, prompt: "A" }),
    )
    expect(error).toMatchObject({
      status: 400,
      code: "moderation_blocked",
      error: { moderation_details: { moderation_stage: "input" } },
    })
  })

  it("is retried when a retry may help", async () => {
    let count = 0
    const made = studio({
      provider: (call) => {
        if (count++ === 0)
          throw new ImageError({ code: "rate_limited", message: "Slow down.", retryAfterMs: 1 })
        return healthy(call)
      },
      client: { retry: false },
    })
    const fetched: number[] = []
    const client = clientOf(made, {
      fetch: async (input: string | URL | Request, init?: RequestInit) => {
        const response = await made.openai.fetch(new Request(input, init))
        fetched.push(response.status)
        response.headers.set("retry-after-ms", "1")
        return response
      },
    })
    await client.images.generate({ model, prompt: "A" })
    expect(fetched).toEqual([429, 200])
  })

  it("is not retried when it may be charged twice", async () => {
    const made = failing(
      new ImageError({ code: "timeout", message: "Too late.", maybeBilled: true }),
    )
    const error = await thrownBy(clientOf(made).images.generate({ model, prompt: "A" }))
    expect(error.status).toBe(504)
    expect(made.calls).toHaveLength(1)
  })

  it("is not retried when a budget is exceeded", async () => {
    const made = failing(new ImageError({ code: "budget_exceeded", message: "Spent." }))
    const error = await thrownBy(clientOf(made).images.generate({ model, prompt: "A" }))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ code: "budget_exceeded", type: "budget_exceeded" })
    expect(made.calls).toHaveLength(1)
  })
})
