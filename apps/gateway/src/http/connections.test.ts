import { once } from "node:events"
import { ImageError } from "@pictor/core"
import { afterEach, describe, expect, it, vi } from "vitest"
import {
  anyone,
  json,
  openSocket,
  startServer,
  type TestServer,
  type World,
} from "./__fixtures__/server.ts"

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
const start = async (world?: World): Promise<TestServer> => {
  const server = await startServer(world)
  servers.push(server)
  return server
}

const rejecting: World = {
  authenticate: async () => {
    throw new ImageError({ code: "unauthenticated", message: "Nobody knows you." })
  },
}

/** A connection with hand-written requests. */
const connected = async (url: string, options: Parameters<typeof openSocket>[1] = {}) => {
  const socket = await openSocket(url, options)
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

/** A static path and one with a parameter. */
const ways = [
  { path: "/v1/images/generations" },
  { path: "/v1/openai/deployments/m/images/generations" },
]

describe.each(ways)("a request to $path", ({ path }) => {
  it("is disconnected if it continues a rejected body", async () => {
    const { url } = await start(rejecting)
    const { socket, ask, answered } = await connected(url)
    ask(path, ["Content-Length: 1000000"], "the beginning")
    expect(await answered(1)).toContain("Nobody knows you.")
    await once(socket, "close")
  })

  it("keeps its connection if its rejected body arrives completely", async () => {
    const { url } = await start(rejecting)
    const { socket, ask, answered } = await connected(url)
    ask(path, ["Content-Length: 100000"], "a".repeat(100_000))
    await answered(1)
    ask(path, ["Content-Length: 2"], "{}")
    expect((await answered(2)).match(/HTTP\/1.1 401/g)).toHaveLength(2)
    socket.destroy()
  })

  it("waits for the pipelined requests before it", async () => {
    let count = 0
    const { url, lines } = await start({
      settings: { sendMs: 5 },
      respond: async () => {
        const mine = ++count
        // The second answer is ready at once, and its turn comes long after its send timeout.
        if (mine === 1) await new Promise((resolve) => setTimeout(resolve, 50))
        return json({ mine })
      },
    })
    const { socket, ask, answered } = await connected(url)
    for (const _ of [1, 2]) ask(path, ["Content-Length: 2"], "{}")
    expect(await answered(2)).toMatch(/\{"mine":1\}.*\{"mine":2\}/s)
    ask(path, ["Content-Length: 2"], "{}")
    expect(await answered(3)).toContain('{"mine":3}')
    expect(lines.map(({ status }) => status)).not.toContain(499)
    socket.destroy()
  })

  it("is not begun if its client left while it waited", async () => {
    const begun = vi.fn(async () => anyone)
    const { url, lines } = await start({
      authenticate: begun,
      respond: (_request, { signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("ended")))
        }),
    })
    const { socket, ask } = await connected(url)
    for (const _ of [1, 2]) ask(path, ["Content-Length: 2"], "{}")
    await vi.waitFor(() => expect(begun).toHaveBeenCalledOnce())
    socket.destroy()
    await vi.waitFor(() => expect(lines.map(({ status }) => status)).toContain(499))
    expect(begun).toHaveBeenCalledOnce()
  })

  it("is dropped if its body completes after a 408", async () => {
    const asked = vi.fn(async () => json({}))
    const { url, lines, parts } = await start({ settings: { receiveMs: 100 }, respond: asked })
    const { socket, ask, answered } = await connected(url, { allowHalfOpen: true })
    ask(path, ["Content-Length: 2"], "{")
    expect(await answered(1)).toContain("408 Request Timeout")
    socket.write("}")
    await parts.admission.idle()
    expect(asked).not.toHaveBeenCalled()
    await vi.waitFor(() => expect(lines.map(({ status }) => status)).toEqual([499]))
    socket.destroy()
  })

  it("joins the values of a repeated header", async () => {
    const { url } = await start({
      respond: async ({ headers }) =>
        json([headers.get("content-type"), headers.get("idempotency-key"), headers.get("x-no")]),
    })
    const { socket, ask, answered } = await connected(url)
    ask(
      path,
      ["Content-Type: a/b", "CONTENT-TYPE: c/d", "Idempotency-Key: one", "Content-Length: 2"],
      "{}",
    )
    expect(await answered(1)).toContain('["a/b, c/d","one",null]')
    socket.destroy()
  })

  it("gets a 500 if anything throws, and the server continues", async () => {
    const { url, lines } = await start({
      respond: async () => {
        throw new Error("secret")
      },
    })
    for (const id of ["call-1", "call-2"]) {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        body: "{}",
        headers: { "x-litellm-call-id": id },
      })
      expect(response.status).toBe(500)
      expect(response.headers.get("x-request-id")).toBe(id)
      expect(response.headers.get("x-litellm-call-id")).toBe(id)
      expect(response.headers.get("content-type")).toBe("application/json")
      expect(await response.json()).toMatchObject({ error: { code: "internal_error" } })
    }
    expect(lines.filter(({ msg }) => msg === "unexpected error").map(({ id }) => id)).toEqual([
      "call-1",
      "call-2",
    ])
    expect(lines.filter(({ msg }) => msg === "request").map(({ status }) => status)).toEqual([
      500, 500,
    ])
    expect(JSON.stringify(lines)).not.toContain("secret")
  })
})
