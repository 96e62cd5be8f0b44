import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterEach, describe, expect, it, vi } from "vitest"
import { keys, type Respond, startServer, titanCall } from "./__fixtures__/server.ts"
import type { BedrockOptions } from "./options.ts"
import { bedrock } from "./transport.ts"

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const mebibyte = 1024 * 1024
const limited = { ...titanCall, maxReplyBytes: 4 * mebibyte, streaming: true } as const

/** Sends one reply of `mebibytes` and records how much of it the client took. */
const flood = async (mebibytes: number, status: number, headers: Record<string, string> = {}) => {
  let written = 0
  const respond: Respond = (response) => {
    response.writeHead(status, { "x-amzn-requestid": "request-9", ...headers })
    const write = (): void => {
      if (response.destroyed) return
      if (written === mebibytes) {
        response.end()
        return
      }
      written++
      response.write(Buffer.alloc(mebibyte, "A"), () => setImmediate(write))
    }
    write()
  }
  const server = await startServer(respond)
  cleanups.push(server.close)
  return { server, written: () => written }
}

const connect = (url: string, options: BedrockOptions) => {
  const transport = bedrock({ region: "us-west-2", credentials: keys, endpoint: url, ...options })
  cleanups.push(transport.close)
  return transport
}

const handlers: readonly (readonly [string, () => BedrockOptions])[] = [
  ["HTTP/1.1", () => ({})],
  ["a handler from the options", () => ({ requestHandler: new NodeHttpHandler() })],
]

describe.each(handlers)("a reply over %s", (_, handler) => {
  it.each([
    ["of unknown length", {}],
    ["of an announced length", { "content-length": String(512 * mebibyte) }],
    ["of events", { "content-type": "application/vnd.amazon.eventstream" }],
  ])("%s that is too long is not read to its end and may have been billed", async (what, head) => {
    const { server, written } = await flood(512, 200, head)
    const transport = connect(server.url, { ...handler(), stream: what === "of events" })
    await expect(transport.invoke(limited)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      retryable: false,
      status: 200,
      requestId: "request-9",
      message: expect.stringContaining(
        "more than 4,194,304 bytes, far more than the ordered images take",
      ),
    })
    await vi.waitFor(() => expect(server.open()).toBe(0))
    expect(written()).toBeLessThan(64)
  })

  it("is read as a whole at exactly the limit", async () => {
    const { server } = await flood(4, 200)
    const { body } = await connect(server.url, handler()).invoke(limited)
    expect((body as Uint8Array).length).toBe(4 * mebibyte)
  })

  it("is bounded by the transport's own limit, too", async () => {
    const { server } = await flood(8, 200)
    const transport = connect(server.url, { ...handler(), maxReplyBytes: 2 * mebibyte })
    await expect(transport.invoke(limited)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      message: expect.stringContaining("more than 2,097,152 bytes; set a larger maxReplyBytes"),
    })
  })

  it("with an error status that is too long is an error of that status", async () => {
    const { server, written } = await flood(512, 503)
    await expect(connect(server.url, handler()).invoke(limited)).rejects.toMatchObject({
      code: "unavailable",
      maybeBilled: false,
      status: 503,
    })
    await vi.waitFor(() => expect(server.open()).toBe(0))
    expect(written()).toBeLessThan(64)
  })
})
