import { PassThrough, Readable } from "node:stream"
import { expect, it } from "vitest"
import { collect } from "./collect.ts"

const parts = [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5, 6)]

async function* iterated(): AsyncGenerator<Uint8Array> {
  yield* parts
}

const bodies: Readonly<Record<string, () => AsyncIterable<Uint8Array>>> = {
  "a stream of Node": () => Readable.from(parts, { objectMode: false }),
  "a paused stream of Node": () => Readable.from(parts, { objectMode: false }).pause(),
  "a stream of the Web": () => new Blob(parts).stream(),
  "an iterator": iterated,
}

for (const [name, body] of Object.entries(bodies))
  it.each([undefined, 0, 2, 5, 6])(`collects ${name}, announced with %s bytes`, async (announced) => {
    expect([...(await collect(body(), announced))]).toEqual([1, 2, 3, 4, 5, 6])
  })

it.each(Object.keys(bodies))("%s that is shorter than announced was cut short", async (name) => {
  await expect(collect((bodies[name] as () => AsyncIterable<Uint8Array>)(), 7)).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" })
})

it("gives back each of the socket's buffers once it is copied, but for the last", async () => {
  const buffers = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), Uint8Array.of(6)]
  const chunks = buffers.flatMap((buffer) => [buffer.subarray(0, 1), buffer.subarray(1)])
  expect([...(await collect(Readable.from(chunks, { objectMode: false }), 6, true))]).toEqual([1, 2, 3, 4, 5, 6])
  expect(buffers.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0, 1])
})

it("a stream that fails on the way fails with its own error", async () => {
  const body = new PassThrough()
  const collected = collect(body, 6)
  body.write(Uint8Array.of(1))
  body.destroy(new Error("reset"))
  await expect(collected).rejects.toThrow("reset")
})

const ways: Readonly<Record<string, (body: PassThrough) => void>> = {
  "closes on the way": (body) => void setImmediate(() => body.destroy()),
  "was closed before": (body) => void body.destroy(),
}

for (const [way, close] of Object.entries(ways))
  it.each([undefined, 6])(`a stream that ${way} was cut short, announced with %s bytes`, async (announced) => {
    const body = new PassThrough()
    body.write(Uint8Array.of(1))
    close(body)
    await expect(collect(body, announced)).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" })
  })
