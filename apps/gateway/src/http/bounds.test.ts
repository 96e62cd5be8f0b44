import { afterEach, describe, expect, it, vi } from "vitest"
import {
  json,
  openSocket,
  post,
  startServer,
  type TestServer,
  type World,
} from "./__fixtures__/server.ts"
import { createAdmission } from "./admission.ts"
import { drain } from "./listen.ts"

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

/** A promise with its resolver. */
const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

const head = (length: number): string =>
  `POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

describe("a gateway at its limit", () => {
  it("answers 503 with Retry-After and finishes the requests in flight", async () => {
    const { open, opened } = gate()
    const { url, parts } = await start({
      settings: { maxRequests: 1 },
      respond: async () => {
        await opened
        return json({})
      },
    })
    const first = post(url)
    await vi.waitFor(() => expect(parts.admission.requests()).toBe(1))
    const second = await post(url)
    expect([second.status, second.headers.get("retry-after"), await second.json()]).toMatchObject([
      503,
      "1",
      { error: { code: "overloaded" } },
    ])
    open()
    expect((await first).status).toBe(200)
    expect((await post(url)).status).toBe(200)
    expect((await parts.metrics.page()).text).toContain("pictor_shed_total 1")
  })

  it("also limits bytes in memory, declared or streamed", async () => {
    const { url, parts } = await start({ settings: { maxBytes: 1000, bodyBytes: 10_000 } })
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(2000))
        controller.close()
      },
    })
    const bodies = [new Uint8Array(2000), stream]
    for (const body of bodies) {
      const response = await fetch(`${url}/v1/images/edits`, {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit)
      expect([response.status, await response.json()]).toMatchObject([
        503,
        { error: { code: "overloaded" } },
      ])
    }
    await vi.waitFor(() =>
      expect([parts.admission.requests(), parts.admission.bytes()]).toEqual([0, 0]),
    )
  })

  it("counts an answer until its client has read it", async () => {
    const { url, parts } = await start({
      settings: { sendMs: 20_000 },
      respond: async () => ({
        status: 200,
        headers: { "content-length": "30000000" },
        parts: [new Uint8Array(30_000_000)],
      }),
    })
    const socket = await openSocket(url)
    socket.pause()
    socket.write(`${head(2)}{}`)
    await vi.waitFor(() => expect(parts.admission.bytes()).toBe(30_000_002))
    socket.destroy()
    await vi.waitFor(() =>
      expect([parts.admission.requests(), parts.admission.bytes()]).toEqual([0, 0]),
    )
  })
})

describe("a client", () => {
  it("that disconnects aborts its request", async () => {
    const { url, lines, parts } = await start({
      respond: (_request, { signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("ended")))
        }),
    })
    const socket = await openSocket(url)
    socket.write(`${head(2)}{}`)
    await vi.waitFor(() => expect(parts.admission.requests()).toBe(1))
    socket.destroy()
    await vi.waitFor(() =>
      expect(lines.find(({ msg }) => msg === "request")).toMatchObject({ status: 499 }),
    )
    expect(parts.admission.requests()).toBe(0)
  })

  it.each([
    ["at once", 30_000_000, [new Uint8Array(30_000_000)]],
    [
      "piece by piece",
      1_000_000,
      (async function* () {
        for (let count = 0; count < 30; count += 1) yield new Uint8Array(1_000_000)
      })(),
    ],
  ])(
    "that does not read an answer sent %s is disconnected after the time of its %i bytes",
    async (_, bytes, parts) => {
      const server = await start({
        settings: { sendMs: 50 },
        respond: async () => ({ status: 200, headers: {}, parts }),
      })
      // At the minimum speed it would take 15 minutes.
      const timer = vi
        .spyOn(globalThis, "setTimeout")
        .mockImplementation(((work: () => void) =>
          setImmediate(work)) as unknown as typeof setTimeout)
      const socket = await openSocket(server.url)
      socket.pause()
      socket.write(`${head(2)}{}`)
      await vi.waitFor(() =>
        expect(server.lines.find(({ msg }) => msg === "request")).toMatchObject({ status: 499 }),
      )
      expect(server.parts.admission.bytes()).toBe(0)
      expect(timer.mock.calls.map(([, ms]) => ms)).toContain(50 + (bytes / 32_768) * 1000)
      socket.destroy()
    },
  )

  it("that does not finish its request is disconnected", async () => {
    const { url, parts } = await start({ settings: { receiveMs: 100 } })
    const socket = await openSocket(url)
    let answer = ""
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString()
    })
    const closed = new Promise<void>((resolve) => {
      socket.on("close", () => resolve())
    })
    socket.write(`${head(100)}{`)
    await closed
    expect(answer).toContain("408")
    await vi.waitFor(() =>
      expect([parts.admission.requests(), parts.admission.bytes()]).toEqual([0, 0]),
    )
  })
})

describe("shutdown", () => {
  const drained = async (drainMs: number, draining: { on: boolean }, world: World) => {
    const [cut, receiving] = [new AbortController(), new AbortController()]
    const server = await start({
      ...world,
      draining: () => draining.on,
      cutOff: cut.signal,
      stopReceiving: receiving.signal,
    })
    const end = () => {
      draining.on = true
      return drain({
        listening: server.listening,
        admission: server.parts.admission,
        stopReceiving: () => receiving.abort(),
        drainMs,
        cut: () => cut.abort(),
      })
    }
    return { ...server, end }
  }

  it("waits for requests in flight and answers new ones with 503", async () => {
    const { open, opened } = gate()
    const draining = { on: false }
    const { url, end, parts } = await drained(20_000, draining, {
      respond: async () => {
        await opened
        return json({ paid: true })
      },
    })
    const under = post(url)
    await vi.waitFor(() => expect(parts.admission.requests()).toBe(1))
    const ended = end()
    const late = await post(url)
    expect([late.status, late.headers.get("connection"), await late.json()]).toMatchObject([
      503,
      "close",
      { error: { code: "shutting_down" } },
    ])
    expect((await fetch(`${url}/health/readiness`)).status).toBe(503)
    open()
    const response = await under
    expect([response.headers.get("connection"), await response.json()]).toEqual([
      "close",
      { paid: true },
    ])
    await ended
    await expect(post(url)).rejects.toThrow("fetch failed")
  })

  it("rejects requests on open connections", async () => {
    const draining = { on: false }
    const { url, parts } = await drained(0, draining, {})
    draining.on = true
    const response = await post(url)
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { error: { code: "shutting_down" } },
    ])
    expect(parts.admission.requests()).toBe(0)
    expect((await fetch(`${url}/health/readiness`)).status).toBe(503)
    expect((await fetch(`${url}/health/liveness`)).status).toBe(200)
  })

  it("ends requests whose body is not whole, long before the drain period is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { url, end, parts } = await drained(120_000, { on: false }, {})
    const socket = await openSocket(url)
    socket.write(`${head(1000)}{`)
    while (parts.admission.bytes() === 0) await new Promise((resolve) => setImmediate(resolve))
    const ended = end()
    await vi.advanceTimersByTimeAsync(5_000)
    vi.useRealTimers()
    await ended
    expect(parts.admission.requests()).toBe(0)
    socket.destroy()
  })

  it("aborts requests that outlast the drain period", async () => {
    const { url, end, parts } = await drained(
      1,
      { on: false },
      {
        respond: (_request, { signal }) =>
          new Promise((resolve) => {
            signal?.addEventListener("abort", () => resolve(json({ error: "ended" }, 503)))
          }),
      },
    )
    const under = post(url)
    await vi.waitFor(() => expect(parts.admission.requests()).toBe(1))
    await end()
    expect((await under).status).toBe(503)
  })
})

describe("admission", () => {
  it("returns a ticket's bytes once", () => {
    const admission = createAdmission({ maxRequests: 2, maxBytes: 10 })
    const ticket = admission.enter()
    expect([ticket?.reserve(6), ticket?.reserve(5), ticket?.reserve(4)]).toEqual([
      true,
      false,
      true,
    ])
    expect(admission.enter()).toBeUndefined()
    ticket?.release()
    ticket?.release()
    ticket?.addAnswer(5)
    expect([admission.requests(), admission.bytes()]).toEqual([0, 0])
  })

  it("counts bytes of a reply only once when the answer carries them", () => {
    const admission = createAdmission({ maxRequests: 2, maxBytes: 1000 })
    const ticket = admission.enter()
    ticket?.addReply(100)
    for (const [carried, held] of [
      [60, 100],
      [60, 120],
      [10, 130],
    ] as const) {
      ticket?.addAnswer(carried)
      expect(admission.bytes()).toBe(held)
    }
    ticket?.addReply(50)
    expect(admission.bytes()).toBe(180)
    ticket?.release()
    ticket?.addReply(50)
    expect(admission.bytes()).toBe(0)
  })

  it("never rejects a paid reply", () => {
    const admission = createAdmission({ maxRequests: 2, maxBytes: 10 })
    admission.enter()?.addAnswer(100)
    expect(admission.bytes()).toBe(100)
  })
})
