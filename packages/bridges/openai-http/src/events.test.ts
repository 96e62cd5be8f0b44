import { ImageError, memoryLedger } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { allEventsOf, errorOf, eventsIn, eventsOf } from "./__fixtures__/reading.ts"
import {
  base64,
  file,
  form,
  healthy,
  picture,
  reply,
  shown,
  studio,
} from "./__fixtures__/studio.ts"

const model = "acme.brush-v1:0"
const order = { model, prompt: "A lighthouse" }
const four = { ...order, n: 4, stream: true }

describe("a stream", () => {
  it("has one completed event per image, the last with the report", async () => {
    const response = await studio().generate({ ...order, n: 2, stream: true, quality: "high" })
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8")
    expect(response.headers.get("x-pictor-cost-usd")).toBe("0.16")
    const events = await eventsOf(response)
    expect(events.map(({ event, type, b64_json }) => [event, type, shown(b64_json)])).toEqual([
      ["image_generation.completed", "image_generation.completed", "picture 0"],
      ["image_generation.completed", "image_generation.completed", "picture 1"],
    ])
    expect(events.map(({ pictor }) => pictor?.seeds)).toEqual([undefined, [500, 500]])
    expect(events[0]).toMatchObject({
      size: "256x256",
      quality: "high",
      output_format: "png",
      background: "auto",
      created_at: 1_795_176_000,
    })
  })

  it("says what it can of a picture in no known format", async () => {
    const unknown = base64(new TextEncoder().encode("a format of the future"))
    const made = studio({ provider: () => reply({ images: [unknown] }) })
    const [event] = await eventsOf(await made.generate({ ...order, stream: true }))
    expect(event).toMatchObject({
      b64_json: unknown,
      size: "auto",
      quality: "auto",
      output_format: "png",
      background: "auto",
    })
  })

  it("names the events of an edit", async () => {
    const body = form({ ...order, image: file(), stream: "true" })
    const events = await eventsOf(await studio().send("/v1/images/edits", { method: "POST", body }))
    expect(events.map(({ type }) => type)).toEqual(["image_edit.completed"])
  })
})

/** A provider whose calls wait until the test opens them. */
const gated = (answer: (call: TransportCall, index: number) => Reply = healthy) => {
  const gates: (() => void)[] = []
  const provider = async (call: TransportCall, index: number) => {
    await new Promise<void>((resolve, reject) => {
      gates[index] = resolve
      call.signal?.addEventListener("abort", () =>
        reject(new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: true })),
      )
    })
    return answer(call, index)
  }
  const open = async (index: number) => {
    while (!gates[index]) await new Promise((resolve) => setImmediate(resolve))
    gates[index]()
  }
  return { provider, open }
}

/** The next event of a stream. */
const next = async (events: ReturnType<typeof eventsIn>) => {
  const { value, done } = await events.next()
  if (done) return undefined
  return "b64_json" in value ? { image: shown(value.b64_json), report: value.pictor } : value
}

const blocked = reply({ images: [], error: "blocked" })

describe("a stream of several calls", () => {
  it("sends the images of one call while another is running, and the report with the last image", async () => {
    const { provider, open } = gated()
    const asking = studio({ provider }).generate({ ...four, seed: 5, quality: "high" })
    await open(1)
    const response = await asking
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "x-pictor-model": model,
      "x-litellm-model-group": model,
      "x-pictor-changes": "quality=mapped, n=split",
      "x-request-id": expect.stringMatching(/^req_/),
    })
    expect(
      ["content-length", "x-pictor-cost-usd", "x-litellm-response-cost"].filter((name) =>
        response.headers.has(name),
      ),
    ).toEqual([])
    const events = eventsIn(response)
    expect(await next(events)).toEqual({ image: "picture 0", report: undefined })
    expect(await next(events)).toEqual({ image: "picture 1", report: undefined })
    await open(0)
    expect(await next(events)).toEqual({ image: "picture 0", report: undefined })
    const last = await next(events)
    expect(last).toMatchObject({
      image: "picture 1",
      report: { seeds: [7, 7, 5, 5], slots: [], cost: { usd: "0.32" } },
    })
    expect(await next(events)).toBeUndefined()
  })

  it("ends with a report event when the last call returns no image", async () => {
    const { provider, open } = gated((call, index) => (index === 1 ? blocked : healthy(call)))
    const asking = studio({ provider }).generate(four)
    await open(0)
    const events = eventsIn(await asking)
    expect([await next(events), await next(events)]).toMatchObject([
      { image: "picture 0" },
      { image: "picture 1" },
    ])
    await open(1)
    expect(await next(events)).toMatchObject({
      type: "pictor.report",
      event: "pictor.report",
      pictor: {
        cost: { usd: "0.08" },
        slots: [
          { index: 2, status: "filtered" },
          { index: 3, status: "filtered" },
        ],
      },
    })
    expect(await next(events)).toBeUndefined()
  })

  it("keeps the HTTP status of a request that fails before its first image", async () => {
    expect(await errorOf(await studio({ provider: () => blocked }).generate(four))).toMatchObject({
      status: 400,
      code: "moderation_blocked",
    })
  })

  it("has cost headers when all images arrive with the last call", async () => {
    const made = studio({
      provider: (call, index) => (index === 0 ? blocked : healthy(call)),
      client: { parallelCalls: 1 },
    })
    const response = await made.generate(four)
    expect(response.headers.get("x-pictor-cost-usd")).toBe("0.08")
    expect((await eventsOf(response)).map(({ pictor }) => pictor?.slots.length)).toEqual([
      undefined,
      2,
    ])
  })

  it("ends with the images and changes so far when the time limit passes", async () => {
    const { provider, open } = gated()
    const asking = studio({ provider, context: { timeoutMs: 60 } }).generate({
      ...four,
      quality: "high",
    })
    await open(0)
    const events = await allEventsOf(await asking)
    expect(events.map(({ type }) => type)).toEqual([
      "image_generation.completed",
      "image_generation.completed",
      "pictor.report",
    ])
    expect(events[2]).toMatchObject({
      pictor: {
        warnings: ["The time limit passed before all images were ready."],
        cost: { maybe_micro_usd: 160_000 },
        changes: [{ field: "quality" }, { field: "n" }],
      },
    })
  })

  it("ends with an error event when the request is aborted", async () => {
    const leaving = new AbortController()
    const { provider, open } = gated()
    const asking = studio({ provider, context: { signal: leaving.signal } }).generate(four)
    await open(0)
    const events = eventsIn(await asking)
    await next(events)
    await next(events)
    leaving.abort()
    expect(await next(events)).toMatchObject({
      type: "error",
      event: "error",
      error: {
        code: "request_aborted",
        type: "invalid_request_error",
        pictor: { maybe_billed: true, cost: { micro_usd: 80_000 } },
      },
    })
    expect(await next(events)).toBeUndefined()
  })

  it("hides an unexpected error from the client", async () => {
    const { provider, open } = gated()
    const broken = {
      name: "broken",
      plan: async <Out>(plan: never, go: (plan: never) => Promise<Out>) => {
        await go(plan)
        throw new Error("canary")
      },
    }
    const asking = studio({ provider, client: { middleware: [broken] } }).generate(four)
    await open(0)
    const events = eventsIn(await asking)
    await next(events)
    await next(events)
    await open(1)
    expect(await next(events)).toMatchObject({ image: "picture 0" })
    expect(await next(events)).toMatchObject({
      type: "error",
      error: { code: "internal_error", message: "The server failed to process this request." },
    })
  })

  it("is aborted and settled when its reader stops", async () => {
    const ledger = memoryLedger()
    const { provider, open } = gated()
    const made = studio({ provider, client: { ledger } })
    const asking = made.openai.respond(
      new Request("http://bridge.test/v1/images/generations", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(four),
      }),
    )
    await open(0)
    const answer = await asking
    expect([answer.result, answer.error]).toEqual([undefined, undefined])
    const pieces = (answer.parts as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    for (let piece = 0; piece < 6; piece++) await pieces.next()
    const waiting = pieces.next()
    await pieces.return?.()
    expect(await waiting).toEqual({ value: undefined, done: true })
    expect(await answer.ended).toMatchObject({
      error: { code: "aborted", cost: { microUsd: 80_000, maybeMicroUsd: 80_000 } },
    })
    expect(await ledger.spend({ by: ["state"] })).toMatchObject([
      { group: { state: "held" }, maybeMicroUsd: 80_000 },
      { group: { state: "settled" }, microUsd: 80_000 },
    ])
  })

  it("is aborted when the response is cancelled between images", async () => {
    const { provider, open } = gated()
    const made = studio({ provider })
    const asking = made.generate(four)
    await open(0)
    const reader = (await asking).body?.getReader()
    for (let piece = 0; piece < 6; piece++) await reader?.read()
    const waiting = reader?.read()
    await reader?.cancel()
    await waiting
    await expect.poll(() => made.calls[1]?.signal?.aborted).toBe(true)
  })

  it("has all images when it joins a request with the same idempotency key", async () => {
    const { provider, open } = gated()
    const made = studio({ provider })
    const [first, second] = [
      made.generate(four, { "idempotency-key": "k" }),
      made.generate(four, { "idempotency-key": "k" }),
    ]
    await open(0)
    await open(1)
    const [one, two] = await Promise.all([allEventsOf(await first), eventsOf(await second)])
    expect([one.length, two.length, made.calls.length]).toEqual([4, 4, 2])
    expect([one[3], two[3]]).toMatchObject([
      { pictor: { cost: { usd: "0.16" } } },
      { pictor: { cost: { usd: "0.16" } } },
    ])
  })

  it("reports unreadable images with the last image", async () => {
    const odd = reply({ images: ["?", base64(picture("good"))] })
    const { provider, open } = gated((call, index) => (index === 0 ? odd : healthy(call)))
    const asking = studio({ provider }).generate(four)
    await open(0)
    const events = eventsIn(await asking)
    expect(await next(events)).toMatchObject({ image: "good" })
    await open(1)
    await next(events)
    expect(await next(events)).toMatchObject({
      report: { warnings: expect.arrayContaining(["1 image is unreadable."]) },
    })
  })
})
