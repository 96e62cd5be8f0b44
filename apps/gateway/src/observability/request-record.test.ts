import type { CallAttempt } from "@pictor/core/host"
import { describe, expect, it } from "vitest"
import { anyone } from "../http/__fixtures__/server.ts"
import { calls } from "../request-context.ts"
import type { GatewayCall } from "../types.ts"
import { providerCalls } from "./provider-calls.ts"
import { createRequestId, overheadMs } from "./request-record.ts"

/** A request whose provider calls are begun and ended by the clock. */
const request = () => {
  let nowMs = 1000
  const call: GatewayCall = { id: "r", caller: anyone, startedMs: nowMs, retries: 0, fallbacks: 0 }
  const { call: watch } = providerCalls(() => nowMs)
  const begin = (attempt: number): ((status: "ended" | "failed") => Promise<void>) => {
    const { promise, resolve, reject } = Promise.withResolvers<never>()
    const made = calls.run(call, () =>
      Promise.resolve(watch?.({ attempt } as CallAttempt, () => promise)).catch(() => undefined),
    )
    return async (status) => {
      if (status === "ended") resolve(undefined as never)
      else reject(new Error("failed"))
      await made
    }
  }
  return {
    begin,
    pass: (milliseconds: number): void => {
      nowMs += milliseconds
    },
    overhead: (): number =>
      overheadMs(
        {
          id: "r",
          method: "POST",
          route: "images/generations",
          startedMs: 1000,
          isRepeatable: false,
          bytesIn: 0,
          bytesOut: 0,
          call,
        },
        nowMs - 1000,
      ),
  }
}

describe("the gateway's own part of a request's time", () => {
  it("leaves out the wait before a call is repeated", async () => {
    const { begin, pass, overhead } = request()
    pass(3)
    const first = begin(1)
    pass(100)
    await first("failed")
    pass(2000)
    const second = begin(2)
    pass(50)
    await second("ended")
    pass(4)
    expect(overhead()).toBe(7)
  })

  it("has the time between two calls of which the second repeats none", async () => {
    const { begin, pass, overhead } = request()
    const first = begin(1)
    pass(100)
    await first("ended")
    pass(20)
    const second = begin(1)
    pass(100)
    await second("ended")
    expect(overhead()).toBe(20)
  })

  it("counts a wait beside another call once", async () => {
    const { begin, pass, overhead } = request()
    const [first, beside] = [begin(1), begin(1)]
    pass(10)
    await first("failed")
    pass(500)
    const again = begin(2)
    pass(10)
    await beside("ended")
    await again("ended")
    expect(overhead()).toBe(0)
  })
})

describe("createRequestId", () => {
  it("returns UUIDs of version 7 that sort by their millisecond", () => {
    const ids = [0, 1, 1_763_640_000_000.9, 1_763_640_000_001, 2 ** 48 - 1].map(createRequestId)
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(ids.toSorted()).toEqual(ids)
    expect(createRequestId(1)).not.toBe(ids[1])
  })
})
