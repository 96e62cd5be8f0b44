import { describe, expect, it } from "vitest"
import { deferred, errorOf, healthy, images, settled, testClient } from "../__fixtures__/client.ts"
import { editing } from "../__fixtures__/editors.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { base64, picture } from "../__fixtures__/pictures.ts"
import { ImageError } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"

const request = { model: "acme.grid-v1:0", prompt: "a", n: 2, idempotencyKey: "order-1" }

/** A client whose calls wait until the test ends them; `begun` resolves when they have begun. */
const waiting = (expected = 1) => {
  const gate = deferred<void>()
  const begun = deferred<void>()
  const client = testClient(async (call, index) => {
    if (index + 1 === expected) begun.resolve()
    return gate.promise.then(() => healthy(call))
  })
  return { ...client, begun: begun.promise, release: gate.resolve }
}

describe("an idempotency key", () => {
  it("joins a request to the same running one", async () => {
    const { pictor, calls, begun, release } = waiting()
    const all = Promise.all([
      pictor.generate(request),
      pictor.generate(request),
      pictor.generate({ ...request, tags: { a: "b" } }),
    ])
    await begun
    release()
    const [first, second, third] = await all
    expect(second).toBe(first)
    expect(third).toBe(first)
    expect(calls).toHaveLength(1)
  })

  it("joins requests of the same meaning, however they are written", async () => {
    const { pictor, calls, begun, release } = waiting()
    const { prompt, n, idempotencyKey } = request
    const all = Promise.all([
      pictor.generate(request),
      pictor.generate({ n, idempotencyKey, prompt, model: "acme.grid" }),
    ])
    await begun
    release()
    await all
    expect(calls).toHaveLength(1)
  })

  it("reports a failure to every joined caller", async () => {
    const { pictor } = testClient(() => {
      throw new ImageError({ code: "quota_exceeded", message: "Enough." })
    })
    const errors = await Promise.all([
      errorOf(pictor.generate(request)),
      errorOf(pictor.generate(request)),
    ])
    expect(errors[0]).toBe(errors[1])
    expect(errors[0]).toMatchObject({ code: "quota_exceeded" })
  })

  it.each<JsonObject>([
    { prompt: "b" },
    { n: 3 },
    { seed: 1 },
    { options: { config: { note: "x" } } },
    { policy: "strict" },
    { model: "acme.list-v1:0" },
  ])("in use for another request is rejected: %j", async (change) => {
    const { pictor, calls, begun, release } = waiting()
    const first = pictor.generate(request)
    await begun
    expect(await errorOf(pictor.generate({ ...request, ...change }))).toMatchObject({
      code: "idempotency_mismatch",
    })
    release()
    await first
    expect(calls).toHaveLength(1)
  })

  it("belongs to its account", async () => {
    const { pictor, calls, begun, release } = waiting(2)
    const all = Promise.all(
      ["one", "two"].map((key) => pictor.generate({ ...request, account: { key } })),
    )
    await begun
    release()
    const [first, second] = await all
    expect(first).not.toBe(second)
    expect(calls).toHaveLength(2)
  })

  it("starts a new run after the first has ended, without a ledger", async () => {
    const { pictor, calls } = testClient()
    await pictor.generate(request)
    await pictor.generate(request)
    expect(calls).toHaveLength(2)
  })

  it("is stored with a hash that contains no text of the request", async () => {
    const { ledger, reservations } = ledgerSpy()
    const { pictor } = testClient(healthy, { ledger })
    await pictor.generate({ ...request, account: { key: "k" } })
    await pictor.generate({ ...request, seed: 1, account: { key: "k" } })
    const [first, second] = reservations.map(({ idempotency }) => idempotency)
    expect(first).toEqual({
      lapsed: "refuse",
      key: '["k","order-1"]',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(second?.key).toBe(first?.key)
    expect(second?.hash).not.toBe(first?.hash)
  })

  it("of a plan is the one of its request", async () => {
    const { pictor, calls, begun, release } = waiting()
    const plan = await pictor.plan(request)
    const both = Promise.all([pictor.run(plan), pictor.generate(request)])
    await begun
    release()
    const [first, second] = await both
    expect(second).toBe(first)
    expect(calls).toHaveLength(1)
  })

  it("lets a joined caller leave while the first continues", async () => {
    const controller = new AbortController()
    const { pictor, calls, begun, release } = waiting()
    const first = pictor.generate(request)
    await begun
    const joined = errorOf(pictor.generate(request, { signal: controller.signal }))
    await settled()
    controller.abort()
    expect(await joined).toMatchObject({ code: "aborted", maybeBilled: true })
    release()
    expect((await first).images).toHaveLength(2)
    expect(calls).toHaveLength(1)
  })

  it("lets the first caller leave while joined ones get the images", async () => {
    const controller = new AbortController()
    const { pictor, calls, begun, release } = waiting()
    const first = errorOf(pictor.generate(request, { signal: controller.signal }))
    await begun
    const joined = pictor.generate(request)
    await settled()
    controller.abort()
    expect(await first).toMatchObject({ code: "aborted", maybeBilled: true })
    release()
    expect((await joined).images).toHaveLength(2)
    expect(calls).toHaveLength(1)
  })

  it("cancels the call once all callers have left, and reports the outcome to the last", async () => {
    const controllers = [new AbortController(), new AbortController()] as const
    const { ledger, entries } = ledgerSpy()
    const begun = deferred<AbortSignal | undefined>()
    const { pictor } = testClient(
      ({ signal }) => {
        begun.resolve(signal)
        return new Promise((_, reject) =>
          signal?.addEventListener("abort", () =>
            reject(new ImageError({ code: "aborted", message: "Aborted." })),
          ),
        )
      },
      { ledger },
    )
    const both = controllers.map(({ signal }) => errorOf(pictor.generate(request, { signal })))
    const signal = await begun.promise
    controllers[0].abort()
    await both[0]
    expect(signal?.aborted).toBe(false)
    controllers[1].abort()
    expect(await both[1]).toMatchObject({
      code: "aborted",
      maybeBilled: false,
      slots: [{ status: "failed" }, { status: "failed" }],
    })
    expect(entries).toEqual(["reserve 2", "sent row-1", "release row-1"])
  })

  it("reports the last caller's own deadline to it", async () => {
    const { pictor, begun } = waiting()
    const controller = new AbortController()
    const first = errorOf(pictor.generate(request, { signal: controller.signal }))
    await begun
    const joined = errorOf(pictor.generate(request, { timeoutMs: 20 }))
    controller.abort()
    expect([await first, await joined]).toMatchObject([
      { code: "aborted" },
      { code: "timeout", slots: expect.anything() },
    ])
  })

  it("starts a new run for a caller that arrives after all others left", async () => {
    const controller = new AbortController()
    const begun = deferred<void>()
    const { pictor, calls } = testClient((call, index) => {
      if (index > 0) return healthy(call)
      begun.resolve()
      return new Promise((_, reject) =>
        call.signal?.addEventListener("abort", () =>
          reject(new ImageError({ code: "aborted", message: "Aborted." })),
        ),
      )
    })
    const first = errorOf(pictor.generate(request, { signal: controller.signal }))
    await begun.promise
    controller.abort()
    const next = pictor.generate(request)
    expect(await first).toMatchObject({ code: "aborted" })
    expect((await next).images).toHaveLength(2)
    expect(calls).toHaveLength(2)
  })

  it("compares images by content, not by source type", async () => {
    const { ledger, reservations } = ledgerSpy()
    const { pictor } = editing({ ledger })
    const order = {
      model: "acme.light-v1:0",
      task: "upscale",
      idempotencyKey: "order-1",
      seed: 1,
    } as const
    const house = picture({ shows: "a house" })
    for (const image of [
      house,
      house.slice().buffer,
      new Blob([house]),
      base64({ shows: "a house" }),
      new Blob([picture({ shows: "a mill" })]),
    ])
      await pictor.generate({ ...order, image })
    const [first, ...others] = reservations.map(({ idempotency }) => idempotency?.hash)
    expect(others.map((hash) => hash === first)).toEqual([true, true, true, false])
  })

  it("identifies the caller's request, whatever request middleware makes of it", async () => {
    const { ledger, reservations } = ledgerSpy()
    let turn = 0
    const { pictor } = testClient(healthy, {
      ledger,
      middleware: [
        {
          name: "turn",
          request: (given, next) =>
            next({ ...given, model: ["acme.list-v1:0", "acme.grid-v1:0"][turn++ % 2] as string }),
        },
      ],
    })
    for (const model of ["acme.grid", "acme.grid-v1:0", "acme.none", "acme.none"])
      await pictor.generate({ ...request, model })
    const hashes = reservations.map(({ idempotency }) => idempotency?.hash)
    expect([hashes[1] === hashes[0], hashes[2] === hashes[0], hashes[3] === hashes[2]]).toEqual([
      true,
      false,
      true,
    ])
  })

  it("that is not text is rejected", async () => {
    const { pictor } = testClient()
    for (const idempotencyKey of ["", 5, null])
      expect(
        await errorOf(pictor.generate({ ...request, idempotencyKey } as unknown as typeof request)),
      ).toMatchObject({
        issues: [{ path: "idempotencyKey" }],
      })
  })
})

describe("an idempotency key with a ledger", () => {
  it("does not repeat a charged request, but repeats a free one", async () => {
    const { pictor, calls } = testClient(
      (call, index) => (index === 0 ? images(0, { error: "held back" }) : healthy(call)),
      {
        ledger: memoryLedger(),
      },
    )
    expect(await errorOf(pictor.generate(request))).toMatchObject({ code: "content_filtered" })
    expect((await pictor.generate(request)).images).toHaveLength(2)
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      code: "idempotency_replayed",
      cost: { microUsd: 80_000 },
    })
    expect(await errorOf(pictor.generate({ ...request, n: 3 }))).toMatchObject({
      code: "idempotency_mismatch",
    })
    expect(calls).toHaveLength(2)
  })

  it("includes the retries of a request", async () => {
    const answer = (call: Parameters<typeof healthy>[0], index: number) => {
      if (index === 0)
        throw new ImageError({ code: "unavailable", message: "Lost.", maybeBilled: true })
      return healthy(call)
    }
    const { pictor } = testClient(answer, { ledger: memoryLedger(), retry: { maybeBilled: true } })
    await pictor.generate(request)
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      code: "idempotency_unresolved",
    })
  })

  it("counts an unresolved call as spent and calls again with lapsed: retry", async () => {
    const ledger = memoryLedger()
    const answer = (call: Parameters<typeof healthy>[0], index: number) => {
      if (index === 0)
        throw new ImageError({ code: "timeout", message: "Lost.", maybeBilled: true })
      return healthy(call)
    }
    const { pictor, calls } = testClient(answer, { ledger, lapsed: "retry" })
    expect(await errorOf(pictor.generate(request))).toMatchObject({ code: "timeout" })
    const [held] = await ledger.unresolved()
    expect(held).toMatchObject({ state: "held" })
    const result = await pictor.generate(request)
    expect(result.images).toHaveLength(2)
    expect(calls).toHaveLength(2)
    expect(await ledger.unresolved()).toEqual([])
    expect(await ledger.spend()).toMatchObject([
      { calls: 2, microUsd: 2 * result.cost.microUsd, maybeMicroUsd: 0 },
    ])
  })

  it("rejects any other value of lapsed", () => {
    expect(() => testClient(healthy, { lapsed: "ask" as never })).toThrow(
      'createPictor: lapsed must be "refuse" or "retry".',
    )
  })

  it("is the same for other client tags", async () => {
    const { pictor, calls, begun, release } = waiting()
    const all = Promise.all([
      pictor.generate(request),
      pictor.generate({ ...request, tags: { a: "b" }, clientTags: ["a"] }),
    ])
    await begun
    release()
    await all
    expect(calls).toHaveLength(1)
  })
})
