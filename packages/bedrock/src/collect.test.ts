import { PassThrough, Readable } from "node:stream"
import { describe, expect, it } from "vitest"
import { collect, createCollector } from "./collect.ts"

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
  it.each([undefined, 0, 2, 5, 6])(
    `collects ${name}, announced with %s bytes`,
    async (announced) => {
      expect([...(await collect(body(), announced))]).toEqual([1, 2, 3, 4, 5, 6])
    },
  )

it.each(Object.keys(bodies))("%s that is shorter than announced was cut short", async (name) => {
  await expect(
    collect((bodies[name] as () => AsyncIterable<Uint8Array>)(), 7),
  ).rejects.toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" })
})

describe("what a socket's buffers held", () => {
  const size = 20_000
  const split = (buffer: Uint8Array<ArrayBuffer>) => [buffer.subarray(0, 7), buffer.subarray(7)]
  const given = () => [1, 2, 3].map((value) => new Uint8Array(size).fill(value))
  const sizes = (buffers: readonly Uint8Array[]) => buffers.map(({ buffer }) => buffer.byteLength)
  const collected = [1, 2, 3].flatMap((value) => Array.from({ length: size }, () => value))

  it("is given back once it is copied, but for the last", async () => {
    const buffers = given()
    expect([
      ...(await collect(
        Readable.from(buffers.flatMap(split), { objectMode: false }),
        3 * size,
        true,
      )),
    ]).toEqual(collected)
    expect(sizes(buffers)).toEqual([0, 0, size])
  })

  it.each([
    ["more came than was announced", 2 * size, true, [0, size, size]],
    ["the length announced is not to be believed", 2 ** 40, true, [size, size, size]],
    ["somebody else may read it", 3 * size, false, [size, size, size]],
  ])("stays where %s", (_, announced, spent, left) => {
    const buffers = given()
    const { take, bytes } = createCollector(announced, spent)
    for (const chunk of buffers.flatMap(split)) take(chunk)
    expect([...bytes()]).toEqual(collected)
    expect(sizes(buffers)).toEqual(left)
  })

  it("stays where it is in Node's pool", () => {
    const pooled = Buffer.from("ab")
    const others = given()
    const { take } = createCollector(3 * size + 2, true)
    for (const chunk of [pooled, ...others]) take(chunk)
    expect(pooled.toString()).toBe("ab")
    expect(sizes(others)).toEqual([0, 0, size])
  })
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
  it.each([undefined, 6])(
    `a stream that ${way} was cut short, announced with %s bytes`,
    async (announced) => {
      const body = new PassThrough()
      body.write(Uint8Array.of(1))
      close(body)
      await expect(collect(body, announced)).rejects.toMatchObject({
        code: "ERR_STREAM_PREMATURE_CLOSE",
      })
    },
  )
