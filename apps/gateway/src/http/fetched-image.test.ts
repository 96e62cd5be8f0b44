import { createServer, request, type ServerResponse } from "node:http"
import type { AddressInfo, LookupFunction } from "node:net"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { calls } from "../request-context.ts"
import type { GatewayCall } from "../types.ts"
import { anyone } from "./__fixtures__/server.ts"
import { createFetchImage } from "./fetch-image.ts"

const world = vi.hoisted(() => ({ port: 0, asked: [] as string[] }))

// Every host is this machine, without TLS; another file tests the checks of addresses.
vi.mock("node:https", () => ({
  request: (
    url: URL,
    { signal, lookup }: { readonly signal: AbortSignal; readonly lookup: LookupFunction },
    found: () => void,
  ) => {
    world.asked.push(url.host)
    const asked = request(
      { host: "127.0.0.1", port: world.port, path: url.pathname, signal, agent: false },
      found,
    )
    lookup(url.hostname, {}, (error) => error && asked.destroy(error))
    return asked
  },
}))

const paths: string[] = []
const leads =
  (location: string, status = 302) =>
  (response: ServerResponse) =>
    response.writeHead(status, { location }).end("not an image")
const answers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  "/a.png": (response) => response.end("picture"),
  "/moved.png": leads("http://127.0.0.1/secret"),
  "/metadata.png": leads("https://169.254.169.254/latest/meta-data"),
  "/elsewhere.png": leads("https://elsewhere.example/a.png"),
  "/port.png": leads("https://images.example.com:8443/a.png"),
  "/nowhere.png": leads("https://[/"),
  "/unsaid.png": (response) => response.writeHead(302).end(),
  "/round.png": leads("/round.png"),
  "/one.png": leads("two.png", 301),
  "/two.png": leads("//a.cdn.example.com/three.png", 307),
  "/three.png": leads("https://images.example.com/a.png", 308),
  "/private.png": leads("https://private.cdn.example.com/a.png"),
  "/zero.png": leads("/one.png", 303),
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
  world.asked.length = 0
})

const resolve: LookupFunction = (host, _, callback) =>
  callback(null, host.startsWith("private") ? "10.0.0.1" : "93.184.215.14", 4)

const fetching = (path: string, timeoutMs = 5000): Promise<Uint8Array> =>
  createFetchImage({
    hosts: ["images.example.com", "*.cdn.example.com"],
    maxBytes: 1000,
    timeoutMs,
    resolve,
  })(new URL(path, "https://images.example.com"), undefined)

describe("an image at a URL", () => {
  it("is fetched as bytes", async () => {
    expect(Buffer.from(await fetching("/a.png")).toString()).toBe("picture")
  })

  it.each([
    ["leads to no https", "/moved.png", "https"],
    ["leads to an address", "/metadata.png", "image_hosts"],
    ["leads to a host that is not allowed", "/elsewhere.png", "image_hosts"],
    ["leads to a port", "/port.png", "port"],
    ["leads to no URL", "/nowhere.png", "invalid URL"],
    ["does not say where it leads", "/unsaid.png", "302"],
    ["is not there", "/gone.png", "404"],
    ["is too large", "/large.png", "exceeds"],
    ["never ends", "/endless.png", "exceeds"],
    ["breaks off", "/short.png", "could not be fetched"],
  ])("is rejected if it %s, without another request", async (_, path, words) => {
    await expect(fetching(path)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(words),
    })
    expect(paths).toEqual([path])
  })

  it("follows redirects among allowed hosts", async () => {
    expect(Buffer.from(await fetching("/one.png")).toString()).toBe("picture")
    expect(paths).toEqual(["/one.png", "/two.png", "/three.png", "/a.png"])
    expect(world.asked).toEqual([
      "images.example.com",
      "images.example.com",
      "a.cdn.example.com",
      "images.example.com",
    ])
  })

  it("rejects a redirect to a host without a public address", async () => {
    await expect(fetching("/private.png")).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("not public"),
    })
    expect(world.asked).toEqual(["images.example.com", "private.cdn.example.com"])
  })

  it.each(["/zero.png", "/round.png"])("rejects too many redirects: %s", async (path) => {
    await expect(fetching(path)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("more than 3 times"),
    })
    expect(paths).toHaveLength(4)
  })

  it("stops at the time limit", async () => {
    await expect(fetching("/late.png", 50)).rejects.toMatchObject({ code: "invalid_request" })
  })

  it("counts against the memory limit and is rejected above it", async () => {
    const held: number[] = []
    const call: GatewayCall = {
      id: "call",
      caller: anyone,
      startedMs: 0,
      retries: 0,
      fallbacks: 0,
      reserveBytes: (bytes) => {
        held.push(bytes)
        return held.length === 1
      },
    }
    await calls.run(call, () => fetching("/a.png"))
    expect(held).toEqual([7])
    await expect(calls.run(call, () => fetching("/a.png"))).rejects.toMatchObject({
      message: expect.stringContaining("memory limit"),
    })
  })
})
