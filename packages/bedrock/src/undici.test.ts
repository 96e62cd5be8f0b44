import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { Agent } from "undici"
import { afterEach, describe, expect, it } from "vitest"
import {
  answerJson,
  keys,
  type Respond,
  startServer,
  type TestServer,
  titanCall,
} from "./__fixtures__/server.ts"
import { bedrock } from "./transport.ts"
import { type UndiciOptions, undiciHandler } from "./undici.ts"

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const serve = async (respond: Respond): Promise<TestServer> => {
  const server = await startServer(respond, "http/1.1")
  cleanups.push(server.close)
  return server
}

const connect = (url: string, options?: UndiciOptions) => {
  const transport = bedrock({
    region: "us-west-2",
    credentials: keys,
    endpoint: url,
    requestHandler: undiciHandler(options),
  })
  cleanups.push(transport.close)
  return transport
}

const picture = "AbCd".repeat(100_000)
const deliver = answerJson(200, { images: [picture] })
const textOf = (body: Uint8Array | readonly Uint8Array[]): string =>
  Buffer.from(body as Uint8Array).toString()

describe("undiciHandler", () => {
  it("keeps connections for the next call, and brings every reply whole", async () => {
    const server = await serve(deliver)
    const transport = connect(server.url)
    for (let call = 0; call < 5; call++) {
      const { body } = await transport.invoke(titanCall)
      expect(Object.getPrototypeOf(body)).toBe(Uint8Array.prototype)
      expect(textOf(body)).toBe(JSON.stringify({ images: [picture] }))
    }
    // undici takes a connection back a turn after the reply's last byte: the second call may find none.
    expect(server.connections()).toBeLessThanOrEqual(2)
  })

  it("brings a reply of unknown length", async () => {
    const server = await serve((response) => response.writeHead(200).end('{"images":[]}'))
    expect(textOf((await connect(server.url).invoke(titanCall)).body)).toBe('{"images":[]}')
  })

  it("tells the request id of a reply that breaks off", async () => {
    const server = await serve((response, _, cut) => {
      response
        .writeHead(200, { "content-length": "1000", "x-amzn-requestid": "request-3" })
        .write("{")
      setImmediate(cut)
    })
    const failure = {
      code: "unavailable",
      maybeBilled: true,
      retryable: false,
      requestId: "request-3",
    }
    await expect(connect(server.url).invoke(titanCall)).rejects.toMatchObject(failure)
    expect(server.requests).toHaveLength(1)
  })

  it("holds no more connections than it may; a call that waits for one was not sent", async () => {
    const controller = new AbortController()
    let answer = (): void => {}
    const server = await serve((response, ...rest) => {
      answer = () => deliver(response, ...rest)
    })
    const transport = connect(server.url, { connections: 1 })
    const first = transport.invoke(titanCall)
    await expect.poll(() => server.requests.length).toBe(1)
    const second = transport.invoke({ ...titanCall, signal: controller.signal })
    // Signing takes a few turns; then it waits.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    controller.abort()
    await expect(second).rejects.toMatchObject({ code: "aborted", maybeBilled: false })
    answer()
    await first
    const third = transport.invoke(titanCall)
    await expect.poll(() => server.requests.length).toBe(2)
    answer()
    await third
    expect(server.connections()).toBe(1)
    expect(server.requests).toHaveLength(2)
  })

  it("works again after close(), and ends its connections", async () => {
    const server = await serve(deliver)
    const transport = connect(server.url)
    await transport.invoke(titanCall)
    await transport.close()
    await expect.poll(server.open).toBe(0)
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("takes a dispatcher of one's own, and leaves it open", async () => {
    const dispatcher = new Agent()
    cleanups.push(() => dispatcher.close())
    const server = await serve(deliver)
    const transport = connect(server.url, { dispatcher })
    await transport.invoke(titanCall)
    await transport.close()
    expect(dispatcher.closed).toBe(false)
  })

  it.each([0, 1.5, Number.NaN])("refuses %s connections", (connections) => {
    expect(() => undiciHandler({ connections })).toThrow(
      "connections must be a whole number from 1",
    )
  })

  it("makes a picture on the emulator", async () => {
    const emulator = await createBedrockEmulator()
    cleanups.push(emulator.close)
    const { body, requestId } = await connect(emulator.url).invoke(titanCall)
    expect(JSON.parse(textOf(body))).toMatchObject({ images: [expect.stringMatching(/^iVBOR/)] })
    expect(requestId).toBeDefined()
  })
})
