import { createServer } from "node:net"
import { isImageError } from "@pictor/core"
import { describe, expect, it, vi } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import {
  answer,
  answerWith,
  call,
  family,
  key,
  type Respond,
  textOf,
} from "./__fixtures__/server.ts"
import type { HttpOptions } from "./options.ts"
import { http } from "./transport.ts"

const never: Respond = () => {}
const half: Respond = (response) => {
  response.writeHead(200, { "content-length": "1000" })
  response.write("{")
}

const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0))
    })
  })

describe("a call", () => {
  it("sends JSON to the endpoint with the key in the family's header", async () => {
    const server = await serve(answerWith(200, { images: [] }, { "x-request-id": "r-1" }))
    const reply = await connect(`${server.url}/v1`).invoke(call)
    expect(textOf(reply.body)).toBe('{"images":[]}')
    expect(reply).toMatchObject({ status: 200, requestId: "r-1" })
    expect(reply.headers["content-type"]).toBe("application/json")
    const [request] = server.requests
    expect(request).toMatchObject({ method: "POST", path: "/v1/images" })
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "content-length": "25",
    })
    expect(request?.body.toString()).toBe('{"prompt":"a lighthouse"}')
  })

  it.each([
    ["a text", "first", ["Bearer first", "Bearer first"]],
    ["a function, called before every request", "function", ["Bearer 1", "Bearer 2"]],
  ])("takes as key %s", async (_, kind, expected) => {
    const server = await serve(answerWith(200, {}))
    let calls = 0
    const transport = connect(server.url, {
      key: kind === "function" ? async () => String(++calls) : kind,
    })
    await transport.invoke(call)
    await transport.invoke(call)
    expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual(expected)
  })

  it("sends no key where it is false, and headers instead of it", async () => {
    const server = await serve(answerWith(200, {}))
    await connect(server.url, { key: false }).invoke(call)
    await connect(server.url, { key: undefined, headers: { AUTHORIZATION: "Basic abc" } }).invoke(
      call,
    )
    await connect(server.url, { auth: { header: "api-key" } }).invoke(call)
    expect(
      server.requests.map(({ headers }) => headers["authorization"] ?? headers["api-key"]),
    ).toEqual([undefined, "Basic abc", key])
  })

  it.each([
    ["no key", {}, "misconfigured", /http\(\{ key \}\).*acme/],
    ["a blank key", { key: " " }, "misconfigured", /http\(\{ key \}\)/],
    ["a key with a line break inside", { key: "a\nb" }, "misconfigured", /characters/],
    ["a function without a key", { key: () => "" }, "unauthenticated", /returned no key/],
    [
      "a function that fails",
      { key: () => Promise.reject(new Error("secret-stuff")) },
      "unauthenticated",
      /^(?!.*secret-stuff)/,
    ],
  ] as readonly (readonly [string, HttpOptions, string, RegExp])[])(
    "is rejected before it is sent with %s",
    async (_, options, code, message) => {
      const server = await serve(answerWith(200, {}))
      const invoked = connect(server.url, { key: undefined, ...options }).invoke(call)
      await expect(invoked).rejects.toMatchObject({
        code,
        maybeBilled: false,
        message: expect.stringMatching(message) as string,
      })
      expect(server.requests).toHaveLength(0)
    },
  )

  it("of an adapter without an HTTP description is misconfigured", async () => {
    const { http: _, ...bare } = call
    await expect(http({ key }).invoke(bare)).rejects.toMatchObject({ code: "misconfigured" })
  })

  it("rejects a body above maxBodyBytes before it is sent", async () => {
    const server = await serve(answerWith(200, {}))
    await expect(connect(server.url, { maxBodyBytes: 20 }).invoke(call)).rejects.toMatchObject({
      code: "invalid_request",
      issues: [{ path: "body", given: 25, allowed: "at most 20 bytes" }],
    })
    expect(server.requests).toHaveLength(0)
  })

  it("takes no early hints for the reply", async () => {
    const server = await serve((response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" })
      answer(response, 200, { images: [] })
    })
    const reply = await connect(server.url).invoke(call)
    expect([reply.status, textOf(reply.body)]).toEqual([200, '{"images":[]}'])
  })

  it("passes on a raw picture with its headers", async () => {
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47])
    const server = await serve(answerWith(200, picture, { "content-type": "image/png", seed: "7" }))
    const reply = await connect(server.url).invoke({
      ...call,
      http: { ...family, file: "url", hosts: [], headers: { accept: "image/*" } },
    })
    expect(Buffer.from(reply.body as Uint8Array).equals(picture)).toBe(true)
    expect(reply.headers).toMatchObject({ "content-type": "image/png", seed: "7" })
    expect(server.requests[0]?.headers["accept"]).toBe("image/*")
  })
})

describe("a failure", () => {
  it("of the connection was not billed", async () => {
    const transport = connect(`http://127.0.0.1:${await closedPort()}`)
    await expect(transport.invoke(call)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
      message: expect.stringContaining("ECONNREFUSED") as string,
    })
  })

  it.each([
    ["before an answer", (_response, _received, cut) => cut()],
    [
      "within the body",
      (response, received, cut) => {
        void half(response, received, cut)
        setImmediate(cut)
      },
    ],
  ] as readonly (readonly [string, Respond])[])(
    "of the connection %s may have been billed",
    async (_, respond) => {
      const server = await serve(respond)
      await expect(connect(server.url).invoke(call)).rejects.toMatchObject({
        code: "unavailable",
        retryable: false,
        maybeBilled: true,
      })
      expect(server.requests).toHaveLength(1)
    },
  )

  it.each([
    ["no answer", never, {}, { timeoutMs: 1000 }],
    ["a body that stops", half, {}, { timeoutMs: 1000 }],
    ["no answer to a call with a smaller limit", never, { timeoutMs: 1000 }, { timeoutMs: 2000 }],
  ])("is a timeout after %s", async (_, respond, limit, options) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const server = await serve((response, received, cut) => {
      void respond(response, received, cut)
      setImmediate(() => vi.advanceTimersByTime(1000))
    })
    await expect(connect(server.url, options).invoke({ ...call, ...limit })).rejects.toMatchObject({
      code: "timeout",
      retryable: false,
      maybeBilled: true,
    })
    await expect.poll(server.open).toBe(0)
  })

  it("is a timeout that was not billed if the key does not come", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const server = await serve(never)
    const invoked = connect(server.url, {
      timeoutMs: 1000,
      key: () => {
        setImmediate(() => vi.advanceTimersByTime(1000))
        return new Promise<string>(() => {})
      },
    }).invoke(call)
    await expect(invoked).rejects.toMatchObject({ code: "timeout", maybeBilled: false })
  })

  it.each([
    ["before", false],
    ["after", true],
  ])("of an abort %s sending", async (when, maybeBilled) => {
    const controller = new AbortController()
    const server = await serve(() => controller.abort())
    if (when === "before") controller.abort()
    const invoked = connect(server.url).invoke({ ...call, signal: controller.signal })
    await expect(invoked).rejects.toMatchObject({ code: "aborted", retryable: false, maybeBilled })
    await expect.poll(server.open).toBe(0)
    expect(server.requests).toHaveLength(maybeBilled ? 1 : 0)
  })

  it.each([
    ["announced", { "content-length": "101" }],
    ["not announced", {}],
  ])("of a reply that is too large, %s", async (_, headers) => {
    const server = await serve((response) => {
      response.writeHead(200, headers).write(Buffer.alloc(101))
    })
    const invoked = connect(server.url, { maxReplyBytes: 100 }).invoke(call)
    await expect(invoked).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      status: 200,
      message: expect.stringContaining("maxReplyBytes") as string,
    })
    await expect.poll(server.open).toBe(0)
  })

  it("of a reply that is larger than what was ordered", async () => {
    const server = await serve((response) => {
      response.writeHead(200).write(Buffer.alloc(101))
    })
    const invoked = connect(server.url).invoke({ ...call, maxReplyBytes: 100 })
    await expect(invoked).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      message: expect.stringContaining("far more than the ordered images take") as string,
    })
    await expect.poll(server.open).toBe(0)
  })

  it("of a status with a large body is that of the status", async () => {
    const server = await serve((response) => {
      response.writeHead(503).write(Buffer.alloc(2 * 1024 * 1024))
    })
    await expect(connect(server.url).invoke(call)).rejects.toMatchObject({
      code: "unavailable",
      maybeBilled: false,
      status: 503,
    })
    await expect.poll(server.open).toBe(0)
  })

  it("of a page of HTML names the base URL", async () => {
    const server = await serve(
      answerWith(200, Buffer.from("<html>"), { "content-type": "text/html; charset=utf-8" }),
    )
    await expect(connect(server.url).invoke(call)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      message: expect.stringContaining("baseUrl") as string,
    })
  })
})

describe("close()", () => {
  it("closes the connections, calls onClose once, and lets a later call open another", async () => {
    const server = await serve(answerWith(200, {}))
    let [opened, closed] = [0, 0]
    const transport = connect("", {
      baseUrl: async () => {
        opened += 1
        return server.url
      },
      onClose: () => {
        closed += 1
      },
    })
    await transport.close?.()
    expect(closed).toBe(0)
    await transport.invoke(call)
    await transport.invoke(call)
    await transport.close?.()
    await transport.close?.()
    await expect.poll(server.open).toBe(0)
    await transport.invoke(call)
    expect([opened, closed]).toEqual([2, 1])
  })
})

describe("every failure", () => {
  it("is an ImageError without key, prompt and provider's text", async () => {
    const server = await serve((response, { headers, body }) =>
      answer(response, 400, { error: `${headers["authorization"]} ${body.toString()}` }),
    )
    const seen: unknown[] = []
    const failure = (_status: number, body: unknown) => {
      seen.push(body)
      return { code: "invalid_request" as const, message: (body as { error: string }).error }
    }
    const error: unknown = await connect(server.url)
      .invoke({ ...call, http: { ...family, failure } })
      .catch((each: unknown) => each)
    expect(isImageError(error, "invalid_request")).toBe(true)
    expect(JSON.stringify([seen, error, String((error as Error).stack)])).not.toContain(key)
  })
})
