import type { Socket } from "node:net"
import { afterEach, describe, expect, it, vi } from "vitest"
import { openSocket } from "../http/__fixtures__/server.ts"
import { openWorld, type World, type WorldOptions } from "./__fixtures__/gateway.ts"
import { meter } from "./__fixtures__/metric.ts"
import {
  type Behaviour,
  never,
  pictures,
  startProvider,
  throttles,
} from "./__fixtures__/provider.ts"
import { ask, read, small, smallMicroUsd } from "./__fixtures__/send-request.ts"

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const start = async (behave: Behaviour, options: WorldOptions = {}) => {
  const provider = await startProvider(behave)
  open.push(provider.close)
  const world = await openWorld({ ...options, endpoint: provider.url })
  open.push(world.close)
  return { ...world, provider }
}

const megabytes = 1_000_000

/** At the same price, with room for replies of 16 MB. */
const large = { size: "1024x1024" }

/** A raw request, which may declare more bytes than it has. */
const written = (more: Readonly<Record<string, unknown>>, missing = 0): string => {
  const body = JSON.stringify({ ...small, prompt: "tea", ...more })
  const length = body.length + missing
  return `POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`
}

/** A client that sends a request and reads only when the test says so. */
const askMute = async (url: string, more: Readonly<Record<string, unknown>> = {}) => {
  const socket = await openSocket(url)
  socket.pause()
  socket.write(written(more))
  return socket
}

/** The log line of the first finished request. */
const logged = async ({ lines }: Pick<World, "lines">) =>
  vi.waitFor(() => {
    const line = lines.find(({ msg }) => msg === "request")
    if (!line) throw new Error("No request has ended.")
    return line
  }, 10_000)

/** Each row's state, charge and possible charge in micro-USD. */
const rowsOf = async ({ books }: Pick<World, "books">): Promise<readonly string[]> =>
  (await books.rows())
    .map(({ state, cost: { microUsd, maybeMicroUsd } }) => `${state} ${microUsd} ${maybeMicroUsd}`)
    .toSorted()

/** Asserts that the next request is served. */
const servesOn = async ({ url, books }: Pick<World, "url" | "books">): Promise<void> => {
  const { status, images } = await read(await ask({ url, fields: { ...small, prompt: "tea" } }))
  expect([status, images.length]).toEqual([200, 1])
  expect(await books.wrong()).toEqual([])
}

const firstThen =
  (first: Behaviour, then: Behaviour): Behaviour =>
  (response, count) =>
    count === 1 ? first(response, count) : then(response, count)

const one = pictures(1, 1000)

describe.each([
  ["whole", {}],
  ["as a stream", { stream: true }],
])("a client that requests an answer %s and disconnects", (_, more) => {
  it("during the provider call: the call is aborted and held", async () => {
    const world = await start(firstThen(never, one))
    const socket = await askMute(world.url, more)
    await vi.waitFor(() => expect(world.provider.calls()).toBe(1), 10_000)
    socket.destroy()
    expect(await logged(world)).toMatchObject({ status: 499, error: "aborted" })
    expect(world.provider.left()).toBe(1)
    expect(await rowsOf(world)).toEqual([`held 0 ${smallMicroUsd}`])
    await servesOn(world)
  })

  it("before a retry: nothing more is sent, and it is free", async () => {
    const world = await start(firstThen(throttles(600), one))
    const socket = await askMute(world.url, more)
    await vi.waitFor(() => expect(world.provider.calls()).toBe(1), 10_000)
    socket.destroy()
    expect(await logged(world)).toMatchObject({ status: 499 })
    expect(world.provider.calls()).toBe(1)
    expect(await rowsOf(world)).toEqual(["released 0 0"])
    await servesOn(world)
  })

  it("during the answer: the images are charged", async () => {
    const world = await start(firstThen(pictures(2, 8 * megabytes), one))
    const socket = await askMute(world.url, { ...more, ...large, n: 2 })
    await new Promise((resolve) => socket.once("readable", resolve))
    socket.destroy()
    expect(await logged(world)).toMatchObject({ status: 499 })
    expect(await rowsOf(world)).toEqual([`settled ${2 * smallMicroUsd} 0`])
    await servesOn(world)
  })
})

describe("a stream of several calls", () => {
  /** Reads until a number of bytes has arrived. */
  const until = async (socket: Socket, enough: (text: string) => boolean): Promise<string> => {
    let text = ""
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString()
      if (enough(text)) break
    }
    return text
  }

  it("begins after the first call and is aborted with its client", async () => {
    const world = await start((response, count) =>
      [pictures(5, 1000), never, one][count - 1]?.(response, count),
    )
    const socket = await askMute(world.url, { stream: true, n: 10 })
    const text = await until(socket, (words) => words.split('"b64_json"').length === 6)
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(text).toContain("text/event-stream")
    expect(text).toContain("x-litellm-model-id")
    expect(text).not.toMatch(/x-litellm-response-cost|x-litellm-overhead|content-length/)
    socket.destroy()
    const images = { delivered: 5, failed: 5 }
    expect(await logged(world)).toMatchObject({
      status: 499,
      error: "aborted",
      images,
      cost: { maybeMicroUsd: 5 * smallMicroUsd },
    })
    expect(await rowsOf(world)).toEqual([
      `held 0 ${5 * smallMicroUsd}`,
      `settled ${5 * smallMicroUsd} 0`,
    ])
    expect(await meter(world.url, "pictor_requests_in_flight")).toBe(0)
    expect(await meter(world.url, "pictor_bytes_in_flight")).toBe(0)
    await vi.waitFor(() => expect(world.provider.left()).toBe(1), 10_000)
    await servesOn(world)
  })

  it("is counted and logged as one request", async () => {
    const world = await start((response, count) =>
      setTimeout(() => pictures(5, 1000)(response, count), count * 20),
    )
    const { images, report } = await read(
      await ask({ url: world.url, fields: { ...small, prompt: "tea", n: 10, stream: true } }),
    )
    expect([images.length, report?.cost.micro_usd]).toEqual([10, 10 * smallMicroUsd])
    expect(await logged(world)).toMatchObject({
      status: 200,
      images: { delivered: 10 },
      cost: { microUsd: 10 * smallMicroUsd },
    })
    expect(await meter(world.url, "pictor_cost_micro_usd_total\\{.*\\}")).toBe(10 * smallMicroUsd)
  })
})

describe.each([
  ["whole", {}],
  ["as a stream", { stream: true }],
])("an answer of several calls, %s", (_, more) => {
  it("counts delivered images while more calls run", async () => {
    const world = await start((response, count) =>
      [pictures(5, megabytes), never, one][count - 1]?.(response, count),
    )
    const socket = await askMute(world.url, { ...more, n: 10 })
    const held = (): Promise<number> => meter(world.url, "pictor_bytes_in_flight")
    await vi.waitFor(async () => expect(await held()).toBeGreaterThan(5 * megabytes), 10_000)
    expect(await held()).toBeLessThan(5.1 * megabytes)
    socket.destroy()
    await vi.waitFor(async () => expect(await held()).toBe(0), 10_000)
    await servesOn(world)
  })
})

describe("clients that do not read", () => {
  it("stay within the memory limit: others get 503 until they are disconnected", async () => {
    const reply = pictures(1, 16 * megabytes)
    const world = await start((response, count) => (count <= 3 ? reply : one)(response, count), {
      settings: { maxBytes: 40 * megabytes },
    })
    const mute = await Promise.all([1, 2, 3].map(() => askMute(world.url, large)))
    const held = (): Promise<number> => meter(world.url, "pictor_bytes_in_flight")
    await vi.waitFor(async () => expect(await held()).toBeGreaterThan(48 * megabytes), 10_000)
    const refused = await ask({ url: world.url, fields: { ...small, prompt: "tea" } })
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"])
    expect(world.provider.calls()).toBe(mute.length)
    for (const socket of mute) socket.destroy()
    await vi.waitFor(async () => expect(await held()).toBe(0), 10_000)
    expect(await rowsOf(world)).toEqual(mute.map(() => `settled ${smallMicroUsd} 0`))
    await servesOn(world)
  })
})

describe("an incomplete body", () => {
  const half = async ({ url }: Pick<World, "url">) => {
    const socket = await openSocket(url)
    let answer = ""
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString()
    })
    const closed = new Promise<string>((resolve) => {
      socket.on("close", () => resolve(answer))
    })
    socket.write(written({}, 5))
    return { socket, closed }
  }

  it("of a client that disconnects is never sent to the provider", async () => {
    const world = await start(one)
    const { socket } = await half(world)
    await vi.waitFor(
      async () => expect(await meter(world.url, "pictor_requests_in_flight")).toBe(1),
      10_000,
    )
    socket.destroy()
    expect(await logged(world)).toMatchObject({ status: 499 })
    expect([world.provider.calls(), await rowsOf(world)]).toEqual([0, []])
    await servesOn(world)
  })

  it("is waited for up to the receive timeout", async () => {
    const world = await start(one, { settings: { receiveMs: 200 } })
    const { closed } = await half(world)
    expect(await closed).toContain("HTTP/1.1 408")
    expect([world.provider.calls(), await rowsOf(world)]).toEqual([0, []])
    await servesOn(world)
  })
})

describe("a deadline after part of the images", () => {
  it.each([
    ["whole", {}],
    ["as a stream", { stream: true }],
  ])("delivers that part, %s, and holds the rest", async (_, more) => {
    const world = await start(firstThen(pictures(5, 1000), never))
    const answer = await ask({
      url: world.url,
      fields: { ...small, prompt: "tea", n: 10, ...more },
      headers: { "x-litellm-timeout": "1.5" },
    })
    const { status, images, report, headers } = await read(answer)
    expect([status, images.length]).toEqual([200, 5])
    expect(report?.slots?.map(({ status: state, code }) => [state, code])).toEqual(
      Array.from({ length: 5 }, () => ["failed", "timeout"]),
    )
    expect(report?.cost).toMatchObject({
      micro_usd: 5 * smallMicroUsd,
      maybe_micro_usd: 5 * smallMicroUsd,
    })
    // A stream begins before its cost is known.
    expect(headers.get("x-litellm-response-cost")).toBe("stream" in more ? null : "0.4")
    expect(await logged(world)).toMatchObject({
      images: { delivered: 5, failed: 5 },
      cost: { microUsd: 5 * smallMicroUsd },
    })
    expect(await rowsOf(world)).toEqual([
      `held 0 ${5 * smallMicroUsd}`,
      `settled ${5 * smallMicroUsd} 0`,
    ])
    expect(world.provider.left()).toBe(1)
    expect(await world.books.wrong()).toEqual([])
  })
})
