import { describe, expect, it } from "vitest"
import {
  artifact,
  errorOf,
  healthy,
  images,
  png,
  reply,
  stillRuntime,
  testClient,
} from "../__fixtures__/client.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { type ErrorCode, ImageError, type ImageErrorOptions } from "../contract/errors.ts"
import { noCost } from "../planning/price.ts"

const model = "acme.grid-v1:0"
const failing =
  (times: number, error: unknown) => (call: Parameters<typeof healthy>[0], index: number) => {
    if (index < times) throw error
    return healthy(call)
  }
const fault = (code: ErrorCode, more: Partial<ImageErrorOptions> = {}): ImageError =>
  new ImageError({ code, message: "No.", ...more })
const lost = fault("unavailable", { maybeBilled: true })

describe("a failed attempt", () => {
  it.each([
    ["throttled", fault("rate_limited"), 3],
    ["not reached", fault("unavailable"), 3],
    ["a temporary server fault", fault("provider_failed", { retryable: true, status: 500 }), 3],
    ["a server's fault", fault("provider_failed", { status: 424 }), 1],
    ["an invalid request", fault("invalid_request"), 1],
    ["over the quota", fault("quota_exceeded"), 1],
    ["filtered", fault("content_filtered", { stage: "prompt" }), 1],
    ["without access", fault("forbidden"), 1],
    ["lost after sending", lost, 1],
    [
      "lost after sending, though it calls itself retryable",
      fault("timeout", { maybeBilled: true, retryable: true }),
      1,
    ],
    ["a transport's own mistake", new TypeError("oops"), 1],
  ])("%s: case %#", async (_, error, attempts) => {
    const { pictor, calls } = testClient(failing(9, error))
    await errorOf(pictor.generate({ model, prompt: "a" }))
    expect(calls).toHaveLength(attempts)
  })

  it("is repeated with the same body, and a later success replaces its error", async () => {
    const { pictor, calls } = testClient(failing(2, fault("rate_limited", { requestId: "first" })))
    const result = await pictor.generate({ model, prompt: "a" })
    expect(result).toMatchObject({
      attempts: 3,
      requestIds: ["first", "first"],
      cost: { ...noCost, microUsd: 40_000 },
    })
    expect(new Set(calls.map(({ body }) => body)).size).toBe(1)
  })

  it.each([
    [{ retry: false } as const, 1],
    [{ retry: {} }, 3],
    [{ retry: { attempts: 5 } }, 5],
    [{ retry: { attempts: 1 } }, 1],
  ])("is made as often as %j allows", async (options, attempts) => {
    const { pictor, calls } = testClient(failing(9, fault("rate_limited")), options)
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "rate_limited",
      retryable: true,
      cost: noCost,
    })
    expect(calls).toHaveLength(attempts)
  })

  it("waits with exponential backoff and full jitter", async () => {
    const randoms = [0, 0.5, 0.999_999_9, 0.5, 1 - Number.EPSILON, 0.5, 0.5, 0.5, 0.5]
    const runtime = stillRuntime(() => randoms.shift() ?? 0)
    const { pictor } = testClient(failing(99, fault("unavailable")), {
      retry: { attempts: 9 },
      runtime,
    })
    await errorOf(pictor.generate({ model, prompt: "a", seed: 1 }))
    expect(runtime.waits).toEqual([0, 400, 1600, 1600, 6400, 6400, 10_000, 10_000])
  })

  it("waits at least as long as the provider asks", async () => {
    const { pictor, waits } = testClient(failing(2, fault("rate_limited", { retryAfterMs: 7000 })))
    await pictor.generate({ model, prompt: "a" })
    expect(waits).toEqual([7000, 7000])
    const { pictor: other, waits: longer } = testClient(
      failing(1, fault("rate_limited", { retryAfterMs: 5 })),
    )
    await other.generate({ model, prompt: "a" })
    expect(longer).toEqual([200])
  })

  it("with an unreadable reply is not repeated even if retry.maybeBilled is set", async () => {
    const { pictor, calls } = testClient(() => reply("<html>"), { retry: { maybeBilled: true } })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_response",
    })
    expect(calls).toHaveLength(1)
  })
})

describe("a readable reply without images", () => {
  const failed = artifact({ finish: "ERROR" })
  it("is repeated free of charge if an outcome is retryable", async () => {
    const { pictor, calls } = testClient((_, index) => (index === 0 ? failed : artifact()))
    expect(await pictor.generate({ model: "acme.weighted-v1", prompt: "a" })).toMatchObject({
      attempts: 2,
      cost: { ...noCost, microUsd: 40_000 },
    })
    expect(calls).toHaveLength(2)
  })
  it("is reported once the attempts are used up", async () => {
    const { pictor } = testClient(() => failed)
    expect(
      await errorOf(pictor.generate({ model: "acme.weighted-v1", prompt: "a" })),
    ).toMatchObject({
      code: "provider_failed",
      retryable: true,
      cost: noCost,
    })
  })
  it("is not repeated if one image was delivered", async () => {
    const both = reply({ artifacts: [{ finish: "ERROR" }, { base64: png }] })
    const { pictor, calls } = testClient(() => both)
    expect(
      (await pictor.generate({ model: "acme.weighted-v1", prompt: "a" })).slots.map(
        ({ status }) => status,
      ),
    ).toEqual(["failed", "delivered"])
    expect(calls).toHaveLength(1)
  })
  it("is not repeated if one slot is maybe charged", async () => {
    const { pictor, calls } = testClient(() => images(0), {
      middleware: [
        {
          name: "mixed",
          call: async (attempt, next) => ({
            ...(await next(attempt)),
            outcomes: [
              { status: "failed", code: "unavailable", message: "Busy." },
              { status: "filtered", stage: "unknown", reason: "Unknown.", billed: "maybe" },
            ],
          }),
        },
      ],
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a", n: 2 }))).toMatchObject({
      maybeBilled: true,
      retryable: false,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
    expect(calls).toHaveLength(1)
  })
})

describe("retry.maybeBilled", () => {
  const retry = { maybeBilled: true }

  it("reserves the price again and holds the first reservation", async () => {
    const { ledger, entries, settlements, reservations } = ledgerSpy()
    const { pictor, calls } = testClient(failing(1, lost), { retry, ledger })
    const result = await pictor.generate({
      model,
      prompt: "a",
      n: 2,
      account: { key: "k" },
      tags: { app: "x" },
    })
    expect(entries).toEqual([
      "reserve 2",
      "sent row-1",
      "reserve 2",
      "hold row-1",
      "sent row-2",
      "settle row-2",
    ])
    expect(settlements).toEqual([
      { cost: { ...noCost, maybeMicroUsd: 80_000 }, delivered: 0 },
      { cost: { ...noCost, microUsd: 80_000 }, delivered: 2 },
    ])
    expect(reservations[1]).toEqual({
      rows: reservations[0]?.rows,
      account: { key: "k" },
      tags: { app: "x" },
      retryOf: "row-1",
    })
    expect(result.cost).toEqual({ microUsd: 80_000, maybeMicroUsd: 80_000, unpricedImages: 0 })
    expect(calls).toHaveLength(2)
  })

  it("keeps the first attempt maybe charged after a later free failure", async () => {
    const { pictor } = testClient(
      (_, index) => {
        throw index === 0 ? lost : fault("invalid_request")
      },
      { retry },
    )
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_request",
      maybeBilled: true,
      retryable: false,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
    const { pictor: unpriced } = testClient(
      (_, index) => {
        throw index === 0 ? lost : fault("unavailable")
      },
      { retry: { attempts: 2, maybeBilled: true } },
    )
    expect(
      await errorOf(unpriced.generate({ model: "acme.plain-v1:0", prompt: "a" })),
    ).toMatchObject({
      maybeBilled: true,
      retryable: false,
      cost: { ...noCost, unpricedImages: 1 },
    })
  })

  it("does not repeat a call that the ledger does not reserve again", async () => {
    let reservations = 0
    const { ledger, entries } = ledgerSpy((method) => {
      if (method === "reserve" && ++reservations === 2) throw fault("budget_exceeded")
    })
    const { pictor, calls } = testClient(failing(9, lost), { retry, ledger })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "unavailable",
      maybeBilled: true,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
    expect(entries).toEqual(["reserve 1", "sent row-1", "reserve 1", "hold row-1"])
    expect(calls).toHaveLength(1)
  })

  it("holds once if the caller aborts during the wait", async () => {
    const controller = new AbortController()
    const runtime = {
      ...stillRuntime(),
      sleep: async (_: number, signal?: AbortSignal) => {
        controller.abort()
        signal?.throwIfAborted()
      },
    }
    const { ledger, entries } = ledgerSpy()
    const { pictor } = testClient(failing(9, lost), { retry, ledger, runtime })
    expect(
      await errorOf(pictor.generate({ model, prompt: "a" }, { signal: controller.signal })),
    ).toMatchObject({
      code: "aborted",
      maybeBilled: true,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
    expect(entries).toEqual(["reserve 1", "sent row-1", "hold row-1"])
  })
})
