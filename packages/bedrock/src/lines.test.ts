import { spawn } from "node:child_process"
import { once } from "node:events"
import type { Http2ServerResponse, Http2Session } from "node:http2"
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
  vi.useRealTimers()
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const picture = "AbCd".repeat(100_000)
const deliver = answerJson(200, { images: [picture] })

/** Answers each request with the next of these, and the last for ever. */
const serve = async (...answers: readonly Respond[]): Promise<TestServer> => {
  let turn = 0
  const server = await startServer((...request) =>
    (answers[turn++] ?? answers.at(-1))?.(...request),
  )
  cleanups.push(server.close)
  return server
}

const connect = ({ url }: TestServer) => {
  const transport = bedrock({ region: "us-west-2", credentials: keys, endpoint: url })
  cleanups.push(transport.close)
  return transport
}

const textOf = (body: Uint8Array | readonly Uint8Array[]): string =>
  Buffer.from(body as Uint8Array).toString()
const doubtful = { code: "unavailable", retryable: false, maybeBilled: true }

describe("a connection", () => {
  it("is kept for the next call, and brings every reply whole", async () => {
    const server = await serve(deliver)
    const transport = connect(server)
    for (let call = 0; call < 5; call++) {
      const { body } = await transport.invoke(titanCall)
      expect(textOf(body)).toBe(JSON.stringify({ images: [picture] }))
    }
    expect(server.connections()).toBe(1)
  })

  it("belongs to one call at a time", async () => {
    const server = await serve(deliver)
    const transport = connect(server)
    const replies = await Promise.all([1, 2, 3].map(() => transport.invoke(titanCall)))
    expect(replies.map(({ body }) => textOf(body).length)).toEqual(
      Array.from({ length: 3 }, () => picture.length + 15),
    )
    expect(server.connections()).toBe(3)
    await Promise.all([transport.invoke(titanCall), transport.invoke(titanCall)])
    expect(server.connections()).toBe(3)
  })

  it("is kept after an error that was answered", async () => {
    const server = await serve(
      answerJson(429, { message: "slow down" }, { "x-amzn-errortype": "ThrottlingException" }),
      deliver,
    )
    const transport = connect(server)
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({ code: "rate_limited" })
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(1)
  })

  it("that was kept and breaks leaves open whether the call was billed, and the next call gets another", async () => {
    const server = await serve(deliver, (_, __, cut) => cut(), deliver)
    const transport = connect(server)
    await transport.invoke(titanCall)
    await expect(transport.invoke(titanCall)).rejects.toMatchObject(doubtful)
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("on which the server refuses a call unread leaves it unbilled", async () => {
    const server = await serve(
      deliver,
      (response) => (response as unknown as Http2ServerResponse).stream.session?.goaway(0, 1),
      deliver,
    )
    const transport = connect(server)
    await transport.invoke(titanCall)
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("that the server ended in between is replaced", async () => {
    let session: Http2Session | undefined
    const server = await serve((response, ...rest) => {
      session = (response as unknown as Http2ServerResponse).stream.session
      deliver(response, ...rest)
    })
    const transport = connect(server)
    await transport.invoke(titanCall)
    session?.close()
    await expect.poll(server.open).toBe(0)
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("that can no longer be made says that nothing was billed, though one had been kept", async () => {
    const server = await serve(deliver)
    const transport = connect(server)
    await transport.invoke(titanCall)
    await server.close()
    // Until the end of the connection has arrived here, too.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
  })

  it("is ended when nobody used it for 20 s", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const server = await serve(deliver)
    await connect(server).invoke(titanCall)
    vi.advanceTimersByTime(19_999)
    expect(server.open()).toBe(1)
    vi.advanceTimersByTime(1)
    await expect.poll(server.open).toBe(0)
  })

  it("is ended by close(), also by one that comes while it is in use", async () => {
    let close: (() => Promise<void>) | undefined
    const server = await serve(
      deliver,
      (response, ...rest) => void close?.().then(() => deliver(response, ...rest)),
    )
    const transport = connect(server)
    close = transport.close
    await transport.invoke(titanCall)
    await transport.invoke(titanCall)
    await expect.poll(server.open).toBe(0)
  })

  it("does not keep its process alive", async () => {
    const server = await serve(deliver)
    const call = { ...titanCall, body: {} }
    const source = `import { bedrock } from ${JSON.stringify(import.meta.resolve("./index.ts"))}
      await bedrock({ region: "us-west-2", credentials: ${JSON.stringify(keys)}, endpoint: "${server.url}" }).invoke(${JSON.stringify(call)})`
    const child = spawn(
      process.execPath,
      ["--conditions=@pictor/source", "--input-type=module", "-e", source],
      { stdio: "inherit" },
    )
    expect(await once(child, "exit")).toEqual([0, null])
    expect(server.requests).toHaveLength(1)
  })
})
