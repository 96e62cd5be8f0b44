import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import {
  deferred,
  errorOf,
  healthy,
  settled,
  stillRuntime,
  testClient,
} from "../__fixtures__/client.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import type { Slot } from "../contract/errors.ts"
import { ImageError } from "../contract/errors.ts"
import type { Reply, TransportCall } from "../contract/transport.ts"
import { longestTimerMs, systemRuntime } from "../lib/system-runtime.ts"
import { concurrency } from "../middleware/concurrency.ts"
import { noCost } from "../planning/price.ts"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const model = "acme.grid-v1:0"
const statuses = (error: unknown): string =>
  ((error as ImageError).slots ?? [])
    .map(
      (slot: Slot) =>
        ({ delivered: "D", filtered: "F", failed: "X", "not-attempted": "-" })[slot.status],
    )
    .join("")
const reason = new Error("the caller left")

/** A transport that supports the signal and reports whether it had sent anything. */
const honest =
  (isSent: boolean) =>
  ({ signal }: TransportCall): Promise<Reply> =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () =>
        reject(new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: isSent })),
      )
    })
const deaf = (): Promise<Reply> => new Promise(() => {})

describe("an abort", () => {
  it("before the request sends and reserves nothing", async () => {
    const { ledger, entries } = ledgerSpy()
    const { pictor, calls } = testClient(healthy, { ledger })
    expect(
      await errorOf(pictor.generate({ model, prompt: "a" }, { signal: AbortSignal.abort(reason) })),
    ).toMatchObject({
      code: "aborted",
      maybeBilled: false,
      cause: reason,
    })
    expect([calls, entries]).toEqual([[], []])
  })

  it("between calls keeps delivered images and releases calls not yet begun", async () => {
    const controller = new AbortController()
    const { ledger, entries } = ledgerSpy()
    const answer = (call: TransportCall, index: number) => {
      if (index === 1) controller.abort(reason)
      return healthy(call)
    }
    const { pictor } = testClient(answer, { ledger, parallelCalls: 1 })
    const error = (await errorOf(
      pictor.generate({ model, prompt: "a", n: 12 }, { signal: controller.signal }),
    )) as ImageError
    expect(error).toMatchObject({
      code: "aborted",
      retryable: false,
      maybeBilled: false,
      cost: { ...noCost, microUsd: 400_000 },
    })
    expect(statuses(error)).toBe("DDDDDDDDDD--")
    expect(error.message).toContain("10 of 12 images")
    expect(entries).toEqual([
      "reserve 5+5+2",
      "sent row-1",
      "settle row-1",
      "sent row-2",
      "settle row-2",
      "release row-3",
    ])
  })

  it("during calls settles delivered ones, holds sent ones and releases the rest", async () => {
    const controller = new AbortController()
    const { ledger, entries, settlements } = ledgerSpy()
    const answer = (call: TransportCall, index: number) =>
      index === 0 ? healthy(call) : honest(index === 1)(call)
    const { pictor } = testClient(answer, { ledger, parallelCalls: 3 })
    const done = errorOf(
      pictor.generate({ model, prompt: "a", n: 20 }, { signal: controller.signal }),
    )
    await settled()
    controller.abort()
    const error = (await done) as ImageError
    expect(statuses(error)).toBe("DDDDDXXXXXXXXXXXXXXX")
    expect(error).toMatchObject({
      code: "aborted",
      maybeBilled: true,
      cost: { ...noCost, microUsd: 200_000, maybeMicroUsd: 200_000 },
    })
    expect(entries.slice(-3).toSorted()).toEqual(["hold row-2", "release row-3", "release row-4"])
    expect(settlements).toEqual([
      { cost: { ...noCost, microUsd: 200_000 }, delivered: 5 },
      { cost: { ...noCost, maybeMicroUsd: 200_000 }, delivered: 0 },
    ])
  })

  it("does not wait for a transport that ignores the signal, whose call is maybe charged", async () => {
    const controller = new AbortController()
    const { ledger, entries } = ledgerSpy()
    const { pictor } = testClient(deaf, { ledger })
    const done = errorOf(pictor.generate({ model, prompt: "a" }, { signal: controller.signal }))
    await settled()
    controller.abort()
    await vi.advanceTimersByTimeAsync(250)
    expect(await done).toMatchObject({
      code: "aborted",
      maybeBilled: true,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
    expect(entries).toEqual(["reserve 1", "sent row-1", "hold row-1"])
  })

  it("while the ledger is written sends nothing", async () => {
    const controller = new AbortController()
    const { ledger, entries } = ledgerSpy((method) => {
      if (method === "sent") controller.abort()
    })
    const { pictor, calls } = testClient(healthy, { ledger })
    expect(
      await errorOf(pictor.generate({ model, prompt: "a" }, { signal: controller.signal })),
    ).toMatchObject({
      code: "aborted",
      maybeBilled: false,
      cost: noCost,
    })
    expect(calls).toEqual([])
    expect(entries).toEqual(["reserve 1", "sent row-1", "release row-1"])
  })

  it("while a reservation is made releases it", async () => {
    const controller = new AbortController()
    const { ledger, entries } = ledgerSpy((method) => {
      if (method === "reserve") controller.abort()
    })
    const { pictor, calls } = testClient(healthy, { ledger })
    expect(
      statuses(
        await errorOf(pictor.generate({ model, prompt: "a", n: 6 }, { signal: controller.signal })),
      ),
    ).toBe("------")
    expect(calls).toEqual([])
    expect(entries).toEqual(["reserve 5+1", "release row-1", "release row-2"])
  })

  it("while a call waits for its retry keeps the failure", async () => {
    const controller = new AbortController()
    const busy = () => {
      throw new ImageError({ code: "rate_limited", message: "Busy.", retryAfterMs: 60_000 })
    }
    const { pictor, calls } = testClient(busy, { runtime: { ...systemRuntime, now: () => 0 } })
    const done = errorOf(pictor.generate({ model, prompt: "a" }, { signal: controller.signal }))
    await settled()
    controller.abort()
    expect(await done).toMatchObject({
      code: "aborted",
      cost: noCost,
      slots: [{ status: "failed", error: { code: "rate_limited" } }],
    })
    expect(calls).toHaveLength(1)
  })

  it("while a call waits for a concurrency slot sends nothing", async () => {
    const controller = new AbortController()
    const gate = deferred<void>()
    const { pictor, calls } = testClient(async (call) => gate.promise.then(() => healthy(call)), {
      middleware: [concurrency(1)],
    })
    const first = pictor.generate({ model, prompt: "a" })
    await settled()
    const second = errorOf(pictor.generate({ model, prompt: "a" }, { signal: controller.signal }))
    await settled()
    controller.abort()
    expect(await second).toMatchObject({ code: "aborted", maybeBilled: false, cost: noCost })
    gate.resolve()
    expect((await first).images).toHaveLength(1)
    expect((await pictor.generate({ model, prompt: "a" })).images).toHaveLength(1)
    expect(calls).toHaveLength(2)
  })

  it("after all images were delivered changes nothing", async () => {
    const controller = new AbortController()
    const { ledger } = ledgerSpy((method) => {
      if (method === "settle") controller.abort()
    })
    const { pictor } = testClient(healthy, { ledger })
    expect(
      (await pictor.generate({ model, prompt: "a", n: 2 }, { signal: controller.signal })).images,
    ).toHaveLength(2)
  })

  it("leaves no listener on the caller's signal", async () => {
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, "removeEventListener")
    const { pictor } = testClient()
    await pictor.generate({ model, prompt: "a" }, { signal })
    expect(remove).toHaveBeenCalledWith("abort", expect.any(Function))
  })
})

describe("a deadline", () => {
  it("rejects with timeout and the delivered slots", async () => {
    const answer = (call: TransportCall, index: number) => (index === 0 ? healthy(call) : deaf())
    const { pictor } = testClient(answer, { parallelCalls: 1 })
    const done = errorOf(pictor.generate({ model, prompt: "a", n: 12 }, { timeoutMs: 1000 }))
    await vi.advanceTimersByTimeAsync(1250)
    const error = await done
    expect(error).toMatchObject({
      code: "timeout",
      maybeBilled: true,
      message: expect.stringContaining("5 of 12 images"),
    })
    expect(statuses(error)).toBe("DDDDDXXXXX--")
  })

  it("is a timeout even if the transport reports an abort", async () => {
    for (const isSent of [true, false]) {
      const { pictor } = testClient(honest(isSent))
      const done = errorOf(pictor.generate({ model, prompt: "a" }, { timeoutMs: 10 }))
      await vi.advanceTimersByTimeAsync(10)
      expect(await done).toMatchObject({
        code: "timeout",
        maybeBilled: isSent,
        slots: [{ error: { code: "timeout", maybeBilled: isSent } }],
      })
    }
  })

  it("does not affect planning or a request that ends in time", async () => {
    const { pictor } = testClient()
    expect(
      (await pictor.run(await pictor.plan({ model, prompt: "a" }), { timeoutMs: 1 })).images,
    ).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("longer than the longest timer does not pass immediately", async () => {
    for (const timeoutMs of [Number.POSITIVE_INFINITY, 2 ** 40]) {
      const gate = deferred<void>()
      const { pictor } = testClient(async (call) => gate.promise.then(() => healthy(call)))
      const done = pictor.generate({ model, prompt: "a" }, { timeoutMs })
      await vi.advanceTimersByTimeAsync(60_000)
      gate.resolve()
      expect((await done).images).toHaveLength(1)
    }
  })

  it.each([0, -1, Number.NaN])("of %d ms is rejected", async (timeoutMs) => {
    expect(
      await errorOf(testClient().pictor.generate({ model, prompt: "a" }, { timeoutMs })),
    ).toMatchObject({ code: "invalid_request" })
  })
})

describe("an unexpected error of the transport", () => {
  it("is maybe charged", async () => {
    const { pictor } = testClient(() => {
      throw new TypeError("socket")
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "provider_failed",
      maybeBilled: true,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
  })
  it("after an abort is reported as aborted", async () => {
    const controller = new AbortController()
    const { pictor } = testClient(() => {
      controller.abort()
      throw new DOMException("aborted", "AbortError")
    })
    expect(
      await errorOf(pictor.generate({ model, prompt: "a" }, { signal: controller.signal })),
    ).toMatchObject({
      code: "aborted",
      maybeBilled: true,
    })
  })
})

describe("systemRuntime.sleep", () => {
  it("ends after the delay, or when the signal aborts", async () => {
    const done = vi.fn()
    void systemRuntime.sleep(100).then(done)
    await vi.advanceTimersByTimeAsync(99)
    expect(done).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(done).toHaveBeenCalled()
    const controller = new AbortController()
    const stopped = errorOf(systemRuntime.sleep(100, controller.signal))
    controller.abort(reason)
    expect(await stopped).toBe(reason)
    expect(await errorOf(systemRuntime.sleep(100, AbortSignal.abort(reason)))).toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })
  it("does not end early if the delay exceeds the longest timer", async () => {
    const done = vi.fn()
    void systemRuntime.sleep(2 ** 40).then(done)
    await vi.advanceTimersByTimeAsync(longestTimerMs - 1)
    expect(done).not.toHaveBeenCalled()
  })
  it("can be replaced by createPictor({ runtime })", async () => {
    const { pictor, waits } = testClient(
      () => {
        throw new ImageError({ code: "rate_limited", message: "Busy." })
      },
      { runtime: stillRuntime() },
    )
    await errorOf(pictor.generate({ model, prompt: "a" }))
    expect(waits).toEqual([])
  })
})
