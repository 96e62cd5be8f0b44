import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import { call, family, type Respond, textOf } from "./__fixtures__/server.ts"
import { createEventStream } from "./events.ts"

const read = (chunks: readonly Uint8Array[]) => {
  const events: unknown[] = []
  const stream = createEventStream((event) => events.push(event))
  for (const chunk of chunks) stream.add(chunk)
  return { last: textOf(stream.bytes()), name: stream.lastName(), events }
}

const bytes = (text: string) => [Buffer.from(text)]

describe("createEventStream", () => {
  it.each([
    ["one event", 'data: {"a":1}\n\n', '{"a":1}', undefined, [{ a: 1 }]],
    ["no space after the colon", 'data:{"a":1}\n\n', '{"a":1}', undefined, [{ a: 1 }]],
    ["names", 'event: done\ndata: {"a":1}\n\n', '{"a":1}', "done", [{ a: 1 }]],
    ["a last event without an end", "data: 1\n\ndata: 2", "2", undefined, [1, 2]],
    ["several lines of data", "data: [1,\ndata: 2]\n\n", "[1,\n2]", undefined, [[1, 2]]],
    ["comments and other fields", ": ping\nid: 7\nretry: 9\ndata: 1\n\n", "1", undefined, [1]],
    ["[DONE]", "data: 1\n\ndata: [DONE]\n\n", "1", undefined, [1]],
    ["blank lines", "\n\n\ndata: 1\n\n\n\n", "1", undefined, [1]],
    ["an event that is no JSON", "data: 1\n\ndata: hello\n\n", "hello", undefined, [1]],
    ["nothing", "", "", undefined, []],
  ])("reads %s", (_, text, last, name, events) => {
    for (const ending of ["\n", "\r\n", "\r"])
      expect(read(bytes(text.replaceAll("\n", ending)))).toEqual({ last, name, events })
  })

  it("reads a stream wherever it is cut", () => {
    const text = 'event: a\r\ndata: {"b":"é"}\r\n\r\ndata: [1]\r\rdata: 2\r\ndata: 3\n\n'
    const whole = read(bytes(text))
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const all = Buffer.from(text)
        const places = [0, ...cuts.toSorted((left, right) => left - right), all.length]
        const chunks = places.slice(1).map((end, index) => all.subarray(places[index], end))
        expect(read(chunks)).toEqual(whole)
      }),
      { seed: 20261130, numRuns: 500 },
    )
  })

  it("bounds the number of events", () => {
    expect(() => read(bytes("data: 1\n\n".repeat(10_001)))).toThrow(/too many events/)
  })

  it.each(["data:\n", ":\n", "\n"])("bounds the number of lines %j", (line) => {
    expect(() => read(bytes(line.repeat(100_001)))).toThrow(/too many lines: more than 100,000/)
  })

  it("does not report an event of more than 100,000 values", () => {
    const { events } = read(bytes(`data: [${"[],".repeat(60_000)}1]\n\ndata: 2\n\n`))
    expect(events).toEqual([2])
  })
})

const stream =
  (...events: readonly string[]): Respond =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" })
    for (const event of events) response.write(event)
    response.end()
  }

describe("a streamed reply", () => {
  it("is its last event; each event is reported, and a failing listener costs nothing", async () => {
    const server = await serve(stream("data: [1]\n\n", "data: [2]\n\n", "data: [DONE]\n\n"))
    const seen: unknown[] = []
    const reply = await connect(server.url).invoke({
      ...call,
      onEvent: (event) => {
        seen.push(event)
        throw new Error("listener")
      },
    })
    expect([textOf(reply.body), seen]).toEqual(["[2]", [[1], [2]]])
  })

  it("that is cut may have been billed", async () => {
    const server = await serve((response, _, cut) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: [1]\n\n")
      setImmediate(cut)
    })
    await expect(connect(server.url).invoke(call)).rejects.toMatchObject({
      code: "unavailable",
      maybeBilled: true,
      retryable: false,
    })
  })

  it("that ends with an error is the family's failure, or else maybe billed", async () => {
    const server = await serve(
      stream("data: [1]\n\n", 'event: error\ndata: {"code":"blocked"}\n\n'),
    )
    await expect(connect(server.url).invoke(call)).rejects.toMatchObject({
      code: "provider_failed",
      maybeBilled: true,
      retryable: false,
    })
    const failure = (_: number, body: unknown) =>
      ({
        code: "content_filtered",
        message: `It was ${(body as { code: string }).code}.`,
        stage: "output",
      }) as const
    await expect(
      connect(server.url).invoke({ ...call, http: { ...family, failure } }),
    ).rejects.toMatchObject({ code: "content_filtered", stage: "output", maybeBilled: false })
  })

  it("is bounded", async () => {
    const server = await serve(stream("data: 1\n\n".repeat(100)))
    await expect(connect(server.url, { maxReplyBytes: 500 }).invoke(call)).rejects.toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
    })
  })
})
