import { describe, expect, it } from "vitest"
import { healthy, png, scripted, testClient } from "../__fixtures__/client.ts"
import { grid } from "../__fixtures__/families.ts"
import { createPictor } from "../client.ts"
import type { PartialImage } from "../contract/adapter.ts"
import type { PartialEvent } from "../contract/generate.ts"

const request = { model: "acme.grid-v1:0", prompt: "a", n: 7 }

const partialOf = (event: unknown): PartialImage | undefined => {
  const { type, ...partial } = event as PartialImage & { readonly type: string }
  if (type === "broken") throw new Error("unreadable")
  return type === "partial" ? partial : undefined
}

/** A client whose provider sends these events before each reply. */
const streaming = (events: readonly unknown[]) => {
  const { transport, calls } = scripted((call) => {
    for (const event of events) call.onEvent?.(event)
    return healthy(call)
  })
  const adapters = [{ ...grid(transport), partial: partialOf }]
  return { pictor: createPictor({ adapters }), calls }
}

describe("onPartial", () => {
  it("gets each partial picture with its slot, and none is in the result", async () => {
    const seen: PartialEvent[] = []
    const { pictor } = streaming([
      { type: "partial", index: 0, step: 0, data: png },
      { type: "started" },
      { type: "partial", index: 1, step: 0, data: png },
    ])
    const { images, slots } = await pictor.generate(request, {
      onPartial: (event) => seen.push(event),
    })
    expect(seen).toMatchObject([0, 1, 5, 6].map((slot) => ({ slot, step: 0, data: png })))
    expect([images.length, slots.length]).toEqual([7, 7])
  })

  it("ignores pictures of no slot, values that are no picture, and unreadable events", async () => {
    const seen: PartialEvent[] = []
    const { pictor } = streaming([
      { type: "partial", index: 9, step: 0, data: png },
      { type: "partial", index: -1, step: 0, data: png },
      { type: "partial", index: 0, step: 0, data: "" },
      { type: "broken" },
    ])
    const { images } = await pictor.generate(request, { onPartial: (event) => seen.push(event) })
    expect([seen, images.length]).toEqual([[], 7])
  })

  it("that throws is one warning, and the images arrive", async () => {
    const event = { type: "partial", index: 0, step: 0, data: png }
    const { pictor } = streaming([event, event])
    const { images, warnings } = await pictor.generate(
      { ...request, n: 2 },
      {
        onPartial: () => {
          throw new Error("boom")
        },
      },
    )
    expect(images).toHaveLength(2)
    expect(warnings.filter((text) => text.startsWith("onPartial threw"))).toHaveLength(1)
  })

  it("reaches a request with an idempotency key, and run", async () => {
    const { pictor } = streaming([{ type: "partial", index: 0, step: 0, data: png }])
    const seen: PartialEvent[] = []
    const onPartial = (event: PartialEvent): unknown => seen.push(event)
    await pictor.generate({ ...request, n: 1, idempotencyKey: "k" }, { onPartial })
    await pictor.run(await pictor.plan({ ...request, n: 1 }), { onPartial })
    expect(seen).toHaveLength(2)
  })

  it("is not called after the caller has left", async () => {
    const controller = new AbortController()
    const seen: PartialEvent[] = []
    const { transport } = scripted((call) => {
      controller.abort()
      call.onEvent?.({ type: "partial", index: 0, step: 0, data: png })
      return healthy(call)
    })
    const pictor = createPictor({ adapters: [{ ...grid(transport), partial: partialOf }] })
    await pictor
      .generate(
        { ...request, n: 6 },
        { signal: controller.signal, onPartial: (event) => seen.push(event) },
      )
      .catch(() => {})
    expect(seen).toEqual([])
  })

  it("asks the transport for events only where the caller and the family want them", async () => {
    const { pictor, calls } = testClient()
    await pictor.generate({ ...request, n: 1 }, { onPartial: () => {} })
    const other = streaming([])
    await other.pictor.generate({ ...request, n: 1 })
    await other.pictor.generate({ ...request, n: 1 }, { onPartial: () => {} })
    expect([...calls, ...other.calls].map(({ onEvent }) => typeof onEvent)).toEqual([
      "undefined",
      "undefined",
      "function",
    ])
  })
})
