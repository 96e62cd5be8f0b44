import type { HttpJobs, Job, JsonObject, TransportCall } from "@pictor/core/adapter"
import { describe, expect, it, vi } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import {
  answer,
  call,
  jobFamily,
  key,
  type Received,
  type Respond,
  type TestServer,
  textOf,
} from "./__fixtures__/server.ts"

const ready = { status: "Ready", result: { seed: 7 } }

interface Provider extends TestServer {
  readonly count: (method: string) => number
}

/** Accepts a job, and answers its polls with these, the last one again and again. */
const provide = async (
  polls: readonly (Respond | JsonObject)[],
  submitted: (url: string) => object = (url) => ({ id: "job-1", polling_url: url }),
): Promise<Provider> => {
  let polled = 0
  const server: TestServer = await serve((response, received, cut) => {
    if (received.method === "POST")
      return answer(response, 200, submitted(`${server.url}/get?id=job-1`), {
        "x-request-id": "r-1",
      })
    const poll = polls[Math.min(polled++, polls.length - 1)]
    return typeof poll === "function" ? poll(response, received, cut) : answer(response, 200, poll)
  })
  const count = (method: string) =>
    server.requests.filter((request: Received) => request.method === method).length
  return { ...server, count }
}

const pending = { status: "Pending" }
const order: TransportCall = { ...call, http: jobFamily }
const orderWith = (jobs: Partial<HttpJobs>): TransportCall => ({
  ...call,
  http: { ...jobFamily, jobs: { ...(jobFamily.jobs as HttpJobs), ...jobs } },
})
/** Longer than the first wait of the job, many times. */
const manyWaits = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60))

const failing =
  (status: number, body: unknown = {}): Respond =>
  (response) =>
    answer(response, status, body)

describe("a job", () => {
  it("is reported before its first poll, polled with the key, and answered by its last poll", async () => {
    const server = await provide([pending, pending, ready])
    const reported: unknown[] = []
    const reply = await connect(server.url).invoke({
      ...order,
      onSubmitted: async (job) => {
        await manyWaits()
        reported.push(job, server.count("GET"))
      },
    })
    expect(JSON.parse(textOf(reply.body))).toEqual(ready)
    expect(reported).toEqual([{ id: "job-1", url: `${server.url}/get?id=job-1` }, 0])
    expect([server.count("POST"), server.count("GET")]).toEqual([1, 3])
    expect(server.requests.at(-1)).toMatchObject({
      path: "/get?id=job-1",
      headers: { authorization: `Bearer ${key}` },
    })
    expect(server.requests.at(-1)?.headers["content-type"]).toBeUndefined()
  })

  it("is polled on although it could not be noted down", async () => {
    const server = await provide([ready])
    const onSubmitted = () => Promise.reject(new Error("disk full"))
    await expect(connect(server.url).invoke({ ...order, onSubmitted })).resolves.toMatchObject({
      status: 200,
    })
  })

  it.each([
    ["a status of 500", failing(500)],
    ["a limit", failing(429)],
    ["a timeout", failing(504)],
    ["a reset", (_response, _received, cut) => cut()],
    ["no JSON", failing(200, Buffer.from("oops"))],
    ["no state", failing(200, {})],
  ] as readonly (readonly [string, Respond])[])(
    "is polled again after %s, and never submitted again",
    async (_, poll) => {
      const server = await provide([poll, poll, ready])
      const reply = await connect(server.url).invoke(order)
      expect(JSON.parse(textOf(reply.body))).toEqual(ready)
      expect([server.count("POST"), server.count("GET")]).toEqual([1, 3])
    },
  )

  it("is polled after the wait that a failed poll asks for", async () => {
    const times: number[] = []
    const server = await provide([
      (response) => {
        times.push(performance.now())
        answer(response, 429, {}, { "retry-after-ms": "80" })
      },
      (response) => {
        times.push(performance.now())
        answer(response, 200, ready)
      },
    ])
    await connect(server.url).invoke(order)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(75)
  })

  it("is polled after waits that grow up to the longest one", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5)
    const timers = vi.spyOn(globalThis, "setTimeout")
    const server = await provide([pending, pending, pending, ready])
    await connect(server.url).invoke(orderWith({ firstWaitMs: 10.5, longestWaitMs: 20.5 }))
    const waits = timers.mock.calls.map(([, milliseconds = 0]) => milliseconds)
    expect(waits.filter((each) => each % 1 !== 0)).toEqual([10.5, 15.75, 20.5, 20.5])
  })

  it("shares the polls of a second with the other jobs", async () => {
    const times: number[] = []
    const server = await provide([
      (response) => {
        times.push(performance.now())
        answer(response, 200, ready)
      },
    ])
    const transport = connect(server.url, { pollsPerSecond: 10 })
    await Promise.all([1, 2, 3].map(() => transport.invoke(order)))
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(150)
  })

  it("may have its state in the HTTP status, and its picture as the whole reply", async () => {
    const picture = Buffer.from([1, 2, 3])
    const server = await provide([
      failing(202),
      (response) => answer(response, 200, picture, { "content-type": "image/png" }),
    ])
    const { state: _, ...jobs } = jobFamily.jobs as HttpJobs
    const http = { ...jobFamily, jobs: { ...jobs, running: { status: 202 } } }
    const reply = await connect(server.url).invoke({ ...call, http })
    expect(Buffer.from(reply.body as Uint8Array).equals(picture)).toBe(true)
  })

  it.each([
    ["by its state", { status: "Unknown" }],
    ["by a status of 404", failing(404)],
  ])("that is lost, %s, failed and may have been billed", async (_, poll) => {
    const server = await provide([pending, poll])
    await expect(connect(server.url).invoke(order)).rejects.toMatchObject({
      code: "provider_failed",
      maybeBilled: true,
      retryable: false,
    })
  })

  it("whose poll is rejected may have been billed; a refusal was not", async () => {
    const server = await provide([failing(401)])
    await expect(connect(server.url).invoke(order)).rejects.toMatchObject({
      code: "unauthenticated",
      status: 401,
      maybeBilled: true,
      retryable: false,
    })
    const failure = () =>
      ({ code: "content_filtered", message: "Blocked.", stage: "prompt" }) as const
    await expect(
      connect(server.url).invoke({ ...call, http: { ...jobFamily, failure } }),
    ).rejects.toMatchObject({ code: "content_filtered", maybeBilled: false })
  })

  it("that does not end in its time may have been billed", async () => {
    const server = await provide([pending])
    await expect(connect(server.url).invoke(orderWith({ timeoutMs: 60 }))).rejects.toMatchObject({
      code: "timeout",
      maybeBilled: true,
    })
    await expect(connect(server.url).invoke({ ...order, timeoutMs: 60 })).rejects.toMatchObject({
      code: "timeout",
      maybeBilled: true,
    })
  })

  it("that is aborted while it is polled may have been billed, and is not polled any more", async () => {
    const controller = new AbortController()
    const server = await provide([
      pending,
      (response) => {
        answer(response, 200, pending)
        controller.abort()
      },
    ])
    await expect(
      connect(server.url).invoke({ ...order, signal: controller.signal }),
    ).rejects.toMatchObject({ code: "aborted", maybeBilled: true })
    expect(server.count("GET")).toBe(2)
  })

  it("is refused a poll on another host, without a key sent there", async () => {
    const other = await provide([ready])
    const server = await provide([ready], () => ({ id: "job-1", polling_url: `${other.url}/get` }))
    const jobs: Job[] = []
    await expect(
      connect(server.url).invoke({ ...order, onSubmitted: async (job) => void jobs.push(job) }),
    ).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      message: expect.stringContaining(new URL(other.url).host) as string,
    })
    expect(other.requests).toHaveLength(0)
    expect(jobs).toHaveLength(1)
  })

  it("without an id cannot be polled and may have been billed", async () => {
    const server = await provide([ready], () => ({}))
    await expect(connect(server.url).invoke(order)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
    })
  })

  it("is polled at the family's endpoint where the answer has no URL", async () => {
    const server = await provide([ready], () => ({ id: 7 }))
    await connect(`${server.url}/v1`).invoke(orderWith({ endpoint: "/jobs/{id}" }))
    expect(server.requests.at(-1)?.path).toBe("/v1/jobs/7")
  })
})

describe("a submit", () => {
  /** Answers when the test says. */
  const slow = async () => {
    let release = (): void => {}
    const received = Promise.withResolvers<void>()
    const server: TestServer = await serve((response) => {
      release = () => answer(response, 200, { id: "job-1", polling_url: `${server.url}/get` })
      received.resolve()
    })
    return { server, received: received.promise, release: () => release() }
  }

  it.each(["an abort", "a timeout"])("is not cut by %s: its job is reported", async (what) => {
    const { server, received, release } = await slow()
    const controller = new AbortController()
    const transport = connect(server.url)
    const jobs: Job[] = []
    const invoked = transport.invoke({
      ...order,
      signal: controller.signal,
      onSubmitted: async (job) => void jobs.push(job),
      ...(what === "a timeout" && { timeoutMs: 100 }),
    })
    invoked.catch(() => {})
    await received
    if (what === "an abort") controller.abort()
    await expect(invoked).rejects.toMatchObject({ maybeBilled: true })
    expect(jobs).toEqual([])
    release()
    await transport.close?.()
    expect(jobs).toEqual([{ id: "job-1", url: `${server.url}/get` }])
    expect(server.requests).toHaveLength(1)
  })

  it("that waits for its key does not hold up close()", async () => {
    const transport = connect("http://127.0.0.1:1", { key: () => new Promise<string>(() => {}) })
    const invoked = transport.invoke({ ...order, timeoutMs: 20 })
    await expect(invoked).rejects.toMatchObject({ code: "timeout", maybeBilled: false })
    await transport.close?.()
  })

  it("is cut 10 s after the caller has left", async () => {
    const { server, received } = await slow()
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const controller = new AbortController()
    const invoked = connect(server.url).invoke({ ...order, signal: controller.signal })
    invoked.catch(() => {})
    await received
    controller.abort()
    await expect(invoked).rejects.toMatchObject({ code: "aborted", maybeBilled: true })
    vi.advanceTimersByTime(9999)
    expect(server.open()).toBe(1)
    vi.advanceTimersByTime(1)
    await expect.poll(server.open).toBe(0)
  })
})

describe("resume", () => {
  const job: Job = { id: "job-1" }
  const at = (server: TestServer) => ({ ...job, url: `${server.url}/get` })

  it.each([
    ["a job that is running", pending, "running"],
    ["a job that is lost", { status: "Unknown" }, "lost"],
    ["a job of a status of 404", failing(404), "lost"],
  ])("looks once at %s", async (_, poll, expected) => {
    const server = await provide([poll])
    expect(await connect(server.url).resume?.(at(server), order)).toBe(expected)
    expect([server.count("POST"), server.count("GET")]).toEqual([0, 1])
  })

  it("answers the reply of a job that has ended", async () => {
    const server = await provide([ready])
    const reply = await connect(server.url).resume?.(at(server), order)
    expect(reply).toMatchObject({ status: 200 })
  })

  it("uses the transport: close() then calls onClose", async () => {
    const server = await provide([pending])
    const onClose = vi.fn<() => void>()
    const transport = connect(server.url, { onClose })
    await transport.resume?.(at(server), order)
    await transport.close?.()
    expect(onClose).toHaveBeenCalledOnce()
  })

  it("rejects after a failed look, which costs nothing", async () => {
    const server = await provide([failing(503)])
    await expect(connect(server.url).resume?.(at(server), order)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
  })

  it("ends with an abort during the look, which costs nothing", async () => {
    const controller = new AbortController()
    const server = await serve(() => controller.abort())
    await expect(
      connect(server.url).resume?.(at(server), { ...order, signal: controller.signal }),
    ).rejects.toMatchObject({ code: "aborted", maybeBilled: false })
    await expect.poll(server.open).toBe(0)
  })

  it("sends no key to another host", async () => {
    const server = await provide([ready])
    const foreign = { ...job, url: "https://evil.example/get" }
    await expect(connect(server.url).resume?.(foreign, order)).rejects.toMatchObject({
      code: "invalid_response",
    })
    expect(server.requests).toHaveLength(0)
  })
})

describe("cancel", () => {
  const cancel = { method: "DELETE", endpoint: "/jobs/{id}" } as const

  it.each([
    ["a yes", 200, "cancelled"],
    ["a no", 409, "too-late"],
    ["a failure", 500, "too-late"],
  ])("answers %s", async (_, status, expected) => {
    const server = await serve(failing(status))
    expect(await connect(server.url).cancel?.({ id: "job-1" }, orderWith({ cancel }))).toBe(
      expected,
    )
    expect(server.requests).toMatchObject([{ method: "DELETE", path: "/jobs/job-1" }])
  })

  it("is too late after an abort, which ends its request", async () => {
    const controller = new AbortController()
    const server = await serve(() => controller.abort())
    const aborted = { ...orderWith({ cancel }), signal: controller.signal }
    expect(await connect(server.url).cancel?.({ id: "job-1" }, aborted)).toBe("too-late")
    await expect.poll(server.open).toBe(0)
  })

  it("is too late where the API cannot cancel", async () => {
    const server = await serve(failing(200))
    expect(await connect(server.url).cancel?.({ id: "job-1" }, order)).toBe("too-late")
    expect(server.requests).toHaveLength(0)
  })
})
