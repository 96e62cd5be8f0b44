import { describe, expect, it } from "vitest"
import { errorOf, healthy, images, noon, testClient } from "../__fixtures__/client.ts"
import { ImageError } from "../contract/errors.ts"
import { noCost } from "../planning/price.ts"
import { type LogEvent, logger } from "./logger.ts"

const model = "acme.grid-v1:0"
const logged = (
  answer: Parameters<typeof testClient>[0],
  options: Parameters<typeof testClient>[1] = {},
) => {
  const events: LogEvent[] = []
  let now = noon
  const tick = () => (now += 10)
  return {
    events,
    ...testClient(answer, {
      middleware: [logger((event) => events.push(event), tick)],
      parallelCalls: 1,
      ...options,
    }),
  }
}

describe("logger", () => {
  it("writes every attempt, then the request", async () => {
    const { pictor, events } = logged((call, index) => {
      if (index === 0)
        throw new ImageError({
          code: "rate_limited",
          message: "Busy.",
          status: 429,
          requestId: "one",
        })
      return { ...healthy(call), requestId: "two" }
    })
    const result = await pictor.generate({ model, prompt: "a", quality: "hd" })
    const call = { event: "call", model, modelId: model, images: 1, durationMs: 10 }
    expect(events).toEqual([
      { ...call, attempt: 1, error: "rate_limited", status: 429, requestId: "one", outcomes: [] },
      {
        ...call,
        attempt: 2,
        status: 200,
        requestId: "two",
        outcomes: ["delivered"],
        bytes: expect.any(Number),
      },
      {
        event: "request",
        model,
        task: "text-to-image",
        images: 1,
        delivered: 1,
        changes: ["quality mapped"],
        estimate: { ...noCost, microUsd: 60_000 },
        cost: result.cost,
        durationMs: 50,
      },
    ])
  })

  it("writes the outcome of a failed request", async () => {
    const controller = new AbortController()
    const { pictor, events } = logged((call, index) => {
      if (index === 1) {
        controller.abort()
        throw new ImageError({ code: "aborted", message: "Aborted." })
      }
      return healthy(call)
    })
    await errorOf(pictor.generate({ model, prompt: "a", n: 12 }, { signal: controller.signal }))
    expect(events.at(-1)).toMatchObject({
      event: "request",
      delivered: 5,
      error: "aborted",
      cost: { ...noCost, microUsd: 200_000 },
    })
  })

  it("writes a veto and an unexpected error, and passes them on", async () => {
    const veto = new Error("not today")
    const events: LogEvent[] = []
    const watching = logger((event) => events.push(event))
    const { pictor } = testClient(healthy, {
      middleware: [watching, { name: "veto", plan: () => Promise.reject(veto) }],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toBe(veto)
    expect(events).toMatchObject([{ event: "request", error: "unexpected", delivered: 0 }])
    const { pictor: broken } = testClient(
      () => {
        throw veto
      },
      { middleware: [watching] },
    )
    await errorOf(broken.generate({ model, prompt: "a" }))
    expect(events[1]).toMatchObject({ event: "call", error: "unexpected" })
  })

  it("loses no image if it cannot write", async () => {
    const full = () => {
      throw new Error("disk full")
    }
    const { pictor, calls } = testClient(healthy, { middleware: [logger(full)] })
    expect((await pictor.generate({ model, prompt: "a" })).images).toHaveLength(1)
    expect(calls).toHaveLength(1)
    const { pictor: failing } = testClient(() => images(0), { middleware: [logger(full)] })
    expect(await errorOf(failing.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_response",
    })
  })

  it("writes no text, image or option of the request", async () => {
    const { pictor, events } = logged((call, index) =>
      index === 0 ? images(0, { error: "canary" }) : healthy(call),
    )
    const words = {
      prompt: "canary",
      negativePrompt: "canary",
      style: "canary",
      options: { config: { note: "canary", tuning: { a: "canary" } } },
    }
    await errorOf(pictor.generate({ model, ...words }))
    await pictor.generate({ model, ...words })
    expect(events).toHaveLength(4)
    expect(JSON.stringify(events)).not.toContain("canary")
    expect(JSON.stringify(events)).not.toContain("iVBOR")
  })
})
