import type { ImageOps } from "@pictor/core"
import { sharpImages } from "@pictor/images"
import { afterEach, describe, expect, it, vi } from "vitest"
import { calls } from "../request-context.ts"
import type { GatewayCall } from "../types.ts"
import { anyone } from "./__fixtures__/server.ts"
import { createAdmission } from "./admission.ts"
import { countPixels } from "./picture-memory.ts"

/** The head of a PNG. */
const pngOf = (width: number, height: number): Uint8Array => {
  const bytes = Buffer.alloc(33)
  bytes.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1")
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return new Uint8Array(bytes)
}

const callOf = (admission: ReturnType<typeof createAdmission>, owner = "ann"): GatewayCall => {
  const ticket = admission.enter(owner)
  if (!ticket) throw new Error("The admission is full.")
  return {
    id: owner,
    caller: anyone,
    startedMs: 0,
    retries: 0,
    fallbacks: 0,
    holdBytes: ticket.hold,
  }
}

/** An operation that ends when it is let go, and the number of those at work. */
const slowOps = () => {
  const ends: (() => void)[] = []
  let most = 0
  const hasHole: ImageOps["hasHole"] = () =>
    new Promise((resolve) => {
      ends.push(() => resolve(true))
      most = Math.max(most, ends.length)
    })
  return { ops: countPixels({ ...sharpImages(), hasHole }), ends, most: () => most }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

afterEach(() => {
  vi.useRealTimers()
})

describe("a picture at work", () => {
  it("counts 4 bytes a pixel, by its header, until it is done", async () => {
    const admission = createAdmission({ maxRequests: 9, maxBytes: 1e9 })
    const { ops, ends } = slowOps()
    const work = calls.run(callOf(admission), () => ops.hasHole?.(pngOf(10_000, 5_000)))
    await settle()
    expect(admission.bytes()).toBe(200_000_000)
    ends.pop()?.()
    expect(await work).toBe(true)
    expect(admission.bytes()).toBe(0)
  })

  it("is given up at once when its request is aborted, and not after the wait for memory", async () => {
    const hold = vi.fn(() => undefined)
    const call = { ...callOf(createAdmission({ maxRequests: 9, maxBytes: 9 })), holdBytes: hold }
    const { ops } = slowOps()
    const work = calls.run({ ...call, signal: AbortSignal.abort() }, () =>
      ops.hasHole?.(pngOf(10, 10)),
    )
    await expect(work).rejects.toMatchObject({ code: "rate_limited" })
    expect(hold).toHaveBeenCalledOnce()
  })

  it("is one of two in the process", async () => {
    const { ops, ends, most } = slowOps()
    const work = Promise.all(Array.from({ length: 5 }, async () => ops.hasHole?.(pngOf(10, 10))))
    await settle()
    expect(ends).toHaveLength(2)
    for (let left = 5; left > 0; left -= 1) {
      ends.shift()?.()
      await settle()
    }
    expect(await work).toHaveLength(5)
    expect(most()).toBe(2)
  })

  it("waits for its memory, and is refused with rate_limited after 5 s", async () => {
    vi.useFakeTimers()
    const admission = createAdmission({ maxRequests: 9, maxBytes: 1e9, maxBytesPerKey: 4e8 })
    const { ops, ends } = slowOps()
    const ask = (owner: string) =>
      calls.run(callOf(admission, owner), () => ops.hasHole?.(pngOf(7_000, 7_000)))
    const first = ask("ann")
    const second = ask("ann")
    const refused = expect(ask("ann")).rejects.toMatchObject({
      code: "rate_limited",
      message:
        "The gateway has no memory for the pixels of this picture now. Retry in 1 s, or send a smaller picture.",
    })
    const bob = ask("bob")
    await vi.advanceTimersByTimeAsync(100)
    expect([ends.length, admission.bytes()]).toEqual([2, 588_000_000])
    ends.shift()?.()
    await first
    await vi.advanceTimersByTimeAsync(100)
    expect(ends).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
    for (const end of ends) end()
    await Promise.all([second, bob])
    expect(admission.bytes()).toBe(0)
  })

  it("does not wait when the client has gone", async () => {
    const admission = createAdmission({ maxRequests: 9, maxBytes: 10 })
    const { ops } = slowOps()
    const call = { ...callOf(admission), signal: AbortSignal.abort() }
    const work = calls.run(call, () => ops.hasHole?.(pngOf(10, 10)))
    await expect(work).rejects.toMatchObject({ code: "rate_limited" })
  })

  it("of more than 50,000,000 pixels is refused by its header", async () => {
    const { ops, ends } = slowOps()
    await expect(ops.hasHole?.(pngOf(10_000, 10_000))).rejects.toMatchObject({
      code: "invalid_request",
      message: "The picture has 10000x10000 pixels, more than 50,000,000. Send a smaller picture.",
    })
    expect(ends).toEqual([])
  })

  it("returns its memory if it is damaged", async () => {
    const admission = createAdmission({ maxRequests: 9, maxBytes: 1e9 })
    const ops = countPixels(sharpImages())
    const work = calls.run(callOf(admission), () => ops.inspect(pngOf(10, 10)))
    await expect(work).rejects.toMatchObject({ code: "invalid_request" })
    expect(admission.bytes()).toBe(0)
  })
})
