import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import { Readable } from "node:stream"
import { NodeHttpHandler } from "@smithy/node-http-handler"
import { afterEach, describe, expect, it, vi } from "vitest"
import {
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
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const serve = async (respond: Respond): Promise<TestServer> => {
  const server = await startServer(respond)
  cleanups.push(server.close)
  return server
}

const connect = (url: string, options: BedrockOptions = {}) => {
  const transport = bedrock({ region: "us-west-2", credentials: keys, endpoint: url, ...options })
  cleanups.push(transport.close)
  return transport
}

const listen = (
  accept: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly server: Server }> =>
  new Promise((resolve) => {
    const server = createServer(accept).listen(0, "127.0.0.1", () =>
      resolve({ port: (server.address() as AddressInfo).port, server }),
    )
  })

const closedPort = async (): Promise<number> => {
  const { port, server } = await listen(() => {})
  await new Promise((resolve) => server.close(resolve))
  return port
}

const never: Respond = () => {}
const half: Respond = (response) => {
  response.writeHead(200, { "content-length": "1000" })
  response.write("{")
}
const cutHalf: Respond = (response, received, cut) => {
  half(response, received, cut)
  setImmediate(cut)
}
const cutUnmeasured: Respond = (response, _, cut) => {
  response.writeHead(200)
  response.write("{")
  setImmediate(cut)
}
const cutAtOnce: Respond = (_, __, cut) => cut()

const handlers: readonly (readonly [string, () => BedrockOptions])[] = [
  ["HTTP/1.1", () => ({})],
  ["a handler from the options", () => ({ requestHandler: new NodeHttpHandler() })],
]
const doubtful = { retryable: false, maybeBilled: true }

describe.each(handlers)("over %s", (_, handler) => {
  it.each([
    ["its own time limit", "no answer", never, {}, {}, 300_000],
    ["its own time limit", "a body that stops", half, {}, {}, 300_000],
    [
      "a longer time limit",
      "no answer",
      never,
      { timeoutMs: 400_000 },
      { timeoutMs: 500_000 },
      400_000,
    ],
    [
      "the call's smaller time limit",
      "no answer",
      never,
      { timeoutMs: 400_000 },
      { timeoutMs: 1000 },
      1000,
    ],
  ] as const)(
    "%s ends %s after sending",
    async (_which, _what, respond, options, limit, milliseconds) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
      const server = await serve((response, received, cut) => {
        respond(response, received, cut)
        setImmediate(() => vi.advanceTimersByTime(milliseconds))
      })
      const call = connect(server.url, { ...handler(), ...options }).invoke({
        ...titanCall,
        ...limit,
      })
      await expect(call).rejects.toMatchObject({ code: "timeout", ...doubtful })
      expect(server.requests).toHaveLength(1)
    },
  )

  it.each([
    ["no answer", never],
    ["a body that stops", half],
  ])("an abort ends %s and closes the connection", async (_what, respond) => {
    const controller = new AbortController()
    const server = await serve((response, received, cut) => {
      respond(response, received, cut)
      setImmediate(() => controller.abort())
    })
    await expect(
      connect(server.url, handler()).invoke({ ...titanCall, signal: controller.signal }),
    ).rejects.toMatchObject({
      code: "aborted",
      ...doubtful,
    })
    await expect.poll(server.open).toBe(0)
  })

  it.each([
    ["before an answer", cutAtOnce],
    ["within the body", cutHalf],
    ["within a body of unknown length", cutUnmeasured],
  ])("a connection cut %s may have been billed", async (_what, respond) => {
    const server = await serve(respond)
    await expect(connect(server.url, handler()).invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      ...doubtful,
    })
  })

  it("a refused connection was not billed", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`
    await expect(connect(url, handler()).invoke(titanCall)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
  })
})

describe("a failed TLS handshake", () => {
  const call = async (options: BedrockOptions) => {
    const server = await serve(never)
    return connect(server.url.replace("http:", "https:"), options).invoke(titanCall)
  }

  it("was not billed", async () => {
    await expect(call({})).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      maybeBilled: false,
    })
  })

  it("of a handler from the options may have been billed: it does not report when it sends", async () => {
    const requestHandler = new NodeHttpHandler()
    await expect(call({ requestHandler })).rejects.toMatchObject({
      code: "unavailable",
      ...doubtful,
    })
  })
})

describe("before anything is sent", () => {
  it("an aborted signal ends the call", async () => {
    const server = await serve(never)
    const call = { ...titanCall, signal: AbortSignal.abort() }
    await expect(connect(server.url).invoke(call)).rejects.toMatchObject({
      code: "aborted",
      maybeBilled: false,
    })
    expect(server.connections()).toBe(0)
  })

  it.each(["aborted", "timeout"])(
    "%s does not wait for credentials that never come, and nothing is sent later",
    async (code) => {
      if (code === "timeout") vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
      const server = await serve(never)
      const controller = new AbortController()
      let give: ((value: typeof keys) => void) | undefined
      const credentials = (): Promise<typeof keys> => {
        setImmediate(() =>
          code === "timeout" ? vi.advanceTimersByTime(300_000) : controller.abort(),
        )
        return new Promise((resolve) => {
          give = resolve
        })
      }
      const call = connect(server.url, { credentials }).invoke({
        ...titanCall,
        signal: controller.signal,
      })
      await expect(call).rejects.toMatchObject({ code, maybeBilled: false })
      give?.(keys)
      await new Promise(setImmediate)
      expect(server.connections()).toBe(0)
    },
  )
})

describe("a body", () => {
  it("that stops runs into the time limit", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1)
      vi.advanceTimersByTime(300_000)
      await new Promise(() => {})
    }
    const requestHandler = {
      handle: async () => ({
        response: { statusCode: 200, headers: {}, body: Readable.from(chunks()) },
      }),
    } as never
    const call = connect("http://127.0.0.1:1", { requestHandler }).invoke(titanCall)
    await expect(call).rejects.toMatchObject({ code: "timeout", ...doubtful })
  })
})
