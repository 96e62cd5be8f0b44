import type { HttpBindings } from "@hono/node-server"
import { afterEach, describe, expect, it } from "vitest"
import { goneSignal, resetConnection, type Served, sendPieces, serveFetch } from "./serve.ts"

let served: Served | undefined

afterEach(async () => {
  await served?.close()
  served = undefined
})

const start = async (
  handle: (request: Request, env: HttpBindings) => Response | Promise<Response>,
): Promise<string> => {
  served = await serveFetch(handle)
  return served.url
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("one ")
  yield Buffer.from("two")
}

const head = { status: 201, headers: { "content-type": "text/plain" } }

describe("serveFetch", () => {
  it("answers on the loopback interface", async () => {
    const url = await start(async (request) => new Response(await request.text()))
    const reply = await fetch(url, { method: "POST", body: "hello" })
    expect([await reply.text(), new URL(url).hostname]).toEqual(["hello", "127.0.0.1"])
  })

  it("rejects a port in use", async () => {
    const url = await start(() => new Response())
    await expect(serveFetch(() => new Response(), Number(new URL(url).port))).rejects.toThrow(
      "EADDRINUSE",
    )
  })

  it("closes during an answer that never ends", async () => {
    const arrived = Promise.withResolvers<void>()
    const url = await start((_, env) => {
      arrived.resolve()
      return new Promise((resolve) =>
        goneSignal(env).addEventListener("abort", () => resolve(new Response())),
      )
    })
    const reply = fetch(url).catch(() => "closed")
    await arrived.promise
    await served?.close()
    expect(await reply).toBe("closed")
  })
})

describe("sendPieces", () => {
  it("sends status, headers and every piece", async () => {
    const reply = await fetch(await start((_, env) => sendPieces(env, head, pieces())))
    expect([reply.status, reply.headers.get("content-type"), await reply.text()]).toEqual([
      201,
      "text/plain",
      "one two",
    ])
  })

  it("cuts the connection after the pieces", async () => {
    const reply = await fetch(await start((_, env) => sendPieces(env, head, pieces(), "cut")))
    const reader = reply.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain("one ")
    await expect(reply.body === null ? undefined : readAll(reader)).rejects.toThrow("terminated")
  })
})

const readAll = async (
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<void> => {
  for (let done = false; !done; ) done = (await reader?.read())?.done ?? true
}

describe("resetConnection", () => {
  it("closes the connection without an answer", async () => {
    await expect(fetch(await start((_, env) => resetConnection(env)))).rejects.toThrow(
      "fetch failed",
    )
  })
})
