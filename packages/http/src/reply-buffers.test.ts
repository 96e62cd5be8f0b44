import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createCollector, createMemory, giveBack } from "./reply-buffers.ts"

describe("createCollector", () => {
  const size = 20_000
  const split = (buffer: Uint8Array<ArrayBuffer>) => [buffer.subarray(0, 7), buffer.subarray(7)]
  const buffersOf = () => [1, 2, 3].map((value) => new Uint8Array(size).fill(value))
  const sizes = (buffers: readonly Uint8Array[]) => buffers.map(({ buffer }) => buffer.byteLength)
  const joined = [1, 2, 3].flatMap((value) => Array.from({ length: size }, () => value))

  it.each([
    ["frees each buffer once it is copied, except the last", 3 * size, [0, 0, size]],
    ["keeps buffers beyond the announced length", 2 * size, [0, size, size]],
    ["does not trust an absurd length", 2 ** 40, [size, size, size]],
    ["joins a reply of unknown length", undefined, [size, size, size]],
  ])("%s", (_, announced, left) => {
    const buffers = buffersOf()
    const { add, bytes } = createCollector(announced)
    for (const chunk of buffers.flatMap(split)) add(chunk)
    expect([...bytes()]).toEqual(joined)
    expect(sizes(buffers)).toEqual(left)
  })

  it("leaves buffers of Node's pool alone", () => {
    const pooled = Buffer.from("ab")
    const others = buffersOf()
    const { add } = createCollector(3 * size + 2)
    for (const chunk of [pooled, ...others]) add(chunk)
    expect(pooled.toString()).toBe("ab")
    expect(sizes(others)).toEqual([0, 0, size])
  })
})

describe("giveBack", () => {
  const replyOf = (...chunks: readonly string[]): Uint8Array => {
    const { add, bytes } = createCollector(chunks.join("").length)
    for (const chunk of chunks) add(Buffer.from(chunk))
    return bytes()
  }

  const large = (letter: string): string => letter.repeat(20_000)

  it("recycles a reply by one of its parts, and leaves other bytes alone", () => {
    const reply = replyOf('{"images":["', large("A"), '"]}')
    const head = Buffer.from("{")
    const other = new Uint8Array(8)
    giveBack([head, reply.subarray(12, 16), other])
    expect(reply.length).toBe(0)
    expect(head.toString()).toBe("{")
    expect(other.length).toBe(8)
  })

  it("recycles a reply of several images once", () => {
    const reply = replyOf(large("A"), large("B"))
    const parts = [reply.subarray(0, 4), reply.subarray(4)]
    giveBack(parts)
    giveBack(parts)
    expect(parts.map(({ length }) => length)).toEqual([0, 0])
  })

  it("shows the next reply nothing of the previous one", () => {
    giveBack([replyOf(large("A"))])
    const text = `${large("B")}.`
    expect(Buffer.from(replyOf(text)).toString()).toBe(text)
  })

  it("leaves a reply alone that is too short for a picture", () => {
    const reply = replyOf("{}")
    giveBack([reply])
    expect(Buffer.from(reply).toString()).toBe("{}")
  })
})

const kib = 1024
const open = (idleBytes = 1024 * kib) =>
  createMemory({ idleBytes, idleMs: 1000, allocate: (bytes) => new ArrayBuffer(bytes) })

describe("createMemory", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it("reuses memory, and detaches it from earlier views", () => {
    const memory = open()
    const first = memory.take(100 * kib)
    const view = new Uint8Array(first, 0, 3).fill(7)
    memory.put(first)
    expect([first.byteLength, view.length]).toEqual([0, 0])
    expect(new Uint8Array(memory.take(90 * kib))[0]).toBe(7)
    expect(new Uint8Array(memory.take(90 * kib))[0]).toBe(0)
  })

  it("takes the smallest buffer that fits, at most twice the size", () => {
    const memory = open(2048 * kib)
    const taken = [1024, 128, 256].map((size) => memory.take(size * kib))
    for (const buffer of taken) memory.put(buffer)
    expect([200, 200, 60, 60].map((size) => memory.take(size * kib).byteLength / kib)).toEqual([
      256, 256, 128, 64,
    ])
  })

  it("bounds unused memory", () => {
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

  it("frees unused memory after an idle time", () => {
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

  it("never lends the same memory twice", () => {
    const sequences = fc.array(
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
      fc.property(sequences, (steps) => {
        const memory = open()
        const live: { readonly bytes: Uint8Array; readonly mark: number }[] = []
        for (const [mark, step] of steps.entries()) {
          if ("take" in step)
            live.push({
              bytes: new Uint8Array(memory.take(step.take), 0, step.take).fill(mark),
              mark,
            })
          else
            for (const { bytes } of live.splice(step.put, 1))
              memory.put(bytes.buffer as ArrayBuffer)
        }
        for (const { bytes, mark } of live)
          expect([bytes[0] ?? mark, bytes.at(-1) ?? mark]).toEqual([mark, mark])
      }),
      { seed: 20261121, numRuns: 500 },
    )
  })
})
