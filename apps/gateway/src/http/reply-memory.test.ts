import { afterEach, describe, expect, it } from "vitest"
import { createCollector } from "../../../../packages/http/src/reply-buffers.ts"
import { openSocket, post, startServer } from "./__fixtures__/server.ts"

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const textOf = (length: number): string => JSON.stringify({ image: "A".repeat(length) })
const text = textOf(40_000)

/** A server whose answers all have the same reply of a provider. */
const start = async (given = text) => {
  const { add, bytes } = createCollector(given.length)
  add(Buffer.from(given))
  const reply = bytes()
  const { url, close, parts } = await startServer({
    respond: async () => ({
      status: 200,
      headers: { "content-length": String(given.length) },
      parts: [reply],
    }),
  })
  closers.push(close)
  return { url, reply, parts }
}

describe("the memory of an answer", () => {
  it("is given back once the answer is written", async () => {
    const { url, reply } = await start()
    expect(await (await post(url)).text()).toBe(text)
    await expect.poll(() => reply.length).toBe(0)
  })

  it("stays when the client disconnects before it is written", async () => {
    const large = textOf(30_000_000)
    const { url, reply, parts } = await start(large)
    const socket = await openSocket(url)
    socket.pause()
    socket.write(
      "POST /v1/images/generations HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}",
    )
    await expect.poll(() => parts.admission.bytes()).toBeGreaterThan(large.length)
    socket.destroy()
    await parts.admission.idle()
    expect(reply.length).toBe(large.length)
  })

  it("stays while a request with the same Idempotency-Key may still be written", async () => {
    const { url, reply } = await start()
    const repeated = { "idempotency-key": "order-1" }
    const first = await post(url, {}, repeated)
    expect(await first.text()).toBe(text)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(reply.length).toBe(text.length)
    expect(await (await post(url, {}, repeated)).text()).toBe(text)
  })
})
