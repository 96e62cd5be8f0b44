import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createMemory } from "./memory.ts"

const kib = 1024
const open = (idleBytes = 1024 * kib) =>
  createMemory({ idleBytes, idleMs: 1000, allocate: (bytes) => new ArrayBuffer(bytes) })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("memory", () => {
  it("is used again, and those who had it find it empty", () => {
    const memory = open()
    const first = memory.take(100 * kib)
    const view = new Uint8Array(first, 0, 3).fill(7)
    memory.put(first)
    expect([first.byteLength, view.length]).toEqual([0, 0])
    expect(new Uint8Array(memory.take(90 * kib))[0]).toBe(7)
    expect(new Uint8Array(memory.take(90 * kib))[0]).toBe(0)
  })

  it("is the smallest that fits, and never more than twice what is needed", () => {
    const memory = open(2048 * kib)
    const taken = [1024, 128, 256].map((size) => memory.take(size * kib))
    for (const buffer of taken) memory.put(buffer)
    expect([200, 200, 60, 60].map((size) => memory.take(size * kib).byteLength / kib)).toEqual([
      256, 256, 128, 64,
    ])
  })

  it("that lies unused is bounded", () => {
    const memory = open(192 * kib)
    const taken = [1, 2].map((value) => {
      const buffer = memory.take(128 * kib)
      new Uint8Array(buffer).fill(value)
      return buffer
    })
    for (const buffer of taken) memory.put(buffer)
    expect(
      [memory.take(128 * kib), memory.take(128 * kib)].map((buffer) => new Uint8Array(buffer)[0]),
    ).toEqual([1, 0])
  })

  it("is freed when nothing was given back for a while", () => {
    const memory = open()
    const give = () => {
      const buffer = memory.take(kib)
      new Uint8Array(buffer).fill(1)
      memory.put(buffer)
    }
    give()
    vi.advanceTimersByTime(999)
    give()
    vi.advanceTimersByTime(999)
    expect(new Uint8Array(memory.take(kib))[0]).toBe(1)
    give()
    vi.advanceTimersByTime(1000)
    expect(new Uint8Array(memory.take(kib))[0]).toBe(0)
  })

  it("is nobody's but its taker's", () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ take: fc.integer({ min: 1, max: 512 * kib }) }),
        fc.record({ put: fc.nat(20) }),
      ),
      {
        maxLength: 60,
        size: "max",
      },
    )
    fc.assert(
      fc.property(steps, (orders) => {
        const memory = open()
        const live: { readonly bytes: Uint8Array; readonly mark: number }[] = []
        for (const [mark, order] of orders.entries()) {
          if ("take" in order)
            live.push({
              bytes: new Uint8Array(memory.take(order.take), 0, order.take).fill(mark),
              mark,
            })
          else
            for (const { bytes } of live.splice(order.put, 1))
              memory.put(bytes.buffer as ArrayBuffer)
        }
        for (const { bytes, mark } of live)
          expect([bytes[0] ?? mark, bytes.at(-1) ?? mark]).toEqual([mark, mark])
      }),
      { seed: 20261121, numRuns: 500 },
    )
  })
})
