import { spawn } from "node:child_process"
import { once } from "node:events"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { Agent } from "undici"
import { afterEach, describe, expect, it, vi } from "vitest"
import {
  answerJson,
  keys,
  type Respond,
  startServer,
  type TestServer,
  titanCall,
} from "./__fixtures__/server.ts"
import type { BedrockOptions } from "./options.ts"
import { bedrock } from "./transport.ts"

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Answers each request with the next of these, and all further ones with the last. */
const serve = async (...answers: readonly Respond[]): Promise<TestServer> => {
  let received = 0
  const server = await startServer((...request) =>
    (answers[received++] ?? answers.at(-1))?.(...request),
  )
  cleanups.push(server.close)
  return server
}

const connect = (url: string, options: BedrockOptions = {}) => {
  const transport = bedrock({ region: "us-west-2", credentials: keys, endpoint: url, ...options })
  cleanups.push(transport.close)
  return transport
}

const picture = "AbCd".repeat(100_000)
const deliver = answerJson(200, { images: [picture] })
const textOf = (body: Uint8Array | readonly Uint8Array[]): string =>
  Buffer.from(body as Uint8Array).toString()
/** undici takes a connection back one turn after the last byte of the reply. */
const aFewTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}

describe("a reply", () => {
  it("arrives whole in one array", async () => {
    const transport = connect((await serve(deliver)).url)
    for (let call = 0; call < 5; call++) {
      const { body } = await transport.invoke(titanCall)
      expect(Object.getPrototypeOf(body)).toBe(Uint8Array.prototype)
      expect(textOf(body)).toBe(JSON.stringify({ images: [picture] }))
    }
  })

  it("may have an unknown length", async () => {
    const server = await serve((response) => response.writeHead(200).end('{"images":[]}'))
    expect(textOf((await connect(server.url).invoke(titanCall)).body)).toBe('{"images":[]}')
  })

  it("that breaks off leaves its request id on the error", async () => {
    const server = await serve((response, _, cut) => {
      response
        .writeHead(200, { "content-length": "1000", "x-amzn-requestid": "request-3" })
        .write("{")
      setImmediate(cut)
    })
    await expect(connect(server.url).invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      maybeBilled: true,
      retryable: false,
      requestId: "request-3",
    })
    expect(server.requests).toHaveLength(1)
  })

  it("of the emulator is a picture", async () => {
    const emulator = await createBedrockEmulator()
    cleanups.push(emulator.close)
    const { body, requestId } = await connect(emulator.url).invoke(titanCall)
    expect(JSON.parse(textOf(body))).toMatchObject({ images: [expect.stringMatching(/^iVBOR/)] })
    expect(requestId).toBeDefined()
  })
})

describe("a connection", () => {
  it("is reused by the next call", async () => {
    const server = await serve(deliver)
    const transport = connect(server.url)
    for (let call = 0; call < 5; call++) {
      await transport.invoke(titanCall)
      await aFewTurns()
    }
    expect(server.connections()).toBe(1)
  })

  it("is reused after an error answer", async () => {
    const server = await serve(
      answerJson(429, { message: "slow down" }, { "x-amzn-errortype": "ThrottlingException" }),
      deliver,
    )
    const transport = connect(server.url)
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({ code: "rate_limited" })
    await aFewTurns()
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(1)
  })

  it("serves one call at a time", async () => {
    const server = await serve(deliver)
    const transport = connect(server.url)
    await Promise.all([1, 2, 3].map(() => transport.invoke(titanCall)))
    expect(server.connections()).toBe(3)
  })

  it("that breaks when it is reused may have billed the call; the next call opens another", async () => {
    const server = await serve(deliver, (_, __, cut) => cut(), deliver)
    const transport = connect(server.url)
    await transport.invoke(titanCall)
    await aFewTurns()
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      retryable: false,
      maybeBilled: true,
    })
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("that the server closed in between is replaced", async () => {
    const server = await serve((response, received, cut) => {
      response.once("close", () => setImmediate(cut))
      deliver(response, received, cut)
    }, deliver)
    const transport = connect(server.url)
    await transport.invoke(titanCall)
    await expect.poll(server.open).toBe(0)
    await aFewTurns()
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("that can no longer be made bills nothing, although an earlier one was made", async () => {
    const server = await serve(deliver)
    const transport = connect(server.url)
    await transport.invoke(titanCall)
    await server.close()
    await aFewTurns()
    await expect(transport.invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
  })

  it("does not keep the process alive", async () => {
    const server = await serve(deliver)
    const source = `import { bedrock } from ${JSON.stringify(import.meta.resolve("./index.ts"))}
      await bedrock({ region: "us-west-2", credentials: ${JSON.stringify(keys)}, endpoint: "${server.url}" }).invoke(${JSON.stringify(titanCall)})`
    const child = spawn(
      process.execPath,
      ["--conditions=@pictor/source", "--input-type=module", "-e", source],
      { stdio: "inherit" },
    )
    expect(await once(child, "exit")).toEqual([0, null])
    expect(server.requests).toHaveLength(1)
  })
})

describe("connections", () => {
  it("limits the connections; a call that waits for one is not sent", async () => {
    const controller = new AbortController()
    let answer = (): void => {}
    const server = await serve((response, ...rest) => {
      answer = () => deliver(response, ...rest)
    })
    const transport = connect(server.url, { connections: 1 })
    const first = transport.invoke(titanCall)
    await expect.poll(() => server.requests.length).toBe(1)
    const second = transport.invoke({ ...titanCall, signal: controller.signal })
    // Signing takes a few turns.
    await aFewTurns()
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
})

describe("dispatcher", () => {
  it("sends the requests, and stays open", async () => {
    const dispatcher = new Agent()
    cleanups.push(() => dispatcher.close())
    const server = await serve(deliver)
    const transport = connect(server.url, { dispatcher })
    await transport.invoke(titanCall)
    await transport.close()
    expect(dispatcher.closed).toBe(false)
  })

  it.each(["-5", "", "five", "1e9", "0x10", "9".repeat(16)])(
    "may answer with the content-length %j, which counts as none",
    async (length) => {
      const allocated = vi.spyOn(Buffer, "allocUnsafeSlow")
      const dispatcher: NonNullable<BedrockOptions["dispatcher"]> = {
        dispatch: (_, handler) => {
          const controller = {} as never
          handler.onRequestStart?.(controller, undefined)
          handler.onResponseStart?.(controller, 200, { "content-length": length }, "OK")
          handler.onResponseData?.(controller, Buffer.from('{"images":[]}'))
          handler.onResponseEnd?.(controller, {})
          return true
        },
      }
      const { body } = await connect("http://127.0.0.1:1", { dispatcher }).invoke(titanCall)
      expect(textOf(body)).toBe('{"images":[]}')
      expect(allocated.mock.calls.filter(([bytes]) => bytes !== 0)).toEqual([])
    },
  )
})

describe("close()", () => {
  it("closes the connections, and later calls open new ones", async () => {
    const server = await serve(deliver)
    const transport = connect(server.url)
    await transport.invoke(titanCall)
    await transport.close()
    await expect.poll(server.open).toBe(0)
    await transport.invoke(titanCall)
    expect(server.connections()).toBe(2)
  })

  it("lets a call in progress end", async () => {
    let close: (() => Promise<void>) | undefined
    const server = await serve(
      (response, ...rest) => void close?.().then(() => deliver(response, ...rest)),
    )
    const transport = connect(server.url)
    close = transport.close
    await expect(transport.invoke(titanCall)).resolves.toMatchObject({ status: 200 })
    await expect.poll(server.open).toBe(0)
  })
})
