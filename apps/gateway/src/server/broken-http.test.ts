import { once } from "node:events"
import { text } from "node:stream/consumers"
import { afterEach, describe, expect, it, vi } from "vitest"
import { openSocket, startServer, type TestServer } from "./__fixtures__/server.ts"

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
})

/** What comes back, to the end of the connection. */
const say = async (words: string): Promise<string> => {
  server = await startServer()
  const socket = await openSocket(server.url)
  socket.end(words)
  return text(socket)
}

describe("what is no request", () => {
  it.each([
    ["no HTTP", "hello\r\n\r\n", 400, "invalid_http"],
    ["a length that is none", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n", 400, "invalid_http"],
    ["a request without a host", "GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n", 400, "invalid_http"],
    ["a host that is none", "GET /v1/models HTTP/1.1\r\nhost: [&k\r\nconnection: close\r\n\r\n", 400, "invalid_http"],
    ["too many headers", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
  ])("is refused in OpenAI's envelope: %s", async (_, words, status, code) => {
    const answer = await say(words)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ error: { code, type: "invalid_request_error", param: null } })
  })

  it("is refused on a connection too that has served before", async () => {
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

it("an expectation that nobody knows is no reason to refuse a request", async () => {
  const answer = await say("GET /health/liveness HTTP/1.1\r\nhost: localhost\r\nexpect: something\r\nconnection: close\r\n\r\n")
  expect(answer).toContain("I'm alive!")
})
