import { afterEach, describe, expect, it } from "vitest"
import { createCollector } from "../../../../packages/http/src/reply-buffers.ts"
import { post, startServer } from "./__fixtures__/server.ts"

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const text = JSON.stringify({ image: "A".repeat(40_000) })

/** A server whose answers all have the same reply of a provider. */
const start = async () => {
  const { add, bytes } = createCollector(text.length)
  add(Buffer.from(text))
  const reply = bytes()
  const { url, close } = await startServer({
    respond: async () => ({
      status: 200,
      headers: { "content-length": String(text.length) },
      parts: [reply],
    }),
  })
  closers.push(close)
  return { url, reply }
}

describe("the memory of an answer", () => {
  it("is given back once the answer is written", async () => {
    const { url, reply } = await start()
    expect(await (await post(url)).text()).toBe(text)
    await expect.poll(() => reply.length).toBe(0)
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
