import { once } from "node:events"
import { ImageError } from "@pictor/core"
import { afterEach, describe, expect, it } from "vitest"
import { json, openSocket, startServer, type TestServer, type World } from "./__fixtures__/server.ts"

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const start = async (world?: World): Promise<TestServer> => {
  const server = await startServer(world)
  servers.push(server)
  return server
}

const nobody: World = {
  authenticate: async () => {
    throw new ImageError({ code: "unauthenticated", message: "Nobody knows you." })
  },
}

/** One connection, to which requests are written by hand. */
const connected = async (url: string) => {
  const socket = await openSocket(url)
  const { host } = new URL(url)
  let text = ""
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString()
  })
  const answered = async (count: number): Promise<string> => {
    while (text.split("HTTP/1.1 ").length <= count) await once(socket, "data")
    return text
  }
  const ask = (path: string, headers: readonly string[], body: string): boolean =>
    socket.write([`POST ${path} HTTP/1.1`, `Host: ${host}`, ...headers, "", body].join("\r\n"))
  return { socket, ask, answered }
}

/** The plain path, which goes past the application, and one that goes through it. */
const ways = [{ path: "/v1/images/generations" }, { path: "/v1/openai/deployments/m/images/generations" }]

describe.each(ways)("what is asked at $path", ({ path }) => {
  it("is cut off where its sender goes on with a body that is refused", async () => {
    const { url } = await start(nobody)
    const { socket, ask, answered } = await connected(url)
    ask(path, ["Content-Length: 1000000"], "the beginning")
    expect(await answered(1)).toContain("Nobody knows you.")
    await once(socket, "close")
  })

  it("keeps its connection where its refused body comes whole", async () => {
    const { url } = await start(nobody)
    const { socket, ask, answered } = await connected(url)
    ask(path, ["Content-Length: 100000"], "a".repeat(100_000))
    await answered(1)
    ask(path, ["Content-Length: 2"], "{}")
    expect((await answered(2)).match(/HTTP\/1.1 401/g)).toHaveLength(2)
    socket.destroy()
  })

  it("has all values of a header that comes twice", async () => {
    const { url } = await start({
      respond: async ({ headers }) => json([headers.get("content-type"), headers.get("idempotency-key"), headers.get("x-no")]),
    })
    const { socket, ask, answered } = await connected(url)
    ask(path, ["Content-Type: a/b", "CONTENT-TYPE: c/d", "Idempotency-Key: one", "Content-Length: 2"], "{}")
    expect(await answered(1)).toContain('["a/b, c/d","one",null]')
    socket.destroy()
  })

  it("is an error of the server's own where anything throws, and the server lives on", async () => {
    const { url, lines } = await start({
      respond: async () => {
        throw new Error("secret")
      },
    })
    for (const id of ["call-1", "call-2"]) {
      const response = await fetch(`${url}${path}`, { method: "POST", body: "{}", headers: { "x-litellm-call-id": id } })
      expect(response.status).toBe(500)
      expect(response.headers.get("x-request-id")).toBe(id)
      expect(response.headers.get("x-litellm-call-id")).toBe(id)
      expect(response.headers.get("content-type")).toBe("application/json")
      expect(await response.json()).toMatchObject({ error: { code: "internal_error" } })
    }
    expect(lines.filter(({ msg }) => msg === "unforeseen").map(({ id }) => id)).toEqual(["call-1", "call-2"])
    expect(lines.filter(({ msg }) => msg === "request").map(({ status }) => status)).toEqual([500, 500])
    expect(JSON.stringify(lines)).not.toContain("secret")
  })
})
