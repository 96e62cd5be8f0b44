import { describe, expect, it } from "vitest"
import {
  deferred,
  errorOf,
  healthy,
  images,
  png,
  reply,
  testClient,
} from "../__fixtures__/client.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { ImageError } from "../contract/errors.ts"
import type { ImagesEvent } from "../contract/generate.ts"
import { times } from "../lib/object.ts"

const request = { model: "acme.grid-v1:0", prompt: "a", n: 12, seed: 3 }

/** Records its events. */
const recorder = () => {
  const events: ImagesEvent[] = []
  return { events, onImages: (arrival: ImagesEvent): void => void events.push(arrival) }
}

describe("onImages", () => {
  it("gets the images of a call while other calls run", async () => {
    const second = deferred<void>()
    const last = deferred<void>()
    const { events } = recorder()
    const { pictor } = testClient(async (call, index) => {
      if (index === 1) await second.promise
      if (index === 2) await last.promise
      return healthy(call)
    })
    const onImages = (arrival: ImagesEvent): void => {
      events.push(arrival)
      if (arrival.callsLeft === 2) last.resolve()
      if (arrival.callsLeft === 1) second.resolve()
    }
    const result = await pictor.generate(request, { onImages })
    expect(
      events.map(({ images: some, callsLeft }) => [some.map(({ seed }) => seed), callsLeft]),
    ).toEqual([
      [[3, 3, 3, 3, 3], 2],
      [[13, 13], 1],
      [[8, 8, 8, 8, 8], 0],
    ])
    const [first, third, middle] = events.map(({ images: some }) => some)
    expect(
      [...(first ?? []), ...(middle ?? []), ...(third ?? [])].every(
        (image, index) => image === result.images[index],
      ),
    ).toBe(true)
    expect(events[0]?.plan.changes).toBe(result.changes)
  })

  it("gets images after their row is settled", async () => {
    const { ledger, entries } = ledgerSpy()
    const { pictor } = testClient(healthy, { ledger, parallelCalls: 1 })
    await pictor.generate(request, {
      onImages: ({ callsLeft }) => void entries.push(`images, ${callsLeft} left`),
    })
    expect(entries.filter((entry) => /images|settle/.test(entry))).toEqual([
      "settle row-1",
      "images, 2 left",
      "settle row-2",
      "images, 1 left",
      "settle row-3",
      "images, 0 left",
    ])
  })

  it("reports each call with its slots, whether delivered, filtered or failed", async () => {
    const { events, onImages } = recorder()
    const answers = [reply({ images: [], error: "blocked" }), images(5), images(1)]
    const { pictor } = testClient((_, index) => answers[index] ?? images(0), { parallelCalls: 1 })
    const { slots } = await pictor.generate(request, { onImages })
    expect(
      events.map(({ call, slots: some, callsLeft }) => [
        call,
        callsLeft,
        some.map(({ status }) => status),
      ]),
    ).toEqual([
      [0, 2, times(5, () => "filtered")],
      [1, 1, times(5, () => "delivered")],
      [2, 0, ["delivered", "failed"]],
    ])
    expect(events.map(({ images: some }) => some.length)).toEqual([0, 5, 1])
    expect(events.flatMap((event) => event.slots)).toEqual(slots)
  })

  it("reports the calls that are not made after a failure of all", async () => {
    const { events, onImages } = recorder()
    const { pictor } = testClient(
      () => Promise.reject(new ImageError({ code: "forbidden", message: "No access." })),
      { parallelCalls: 1 },
    )
    expect(await errorOf(pictor.generate(request, { onImages }))).toMatchObject({
      code: "forbidden",
    })
    expect(events.map(({ slots, callsLeft }) => [slots[0]?.status, callsLeft])).toEqual([
      ["failed", 2],
      ["not-attempted", 1],
      ["not-attempted", 0],
    ])
  })

  it("gets images before the deadline passes", async () => {
    const { events, onImages } = recorder()
    const { pictor } = testClient(
      (call, index) => {
        if (index === 0) return healthy(call)
        return new Promise((_, reject) => {
          call.signal?.addEventListener("abort", () =>
            reject(new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: true })),
          )
        })
      },
      { parallelCalls: 1, retry: false },
    )
    expect(await errorOf(pictor.generate(request, { onImages, timeoutMs: 20 }))).toMatchObject({
      code: "timeout",
    })
    expect(events.map(({ images: some }) => some[0]?.base64())).toEqual([png, undefined, undefined])
    expect(events.map(({ slots }) => slots[0]?.status)).toEqual([
      "delivered",
      "failed",
      "not-attempted",
    ])
  })

  it("loses no image if it throws", async () => {
    const { pictor } = testClient()
    const onImages = (): void => {
      throw new Error("canary")
    }
    const result = await pictor.generate(request, { onImages })
    expect(result.images).toHaveLength(12)
    expect(result.warnings).toContain("onImages threw an error. The images are in the result.")
    expect(JSON.stringify(result.warnings)).not.toContain("canary")
  })
})
