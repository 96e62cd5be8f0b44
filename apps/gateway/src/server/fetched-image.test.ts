import { createServer, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { calls } from "../call.ts"
import type { GatewayCall } from "../types.ts"
import { anyone } from "./__fixtures__/server.ts"
import { createFetchImage } from "./fetch-image.ts"

const world = vi.hoisted(() => ({ port: 0 }))

// Every host is this machine, without TLS; who may be asked is another file's matter.
vi.mock("node:https", () => ({
  request: (url: URL, { signal }: { readonly signal: AbortSignal }, found: () => void) =>
    request({ host: "127.0.0.1", port: world.port, path: url.pathname, signal, agent: false }, found),
}))

const paths: string[] = []
const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  "/a.png": (response) => response.end("picture"),
  "/moved.png": (response) => response.writeHead(302, { location: "http://127.0.0.1/secret" }).end(),
  "/gone.png": (response) => response.writeHead(404).end("no"),
  "/large.png": (response) => response.end(Buffer.alloc(2000)),
  "/endless.png": (response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(100), more)
    }
    more()
  },
  "/short.png": (response) => {
    response.writeHead(200, { "content-length": "100" }).write("half")
    setImmediate(() => response.destroy())
  },
  "/late.png": () => undefined,
}

let close: () => void = () => undefined
beforeEach(async () => {
  const server = createServer(({ url = "" }, response) => {
    paths.push(url)
    answers[url]?.(response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  world.port = (server.address() as AddressInfo).port
  close = () => {
    server.close()
    server.closeAllConnections()
  }
})
afterEach(() => {
  close()
  paths.length = 0
})

const fetching = (path: string, timeoutMs = 5000): Promise<Uint8Array> =>
  createFetchImage({ hosts: ["images.example.com"], maxBytes: 1000, timeoutMs })(new URL(path, "https://images.example.com"), undefined)

describe("an image behind a URL", () => {
  it("comes as its bytes", async () => {
    expect(Buffer.from(await fetching("/a.png")).toString()).toBe("picture")
  })

  it.each([
    ["leads elsewhere", "/moved.png", "302"],
    ["is not there", "/gone.png", "404"],
    ["is too large", "/large.png", "larger"],
    ["never ends", "/endless.png", "larger"],
    ["breaks off", "/short.png", "could not be fetched"],
  ])("is refused where it %s, and nothing else is asked", async (_, path, words) => {
    await expect(fetching(path)).rejects.toMatchObject({ code: "invalid_request", message: expect.stringContaining(words) })
    expect(paths).toEqual([path])
  })

  it("is waited for no longer than the bound", async () => {
    await expect(fetching("/late.png", 50)).rejects.toMatchObject({ code: "invalid_request" })
  })

  it("counts as what its request holds, and does not come where the gateway holds enough", async () => {
    const held: number[] = []
    const call: GatewayCall = {
      id: "call",
      caller: anyone,
      startedMs: 0,
      retries: 0,
      fallbacks: 0,
      hold: (bytes) => {
        held.push(bytes)
        return held.length === 1
      },
    }
    await calls.run(call, () => fetching("/a.png"))
    expect(held).toEqual([7])
    await expect(calls.run(call, () => fetching("/a.png"))).rejects.toMatchObject({ message: expect.stringContaining("as much as it may") })
  })
})
