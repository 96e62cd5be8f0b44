import { crc32 } from "node:zlib"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterEach, describe, expect, it, vi } from "vitest"
import {
  answerJson,
  keys,
  type Respond,
  startServer,
  type TestServer,
  titanCall,
} from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const serve = async (respond: Respond): Promise<TestServer> => {
  const server = await startServer(respond)
  cleanups.push(server.close)
  return server
}

const handlers = [
  ["HTTP/1.1", () => ({})],
  ["a handler from the options", () => ({ requestHandler: new NodeHttpHandler() })],
] as const

// https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html, seen 2026-11-20
const event = (headers: Readonly<Record<string, string>>, payload: unknown): Buffer => {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(value.length)
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([7]),
        length,
        Buffer.from(value),
      ])
    }),
  )
  const body = Buffer.from(JSON.stringify(payload))
  const prelude = Buffer.alloc(8)
  prelude.writeUInt32BE(16 + head.length + body.length, 0)
  prelude.writeUInt32BE(head.length, 4)
  const start = Buffer.concat([prelude, checksum(prelude), head, body])
  return Buffer.concat([start, checksum(start)])
}

const checksum = (bytes: Uint8Array): Buffer => {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  return sum
}

const chunk = (text: string): Buffer =>
  event(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    { bytes: Buffer.from(text).toString("base64") },
  )
const exception = (type: string): Buffer =>
  event(
    { ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" },
    { message: "purple elephant" },
  )

const answer =
  (...events: readonly Buffer[]): Respond =>
  (response) => {
    response.writeHead(200, {
      "content-type": "application/vnd.amazon.eventstream",
      "x-amzn-requestid": "request-5",
    })
    response.end(Buffer.concat(events))
  }

const streamed = { ...titanCall, streaming: true } as const

describe.each(handlers)("stream: true over %s", (_, handler) => {
  const connect = (server: TestServer) =>
    bedrock({
      region: "us-west-2",
      credentials: keys,
      endpoint: server.url,
      stream: true,
      ...handler(),
    })

  it("joins the chunks into one body", async () => {
    const server = await serve(answer(chunk('{"images":'), chunk('["QUJD"]}')))
    const reply = await connect(server).invoke(streamed)
    expect(Buffer.from(reply.body as Uint8Array).toString()).toBe('{"images":["QUJD"]}')
    expect(reply).toMatchObject({ status: 200, requestId: "request-5" })
    expect(server.requests[0]).toMatchObject({
      path: "/model/amazon.titan-image-generator-v2%3A0/invoke-with-response-stream",
    })
    expect(server.requests[0]?.headers["x-amzn-bedrock-accept"]).toBe("application/json")
  })

  it.each([
    ["modelStreamErrorException", { code: "provider_failed", retryable: false }],
    ["throttlingException", { code: "rate_limited", retryable: true }],
    ["internalServerException", { code: "provider_failed", retryable: true }],
    ["validationException", { code: "invalid_request" }],
    ["modelTimeoutException", { code: "timeout", maybeBilled: true }],
    ["serviceUnavailableException", { code: "unavailable", retryable: true }],
  ])("maps %s within the stream", async (type, expected) => {
    const server = await serve(answer(chunk("{"), exception(type)))
    const error = await connect(server)
      .invoke(streamed)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ ...expected, requestId: "request-5" })
    expect(`${(error as Error).message}${(error as Error).cause}`).not.toContain("purple")
  })

  it("maps an answer that is not a stream", async () => {
    const server = await serve(
      answerJson(429, { message: "slow down" }, { "x-amzn-errortype": "ThrottlingException" }),
    )
    await expect(connect(server).invoke(streamed)).rejects.toMatchObject({ code: "rate_limited" })
  })

  it.each([
    ["within an event", chunk("{}").subarray(0, 20)],
    ["between events", chunk("{")],
  ])("reports a connection cut %s as maybe billed", async (_which, bytes) => {
    const server = await serve((response, _request, cut) => {
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" })
      response.write(bytes)
      setImmediate(cut)
    })
    await expect(connect(server).invoke(streamed)).rejects.toMatchObject({
      code: "unavailable",
      retryable: false,
      maybeBilled: true,
    })
  })

  it.each(["before the answer", "within the answer"])(
    "ends the request at the provider when it is aborted %s",
    async (when) => {
      const server = await serve((response) => {
        if (when === "before the answer") return
        response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" })
        response.write(chunk("{"))
      })
      const controller = new AbortController()
      const reply = connect(server).invoke({ ...streamed, signal: controller.signal })
      const failed = expect(reply).rejects.toMatchObject({ code: "aborted", maybeBilled: true })
      await vi.waitFor(() => expect(server.requests).toHaveLength(1))
      expect(server.open()).toBe(1)
      controller.abort()
      await failed
      await vi.waitFor(() => expect(server.open()).toBe(0))
    },
  )

  it("ends the request at the provider when its time is up", async () => {
    const server = await serve(() => {})
    await expect(connect(server).invoke({ ...streamed, timeoutMs: 300 })).rejects.toMatchObject({
      code: "timeout",
    })
    await vi.waitFor(() => expect(server.open()).toBe(0))
  })

  it("is unsupported if the model's page does not name it", async () => {
    const server = await serve(answer(chunk("{}")))
    await expect(connect(server).invoke(titanCall)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/SDXL and Titan/),
    })
    expect(server.connections()).toBe(0)
  })
})
