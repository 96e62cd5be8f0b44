import { ImageError, type ImageResult } from "@pictor/core"
import { Hono } from "hono"
import { afterEach, describe, expect, it, vi } from "vitest"
import { calls } from "../request-context.ts"
import type { Caller } from "../types.ts"
import {
  anyone,
  json,
  openSocket,
  post,
  startServer,
  type TestServer,
  type World,
} from "./__fixtures__/server.ts"

let servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
})
const start = async (world?: World): Promise<TestServer> => {
  const server = await startServer(world)
  servers.push(server)
  return server
}

const megabytes = (count: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(count * 1_048_576).fill(97)

describe("an image request", () => {
  it("passes its body to the bridge and gets the answer byte for byte", async () => {
    const parts = [Buffer.from('{"data":"'), megabytes(3), Buffer.from('"}')]
    const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const seen: unknown[] = []
    const { url } = await start({
      respond: async (request, { body }) => {
        seen.push(new URL(request.url).pathname, JSON.parse(Buffer.from(body ?? []).toString()))
        return {
          status: 200,
          headers: { "content-type": "application/json", "content-length": String(length) },
          parts,
        }
      },
    })
    const response = await post(url, { model: "m", prompt: "tea" })
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.concat(parts))).toBe(true)
    expect(response.headers.get("content-length")).toBe(String(length))
    expect(seen).toEqual(["/v1/images/generations", { model: "m", prompt: "tea" }])
  })

  it("accepts a form", async () => {
    const { url } = await start({
      respond: async (request, context) => {
        const form = await new Response(Buffer.from(context.body ?? []), {
          headers: { "content-type": request.headers.get("content-type") ?? "" },
        }).formData()
        return json({ names: [...form.keys()] })
      },
    })
    const body = new FormData()
    body.set("model", "m")
    body.set("image", new Blob([megabytes(1)]), "in.png")
    expect(await (await fetch(`${url}/v1/images/edits`, { method: "POST", body })).json()).toEqual({
      names: ["model", "image"],
    })
  })

  it("streams the answer that the bridge streams", async () => {
    const { url } = await start({
      respond: async () => ({
        status: 200,
        headers: { "content-type": "text/event-stream" },
        parts: (async function* () {
          yield Buffer.from("data: 1\n\n")
          yield Buffer.from("data: 2\n\n")
        })(),
      }),
    })
    expect(await (await post(url)).text()).toBe("data: 1\n\ndata: 2\n\n")
  })

  it("adds the cost of a stream to the key's spending at its end", async () => {
    const spent: unknown[] = []
    const cost = { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 }
    const result = { slots: [], cost, changes: [] } as unknown as ImageResult
    const { url } = await start({
      authenticate: async () => ({ ...anyone, kind: "key", keyId: "key-1" }),
      spend: { add: async (...charge) => spent.push(charge) },
      respond: async () => ({
        status: 200,
        headers: {},
        parts: (async function* () {
          yield Buffer.from("data: 1\n\n")
        })(),
        ended: Promise.resolve({ result }),
      }),
    })
    expect((await (await post(url)).text()).length).toBe(9)
    await vi.waitFor(() => expect(spent).toEqual([["key-1", 40_000]]))
  })

  it("gets a broken connection, not a short answer, if the stream fails", async () => {
    const { url } = await start({
      respond: async () => ({
        status: 200,
        headers: { "content-type": "text/event-stream" },
        parts: (async function* () {
          yield Buffer.from("data: 1\n\n")
          throw new Error("lost")
        })(),
      }),
    })
    await expect((await post(url)).text()).rejects.toThrow("terminated")
  })

  it("has one context for all middleware", async () => {
    const { url } = await start({
      respond: async () =>
        json({
          id: calls.getStore()?.id,
          origin: calls.getStore()?.origin,
          kind: calls.getStore()?.caller.kind,
        }),
    })
    const response = await post(url, {}, { "x-litellm-call-id": "mine.1" })
    expect(await response.json()).toEqual({ id: "mine.1", origin: url, kind: "anyone" })
    expect(response.headers.get("x-litellm-call-id")).toBe("mine.1")
  })

  it("takes its origin from a trusted proxy", async () => {
    const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "images.example.com" }
    const respond = async () => json(calls.getStore()?.origin)
    const { url } = await start({ respond })
    const behind = await start({ respond, settings: { trustProxy: true } })
    expect([
      await (await post(url, {}, headers)).json(),
      await (await post(behind.url, {}, headers)).json(),
    ]).toEqual([url, "https://images.example.com"])
  })

  it("gets a generated id if its own is invalid", async () => {
    const { url } = await start()
    expect(
      (await post(url, {}, { "x-litellm-call-id": "no good; id" })).headers.get(
        "x-litellm-call-id",
      ),
    ).toBe("id-1")
  })

  it.each([
    ["authorization", "Bearer sk-1"],
    ["authorization", "sk-1"],
    ["x-litellm-api-key", "sk-1"],
    ["x-litellm-api-key", "Bearer sk-1"],
    ["api-key", "sk-1"],
    ["x-api-key", "sk-1"],
  ])("takes its key from %s: %s", async (header, value) => {
    const authenticate = vi.fn(async (_bearer: string | undefined) => anyone)
    const { url } = await start({ authenticate })
    await post(url, {}, { [header]: value })
    expect(authenticate).toHaveBeenCalledWith("sk-1")
  })

  it.each([
    ["unauthenticated", 401, "invalid_api_key", "authentication_error"],
    ["forbidden", 403, "forbidden", "permission_error"],
    ["unavailable", 503, "unavailable", "server_error"],
  ] as const)("is rejected if authentication fails with %s", async (code, status, name, type) => {
    const respond = vi.fn(async () => json({}))
    const { url } = await start({
      respond,
      authenticate: async () => Promise.reject(new ImageError({ code, message: "No." })),
    })
    const response = await post(url)
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: { message: "No.", type, param: null, code: name } },
    ])
    expect(respond).not.toHaveBeenCalled()
  })

  it("checks model access by name and by the key's alias", async () => {
    const caller: Caller = {
      ...anyone,
      kind: "key",
      models: ["titan", "nova-*"],
      aliases: { cheap: "titan", dear: "ultra" },
    }
    const { url } = await start({
      authenticate: async () => caller,
      respond: async (_request, { mayUse }) =>
        json(["titan", "nova-canvas", "cheap", "ultra", "dear"].map((model) => mayUse?.(model))),
    })
    expect(await (await post(url)).json()).toEqual([true, true, true, false, false])
  })

  it("may set a timeout up to the server's", async () => {
    const { url } = await start({
      settings: { requestMs: 5000 },
      respond: async (_request, { timeoutMs }) => json(timeoutMs),
    })
    const asked = async (seconds: string): Promise<unknown> =>
      (await post(url, {}, { "x-litellm-timeout": seconds })).json()
    expect(await asked("0.25")).toBe(250)
    expect(await asked("9")).toBe(5000)
    expect(await asked("soon")).toMatchObject({
      error: { code: "invalid_timeout", param: "x-litellm-timeout" },
    })
    expect(await (await post(url)).json()).toBe(5000)
  })

  it("keeps the end user of its headers beside the key's user", async () => {
    const account = { user: "own" }
    const { url } = await start({
      authenticate: async (bearer) => (bearer === "sk-1" ? { ...anyone, account } : anyone),
      respond: async (_request, context) => json(context.account),
    })
    expect(await (await post(url, {}, { "x-litellm-end-user-id": "ann" })).json()).toEqual({
      endUser: "ann",
    })
    expect(
      await (await post(url, {}, { "x-litellm-end-user-id": "ann", "api-key": "sk-1" })).json(),
    ).toEqual({ user: "own", endUser: "ann" })
    const long = await post(url, {}, { "x-litellm-customer-id": "u".repeat(501) })
    expect([long.status, await long.json()]).toMatchObject([
      400,
      { error: { code: "invalid_end_user" } },
    ])
  })

  it("is rejected if its body exceeds the limit, declared or not", async () => {
    const { url } = await start({ settings: { bodyBytes: 1000 } })
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(megabytes(1))
        controller.close()
      },
    })
    const sent = [megabytes(1), stream].map((body) =>
      fetch(`${url}/v1/images/edits`, { method: "POST", body, duplex: "half" } as RequestInit),
    )
    for (const response of await Promise.all(sent))
      expect([response.status, await response.json()]).toMatchObject([
        413,
        { error: { code: "request_too_large" } },
      ])
  })

  it("ends if its body is incomplete", async () => {
    const respond = vi.fn(async () => json({}))
    const { url, lines } = await start({ respond })
    const socket = await openSocket(url)
    socket.write(
      "POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
    )
    socket.end()
    await vi.waitFor(() => expect(lines.find(({ msg }) => msg === "request")).toBeDefined())
    expect(respond).not.toHaveBeenCalled()
  })

  it("gets a 500 if the bridge throws, and the server continues", async () => {
    const secret = "a prompt in a message"
    let first = true
    const { url, lines } = await start({
      respond: async () => {
        if (!first) return json({})
        first = false
        throw new Error(secret)
      },
    })
    const response = await post(url)
    expect([response.status, await response.json()]).toMatchObject([
      500,
      { error: { code: "internal_error" } },
    ])
    expect((await post(url)).status).toBe(200)
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: "unexpected error", thrown: "Error", id: "id-1" }),
    )
    expect(JSON.stringify(lines)).not.toContain(secret)
  })
})

describe("an admin request", () => {
  const admin = new Hono().on(["GET", "POST"], "/key/info", async (context) =>
    context.text((await context.req.text()).slice(0, 10)),
  )
  const ask = (url: string, method: string, headers: string, body: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = ""
      const open = openSocket(url)
      void open.then((socket) => {
        socket.on("data", (chunk: Buffer) => {
          answer += chunk.toString()
        })
        socket.on("close", () => resolve(answer))
        socket.end(
          `${method} /key/info HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n\r\n${body}`,
        )
      })
    })

  it("has a bounded body", async () => {
    const { url, lines, parts } = await start({ admin })
    expect(await ask(url, "POST", "content-length: 2", "{}")).toMatch(/^HTTP\/1.1 200[\s\S]*{}$/)
    expect(await ask(url, "POST", "content-length: 2000000", "x".repeat(2_000_000))).toContain(
      "413",
    )
    expect(await ask(url, "GET", "transfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n")).toContain(
      "200",
    )
    await ask(url, "POST", "content-length: 100", "{")
    expect(lines.filter(({ msg }) => msg === "unexpected error")).toEqual([])
    expect([parts.admission.requests(), parts.admission.bytes()]).toEqual([0, 0])
  })
})

describe("the answer's headers", () => {
  it("contain what LiteLLM clients read", async () => {
    const caller: Caller = { ...anyone, kind: "key", keyId: "k", maxBudgetMicroUsd: 2_500_000 }
    const { url } = await start({
      authenticate: async () => caller,
      spend: { add: async () => 120_000 },
      respond: async () => {
        const call = calls.getStore()
        if (call)
          Object.assign(call, {
            group: "nova",
            retries: 1,
            fallbacks: 2,
            deployment: { id: "d-1", region: "us-east-1" },
          })
        return {
          ...json({}),
          result: {
            cost: { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 },
            slots: [],
            changes: [],
            requestIds: [],
          } as never,
        }
      },
    })
    const { headers } = await post(url)
    const told = Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-litellm-")))
    expect(told).toMatchObject({
      "x-litellm-model-id": "d-1",
      "x-litellm-model-group": "nova",
      "x-litellm-model-region": "us-east-1",
      "x-litellm-response-cost": "0.04",
      "x-litellm-key-spend": "0.12",
      "x-litellm-key-max-budget": "2.5",
      "x-litellm-attempted-retries": "1",
      "x-litellm-attempted-fallbacks": "2",
      "x-litellm-version": "0.0.0",
    })
    expect(Number(told["x-litellm-overhead-duration-ms"])).toBeLessThanOrEqual(
      Number(told["x-litellm-response-duration-ms"]),
    )
  })

  it("omit an unknown cost", async () => {
    const cost = { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 1 }
    const { url } = await start({
      respond: async () => ({
        ...json({}),
        error: new ImageError({ code: "timeout", message: "Late.", cost }),
      }),
    })
    expect((await post(url)).headers.has("x-litellm-response-cost")).toBe(false)
  })

  it("omit the spending if the ledger fails", async () => {
    const { url } = await start({
      authenticate: async () => ({ ...anyone, kind: "key", keyId: "k" }),
      spend: { add: async () => Promise.reject(new Error("gone")) },
    })
    const response = await post(url)
    expect([response.status, response.headers.has("x-litellm-key-spend")]).toEqual([200, false])
  })
})
