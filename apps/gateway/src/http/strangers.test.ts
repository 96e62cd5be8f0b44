import { once } from "node:events"
import type { Socket } from "node:net"
import { ImageError } from "@pictor/core"
import { Hono } from "hono"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { RouteHandler } from "../dependencies.ts"
import type { Caller } from "../types.ts"
import {
  anyone,
  json,
  openSocket,
  post,
  startServer,
  type TestServer,
  type World,
} from "./__fixtures__/server.ts"
import { createAdmission } from "./admission.ts"
import { docsPage } from "./docs-page.ts"

const servers: TestServer[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const start = async (world?: World): Promise<TestServer> => {
  const server = await startServer(world)
  servers.push(server)
  return server
}
const connected = async (url: string): Promise<Socket> => {
  const socket = await openSocket(url)
  socket.on("error", () => undefined)
  sockets.push(socket)
  return socket
}

/** A promise with its resolver. */
const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

const images = "/v1/images/generations"

const head = (path: string, key: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\ncontent-length: ${length}\r\n\r\n`

const admin = new Hono().post("/key/block", ({ json: answer }) => answer({ blocked: true }))

/** A gateway with the keys `master`, `ann` and `bob`. */
const withKeys: World = {
  admin,
  authenticate: async (bearer = ""): Promise<Caller> => {
    if (bearer === "master") return { ...anyone, kind: "master" }
    if (bearer === "ann" || bearer === "bob") return { ...anyone, kind: "key", keyId: bearer }
    throw new ImageError({ code: "unauthenticated", message: "Nobody knows you." })
  },
}
const as = (key: string) => ({ authorization: `Bearer ${key}` })

describe("bodies that are announced and do not come", () => {
  it("hold no memory and no place, so that others and the operator are served", async () => {
    const { url, parts } = await start({ ...withKeys, settings: { maxRequests: 16 } })
    for (let count = 0; count < 16; count += 1)
      (await connected(url)).write(`${head(images, "ann", 67_108_864)}{`)
    await vi.waitFor(() => expect(parts.admission.requests()).toBe(16))
    await vi.waitFor(() => expect(parts.admission.bytes()).toBe(16))
    expect((await post(url, {}, as("ann"))).status).toBe(503)
    expect((await post(url, {}, as("bob"))).status).toBe(200)
    const blocked = await fetch(`${url}/key/block`, { method: "POST", headers: as("master") })
    expect(await blocked.json()).toEqual({ blocked: true })
  })

  it("take no place without a key, on any route", async () => {
    const { url, parts } = await start(withKeys)
    for (const path of ["/key/block", images, "/v1/images/edits", "/nothing"]) {
      const socket = await connected(url)
      socket.write(`${head(path, "nobody", 1_000_000)}{`)
      const [answer] = (await once(socket, "data")) as [Buffer]
      expect(answer.toString()).toContain("401 Unauthorized")
    }
    expect([parts.admission.requests(), parts.administration.requests()]).toEqual([0, 0])
  })
})

describe("the bytes of one key", () => {
  it("are at most its share, and the rest serves others and the operator", async () => {
    const settings = { maxBytes: 2_000_000, maxBytesPerKey: 1_000_000 }
    const { url, parts } = await start({ ...withKeys, settings })
    for (const _ of [1, 2]) {
      const socket = await connected(url)
      socket.write(`${head(images, "ann", 600_000)}${" ".repeat(450_000)}`)
    }
    await vi.waitFor(() => expect(parts.admission.bytes()).toBe(900_000))
    const refused = await post(url, " ".repeat(200_000), as("ann"))
    expect([
      refused.status,
      refused.headers.get("retry-after"),
      await refused.json(),
    ]).toMatchObject([
      429,
      "1",
      {
        error: {
          code: "overloaded",
          message:
            "The requests of this key hold 1,000,000 bytes, the limit of one key. Retry in 1 s, or send fewer requests at once.",
        },
      },
    ])
    expect((await post(url, " ".repeat(200_000), as("bob"))).status).toBe(200)
    for (const socket of sockets.splice(0)) socket.destroy()
    await vi.waitFor(() =>
      expect([parts.admission.requests(), parts.admission.bytes()]).toEqual([0, 0]),
    )
  })

  it("may be held for a while and are returned once", () => {
    const admission = createAdmission({ maxRequests: 2, maxBytes: 10, maxBytesPerKey: 5 })
    const ticket = admission.enter("ann")
    const giveBack = ticket?.hold(5)
    expect(ticket?.hold(1)).toBeUndefined()
    giveBack?.()
    giveBack?.()
    expect(admission.bytes()).toBe(0)
    expect(admission.isFull("ann", 6)).toBe(true)
  })
})

describe("a connection that pipelines and does not read", () => {
  it("makes one answer at a time", async () => {
    let made = 0
    const { url } = await start({
      respond: async () => {
        made += 1
        return { status: 200, headers: {}, parts: [Buffer.alloc(30_000_000)] }
      },
    })
    const socket = await connected(url)
    socket.pause()
    socket.write(`${head(images, "ann", 2)}{}`.repeat(10))
    await vi.waitFor(() => expect(made).toBe(1))
    expect((await fetch(`${url}/health/liveness`)).status).toBe(200)
    expect(made).toBe(1)
  })

  it("is cut off within the time to send, on every route without a key", async () => {
    const { url, lines } = await start({ settings: { sendMs: 50 } })
    for (const path of ["/docs/swagger-ui-bundle.js", "/metrics", "/openapi.json"]) {
      const socket = await connected(url)
      socket.pause()
      const closed = once(socket, "close")
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(300))
      socket.resume()
      await closed
      expect(lines.length).toBeLessThanOrEqual(17)
      lines.length = 0
    }
  })

  it("gets the answers of those that wait and is then closed", async () => {
    let count = 0
    const { open, opened } = gate()
    const { url } = await start({
      respond: async () => {
        await opened
        return json({ mine: ++count })
      },
    })
    const socket = await connected(url)
    let text = ""
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString()
    })
    socket.write(`${head(images, "ann", 2)}{}`.repeat(100))
    // Until a request on another connection is answered, the first one waits.
    await fetch(`${url}/health/liveness`)
    open()
    await once(socket, "close")
    expect([count, text.match(/"mine"/g)?.length]).toEqual([17, 17])
    expect(text.match(/connection: close/gi)).toHaveLength(1)
  })
})

describe("pages without a key", () => {
  it.each(["/docs/swagger-ui-bundle.js", "/docs", "/docs/start.js"])(
    "keep %s once in memory",
    async (path) => {
      const { url } = await start()
      const page = docsPage()[path]
      const asked = {} as Parameters<RouteHandler>[0]
      expect(await page?.(asked)).toBe(await page?.(asked))
      const { headers } = await fetch(`${url}${path}`)
      expect(Number(headers.get("content-length"))).toBeGreaterThan(10)
    },
  )
})

describe("without a master key", () => {
  it("pages of other sites and foreign host names are refused on every route", async () => {
    const probe = vi.fn(async () => [])
    const { url } = await start({
      isOpen: true,
      health: { deployments: probe, ready: async () => undefined, count: 0 },
    })
    for (const path of [
      "/health",
      "/health?probe=true",
      "/health/readiness",
      "/health/liveness",
      "/metrics",
      "/openapi.json",
      "/docs",
      "/v1/models",
      "/budget/new",
      "/nothing",
    ]) {
      const page = await fetch(`${url}${path}`, { headers: { origin: "http://evil.example" } })
      expect([path, page.status]).toEqual([path, 403])
      const socket = await connected(url)
      socket.write(`GET ${path} HTTP/1.1\r\nhost: evil.example\r\n\r\n`)
      const [answer] = (await once(socket, "data")) as [Buffer]
      expect(answer.toString()).toContain("403 Forbidden")
      expect((await fetch(`${url}${path}`)).status).not.toBe(403)
    }
    expect(probe).toHaveBeenCalledTimes(2)
  })

  it("a health check over HTTP/1.0 needs no host", async () => {
    const { url } = await start({ isOpen: true })
    const socket = await connected(url)
    socket.write("OPTIONS / HTTP/1.0\r\n\r\n")
    expect(String(await once(socket, "data"))).not.toContain("400 Bad Request")
    const check = await connected(url)
    check.write("GET /health/liveness HTTP/1.0\r\n\r\n")
    expect(String(await once(check, "data"))).toContain("200 OK")
  })
})
