import { once } from "node:events"
import { text } from "node:stream/consumers"
import type { HttpResponse } from "@pictor/openai-http"
import { afterEach, describe, expect, it, vi } from "vitest"
import { json, openSocket, startServer, type TestServer } from "./__fixtures__/server.ts"

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
})

/** All that the server sends on the connection. */
const say = async (words: string): Promise<string> => {
  server = await startServer()
  const socket = await openSocket(server.url)
  socket.end(words)
  return text(socket)
}

describe("malformed HTTP", () => {
  it.each([
    ["no HTTP", "hello\r\n\r\n", 400, "invalid_http"],
    [
      "a length that is none",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
      400,
      "invalid_http",
    ],
    [
      "a request without a host",
      "GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n",
      400,
      "invalid_http",
    ],
    [
      "a host that is none",
      "GET /v1/models HTTP/1.1\r\nhost: [&k\r\nconnection: close\r\n\r\n",
      400,
      "invalid_http",
    ],
    [
      "too many headers",
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      431,
      "headers_too_large",
    ],
  ])("is rejected in OpenAI's envelope: %s", async (_, words, status, code) => {
    const answer = await say(words)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({
      error: { code, type: "invalid_request_error", param: null },
    })
  })

  it("is rejected on a reused connection too", async () => {
    server = await startServer()
    const socket = await openSocket(server.url)
    let answer = ""
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString()
    })
    const closed = once(socket, "close")
    socket.write("GET /health/liveness HTTP/1.1\r\nhost: localhost\r\n\r\n")
    await vi.waitFor(() => expect(answer).toContain("I'm alive!"))
    socket.write("hello\r\n\r\n")
    await closed
    expect(answer).toContain("invalid_http")
  })
})

describe("a rejected client that keeps its connection", () => {
  it.each([
    ["what is no HTTP", "hello\r\n\r\n", "400"],
    [
      "a body that stops",
      "POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{",
      "408",
    ],
    ["headers that stop", "POST /v1/images/generations HTTP/1.1\r\nhost:", "408"],
  ])("is disconnected and holds no memory: %s", async (_, words, status) => {
    server = await startServer({ settings: { receiveMs: 100 } })
    const socket = await openSocket(server.url, { allowHalfOpen: true })
    // Reading to the end does not close this side.
    const [said, cut] = [text(socket), once(socket, "close")]
    socket.write(words)
    expect(await said).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    await server.listening.closed(60_000)
    await server.parts.admission.idle()
    socket.destroy()
    await cut
  })
})

describe("malformed HTTP after a valid request", () => {
  const whole =
    "POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
  const statuses = (answer: string) =>
    [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

  it.each([
    ["all of it at once", ""],
    ["more of it later", "and more"],
  ])("is rejected after the answer in progress: %s", async (_, more) => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<HttpResponse>()
    server = await startServer({
      respond: () => {
        asked.resolve()
        return answer.promise
      },
    })
    const socket = await openSocket(server.url)
    const heard = text(socket)
    socket.write(`${whole}hello\r\n\r\n`)
    await asked.promise
    await new Promise((resolve) => socket.end(more, () => resolve(undefined)))
    answer.resolve(json({ made: true }))
    const said = await heard
    expect(statuses(said)).toEqual(["200", "400"])
    expect(said.indexOf('{"made":true}')).toBeLessThan(said.indexOf("invalid_http"))
    await vi.waitFor(() =>
      expect(server?.lines.find(({ msg }) => msg === "request")).toMatchObject({ status: 200 }),
    )
  })

  it("does not interrupt the answer", async () => {
    const next = Promise.withResolvers<Buffer>()
    const parts = (async function* () {
      yield Buffer.from("data: 1\n\n")
      yield await next.promise
    })()
    server = await startServer({
      respond: async () => ({
        status: 200,
        headers: { "content-type": "text/event-stream" },
        parts,
      }),
    })
    const socket = await openSocket(server.url)
    const begun = once(socket, "data")
    const heard = text(socket)
    socket.write(whole)
    await begun
    socket.write("hello\r\n\r\n")
    // The server has read it by now.
    await fetch(`${server.url}/health/liveness`)
    next.resolve(Buffer.from("data: 2\n\n"))
    const said = await heard
    expect(said).toContain("data: 2")
    expect(statuses(said)).toEqual(["200", "400"])
  })

  it("is rejected after all pipelined answers", async () => {
    let count = 0
    server = await startServer({ respond: async () => json({ count: ++count }) })
    const socket = await openSocket(server.url)
    const heard = text(socket)
    socket.end(`${whole}${whole}hello\r\n\r\n`)
    expect(statuses(await heard)).toEqual(["200", "200", "400"])
  })

  it("is rejected at once inside a body", async () => {
    const answer = await say(
      "POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n",
    )
    expect(statuses(answer)).toEqual(["400"])
    expect(answer).toContain("invalid_http")
  })
})

it("ignores an unknown Expect header", async () => {
  const answer = await say(
    "GET /health/liveness HTTP/1.1\r\nhost: localhost\r\nexpect: something\r\nconnection: close\r\n\r\n",
  )
  expect(answer).toContain("I'm alive!")
})
