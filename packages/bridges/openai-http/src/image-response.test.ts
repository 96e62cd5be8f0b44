import { type ImageAbout, ImageError, type ImageStore } from "@pictor/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { runs } from "./__fixtures__/scale.ts"
import { base64, healthy, picture, reply, shown, studio } from "./__fixtures__/studio.ts"
import { toCost, usd } from "./response.ts"

const model = "acme.brush-v1:0"
const order = { model, prompt: "A lighthouse" }
const post = (body: unknown) =>
  new Request("http://bridge.test/v1/images/generations", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })

describe("an images response", () => {
  it("passes on the provider's bytes without a copy", async () => {
    const pictures = ["one", "two"].map((shows) => base64(picture(shows.repeat(3000))))
    const body = new TextEncoder().encode(JSON.stringify({ images: pictures }))
    const { openai } = studio({ provider: () => ({ status: 200, headers: {}, body }) })
    for (const stream of [false, true]) {
      const { parts, headers } = await openai.respond(post({ ...order, n: 2, stream }))
      const all = parts as readonly Uint8Array[]
      expect(
        all.filter((part) => part.buffer === body.buffer).map(({ byteLength }) => byteLength),
      ).toEqual(pictures.map(({ length }) => length))
      expect(
        all
          .filter((part) => part.buffer !== body.buffer)
          .reduce((sum, { byteLength }) => sum + byteLength, 0),
      ).toBeLessThan(3000)
      expect(headers["content-length"]).toBe(
        String(all.reduce((sum, { byteLength }) => sum + byteLength, 0)),
      )
    }
  })

  it("describes the images and reports the changes, seeds and cost", async () => {
    const response = await studio().generate({
      ...order,
      n: 3,
      size: "1000x1000",
      quality: "hd",
      background: "opaque",
      seed: 5,
    })
    const { created, data, pictor, ...looks } = await imagesOf(response)
    expect(created).toBe(1_795_176_000)
    expect(data.map(({ b64_json }) => shown(b64_json))).toEqual([
      "picture 0",
      "picture 1",
      "picture 0",
    ])
    expect(looks).toEqual({
      size: "256x256",
      quality: "hd",
      output_format: "png",
      background: "opaque",
      usage: {
        input_tokens: 0,
        input_tokens_details: { image_tokens: 0, text_tokens: 0 },
        output_tokens: 0,
        total_tokens: 0,
      },
    })
    expect(pictor).toMatchObject({
      model,
      seeds: [5, 5, 7],
      slots: [],
      cost: { usd: "0.24", micro_usd: 240_000 },
    })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "x-pictor-model": model,
      "x-litellm-model-group": model,
      "x-pictor-cost-usd": "0.24",
      "x-litellm-response-cost": "0.24",
      "x-pictor-changes": "quality=mapped, size=snapped, n=split",
      "x-request-id": expect.stringMatching(/^req_[0-9a-f]{32}$/),
    })
    expect(response.headers.get("x-litellm-call-id")).toBe(response.headers.get("x-request-id"))
  })

  it("omits the cost headers when a price is unknown", async () => {
    const response = await studio().generate({ ...order, model: "acme.ratio-v1:0" })
    expect([...response.headers.keys()]).not.toContain("x-pictor-cost-usd")
    expect([...response.headers.keys()]).not.toContain("x-litellm-response-cost")
    expect((await imagesOf(response)).pictor.cost).toEqual({
      usd: null,
      micro_usd: 0,
      maybe_micro_usd: 0,
      unknown_images: 1,
    })
  })

  it("has the delivered images and the reasons of the missing ones", async () => {
    const made = studio({
      provider: (call, index) => {
        if (index === 0) return healthy(call)
        if (index === 1) return reply({ images: [base64(picture("third"))], error: "blocked" })
        throw new ImageError({ code: "unauthenticated", message: "The key AKIA is wrong." })
      },
      client: { retry: false, parallelCalls: 1 },
    })
    const { data, pictor } = await imagesOf(await made.generate({ ...order, n: 7 }))
    expect(data.map(({ b64_json }) => shown(b64_json))).toEqual(["picture 0", "picture 1", "third"])
    expect(
      pictor.slots.map(({ index, status, stage, code }) => [index, status, stage ?? code]),
    ).toEqual([
      [3, "filtered", "output"],
      [4, "failed", "provider_unauthenticated"],
      [5, "failed", "provider_unauthenticated"],
      [6, "not-attempted", undefined],
    ])
    expect(JSON.stringify(pictor)).not.toContain("AKIA")
    expect(pictor.cost.usd).toBe("0.12")
  })

  it("ends with 499 when the client of the request leaves", async () => {
    const leaving = new AbortController()
    const made = studio({
      provider: (call) =>
        new Promise((_, reject) => {
          call.signal?.addEventListener("abort", () =>
            reject(new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: true })),
          )
          leaving.abort()
        }),
      client: { retry: false },
    })
    const response = await made.send("/v1/images/generations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
      signal: leaving.signal,
    })
    expect(response.status).toBe(499)
  })

  it("has the images that are ready when the time limit passes", async () => {
    const made = studio({
      provider: (call, index) =>
        index === 0
          ? healthy(call)
          : new Promise((_, reject) => {
              call.signal?.addEventListener("abort", () =>
                reject(new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: true })),
              )
            }),
      client: { retry: false, parallelCalls: 1 },
      context: { timeoutMs: 30 },
    })
    const { data, pictor } = await imagesOf(await made.generate({ ...order, n: 4 }))
    expect(data).toHaveLength(2)
    expect(pictor.slots.map(({ index, status }) => [index, status])).toEqual([
      [2, "failed"],
      [3, "failed"],
    ])
    expect(pictor.warnings[0]).toContain("time limit passed")
    expect(pictor.cost).toMatchObject({ usd: "0.08", maybe_micro_usd: 80_000 })
  })
})

const shelf = (more: Partial<ImageStore> = {}) => {
  const kept = new Map<string, Uint8Array>()
  const abouts: ImageAbout[] = []
  const store: ImageStore = {
    put: async (key, image, about) => {
      kept.set(key, image.bytes())
      abouts.push(about)
    },
    get: async () => undefined,
    url: async (key) => `https://images.test/${key}?sig=1`,
    ...more,
  }
  return { kept, abouts, store }
}

describe("response_format url", () => {
  it("stores the images under random names", async () => {
    const { kept, store } = shelf()
    const { data } = await imagesOf(
      await studio({ bridge: { imageStore: store } }).generate({
        ...order,
        n: 2,
        response_format: "url",
      }),
    )
    expect(data.map(({ url }) => url)).toEqual(
      [...kept.keys()].map((key) => `https://images.test/${key}?sig=1`),
    )
    expect([...kept.keys()].every((key) => /^[0-9a-f-]{72}\.png$/.test(key))).toBe(true)
    expect([...kept.values()].map((bytes) => shown(base64(bytes)))).toEqual([
      "picture 0",
      "picture 1",
    ])
    expect(data.every((each) => !("b64_json" in each))).toBe(true)
  })

  it("stores the images with their model, day, tags, cost and recipe", async () => {
    const { abouts, store } = shelf()
    await studio({ bridge: { imageStore: store } }).generate({
      ...order,
      n: 2,
      response_format: "url",
      metadata: { tags: ["project=tea"] },
    })
    expect(abouts).toHaveLength(2)
    for (const about of abouts)
      expect(about).toMatchObject({
        model: expect.stringMatching(/./) as string,
        day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) as string,
        tags: { project: "tea" },
        cost: { microUsd: 40_000, unpricedImages: 0 },
        recipe: { v: 1 },
      })
  })

  it.each([
    ["cannot be stored", { put: () => Promise.reject(new Error("canary: disk full")) }],
    ["have no URL", { url: async () => undefined }],
  ])("sends images inline that %s", async (_, more) => {
    const response = await studio({ bridge: { imageStore: shelf(more).store } }).generate({
      ...order,
      response_format: "url",
    })
    const { data, pictor } = await imagesOf(response)
    expect(data.map(({ b64_json }) => shown(b64_json))).toEqual(["picture 0"])
    expect(pictor.warnings).toEqual(["1 of 1 images could not be stored and are sent as b64_json."])
  })

  it("rejects a stream", async () => {
    const made = studio({ bridge: { imageStore: shelf().store } })
    expect(
      await errorOf(await made.generate({ ...order, response_format: "url", stream: true })),
    ).toMatchObject({ param: "response_format" })
    expect(made.calls).toEqual([])
  })
})

describe("the account, tags and idempotency key", () => {
  const chargedTo = async (context: Parameters<typeof studio>[0], extra = {}) => {
    const seen: unknown[] = []
    const spy = {
      name: "spy",
      request: <Out>(
        request: { account?: unknown; tags?: unknown; idempotencyKey?: unknown },
        next: (same: never) => Promise<Out>,
      ) => {
        seen.push({ account: request.account, tags: request.tags, key: request.idempotencyKey })
        return next(request as never)
      },
    }
    await imagesOf(
      await studio({ ...context, client: { middleware: [spy] } }).json(
        "/v1/images/generations",
        { ...order, ...extra },
        { "idempotency-key": "k1" },
      ),
    )
    return seen[0]
  }

  it.each([
    [{}, {}, { account: undefined, tags: undefined, key: "k1" }],
    [{}, { user: "ann" }, { account: { endUser: "ann" }, tags: undefined, key: "k1" }],
    [
      {},
      { user: "ann", safety_identifier: "" },
      { account: { endUser: "ann" }, tags: undefined, key: "k1" },
    ],
    [
      {},
      { user: "ann", safety_identifier: "bob" },
      { account: { endUser: "bob" }, tags: undefined, key: "k1" },
    ],
    [
      { account: { key: "k", user: "host" } },
      { user: "ann" },
      { account: { key: "k", user: "host", endUser: "ann" }, tags: undefined, key: "k1" },
    ],
    [
      { account: { key: "k", endUser: "from a header" } },
      { user: "ann" },
      { account: { key: "k", endUser: "from a header" }, tags: undefined, key: "k1" },
    ],
    [
      { account: { key: "k" }, tags: { a: "1" } },
      { user: "ann", pictor: { tags: { a: "2", b: "3" } } },
      { account: { key: "k", endUser: "ann" }, tags: { a: "1", b: "3" }, key: "k1" },
    ],
  ])("take the host before the request: %j %j", async (context, extra, expected) => {
    expect(await chargedTo({ context }, extra)).toEqual(expected)
  })

  it("leave the request id printable ASCII", async () => {
    const { headers } = await studio({ context: { requestId: "näme\n1" } }).send("/v1/models")
    expect(headers.get("x-request-id")).toBe("n?me?1")
  })
})

describe("usd", () => {
  it.each([
    [0, "0"],
    [1, "0.000001"],
    [40_000, "0.04"],
    [1_000_000, "1"],
    [12_345_678, "12.345678"],
    [Number.MAX_SAFE_INTEGER, "9007199254.740991"],
  ])("formats %d micro-USD as %s", (microUsd, text) => {
    expect(usd(microUsd)).toBe(text)
  })

  it("is exact for every amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (microUsd) => {
        const [whole = "", fraction = ""] = usd(microUsd).split(".")
        expect(BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0"))).toBe(BigInt(microUsd))
        expect(fraction).not.toMatch(/0$|.{7}/)
      }),
      { seed: 20_261_120, numRuns: runs(2000) },
    )
  })

  it("is null in toCost when a price is unknown", () => {
    expect(toCost({ microUsd: 5, maybeMicroUsd: 0, unpricedImages: 1 })).toMatchObject({
      usd: null,
      micro_usd: 5,
    })
  })
})
