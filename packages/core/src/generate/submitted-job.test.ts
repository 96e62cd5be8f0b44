import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { deferred, errorOf, healthy, reply, settled } from "../__fixtures__/client.ts"
import { grid } from "../__fixtures__/families.ts"
import type { Point } from "../__fixtures__/job-provider.ts"
import { failing, jobWorld, model } from "../__fixtures__/job-world.ts"
import { createPictor } from "../client.ts"
import { ImageError } from "../contract/errors.ts"
import type { Transport } from "../contract/transport.ts"
import { fallback } from "../middleware/fallback.ts"
import { noCost } from "../planning/price.ts"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const request = { model, prompt: "a secret lighthouse", n: 2 }

/** Stops at a point until the test goes on. */
const pauseAt = (point: Point) => {
  const [reached, gate] = [deferred<void>(), deferred<void>()]
  return {
    at: (each: Point) => {
      if (each !== point) return undefined
      reached.resolve()
      return gate.promise
    },
    reached: reached.promise,
    release: () => gate.resolve(),
  }
}

describe("a call that is a job", () => {
  it("is recorded beside its row before the first poll, without the prompt", async () => {
    const { process, row, provider } = jobWorld()
    const pause = pauseAt("poll")
    const result = process(pause.at).generate(request)
    await pause.reached
    const unfinished = await row()
    expect(unfinished).toMatchObject({ state: "reserved", images: 2 })
    expect(unfinished.job).toEqual({
      id: "job-1",
      url: "https://jobs.example/job-1",
      adapter: "grid",
      modelId: model,
      price: expect.objectContaining({ microUsd: 40_000, source: "page" }),
    })
    expect(JSON.stringify(unfinished)).not.toContain("lighthouse")
    pause.release()
    expect((await result).images).toHaveLength(2)
    expect(provider.jobs).toHaveLength(1)
  })

  it("is settled once it has ended", async () => {
    const { process, ledger } = jobWorld()
    await process().generate(request)
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
    expect(await ledger.spend()).toMatchObject([{ images: 2, microUsd: 80_000, maybeMicroUsd: 0 }])
  })

  it("names the adapter by its alias", async () => {
    const { provider, ledger, row } = jobWorld()
    const pause = pauseAt("poll")
    const adapters = [grid(provider.transport(pause.at), { name: "eu" })]
    const result = createPictor({ adapters, ledger }).generate(request)
    await pause.reached
    expect((await row()).job).toMatchObject({ adapter: "eu" })
    pause.release()
    await result
  })

  it("delivers its images with a warning where the ledger cannot record the job", async () => {
    const { process, ledger } = jobWorld()
    const { images, warnings } = await process(
      undefined,
      {},
      {
        ledger: failing(ledger, "submitted"),
      },
    ).generate(request)
    expect(images).toHaveLength(2)
    expect(warnings.join()).toMatch(/could not record the job of row \w+: an unexpected error/)
    expect(await ledger.spend()).toMatchObject([{ microUsd: 80_000 }])
  })

  it("counts as sent where its job is not recorded and its poll fails", async () => {
    const { process, ledger, provider } = jobWorld()
    const fail = (point: Point): void => {
      if (point === "poll") throw new ImageError({ code: "unavailable", message: "No route." })
    }
    const error = await errorOf(
      process(fail, {}, { ledger: failing(ledger, "submitted") }).generate(request),
    )
    expect(error).toMatchObject({ code: "unavailable", maybeBilled: true, retryable: false })
    expect(error.message).not.toContain("Nothing was sent")
    expect(provider.jobs).toHaveLength(1)
    expect(await ledger.spend()).toMatchObject([{ maybeMicroUsd: 80_000 }])
  })

  it("records the job with the end of the row where the ledger was down before", async () => {
    const { process, ledger, row } = jobWorld()
    let isDown = true
    const at = (point: Point): void => {
      if (point !== "poll") return
      isDown = false
      throw new ImageError({ code: "timeout", message: "Late.", maybeBilled: true })
    }
    const flaky = {
      ...ledger,
      submitted: (...job: Parameters<typeof ledger.submitted>) =>
        isDown ? Promise.reject(new Error("Down.")) : ledger.submitted(...job),
    }
    await errorOf(process(at, {}, { ledger: flaky }).generate(request))
    expect(await row()).toMatchObject({ state: "held", job: { id: "job-1" } })
  })

  it.each([
    ["a poll that fails as if nothing was sent", { code: "unavailable" }],
    ["a rate limit", { code: "rate_limited" }],
    ["a timeout that is maybe billed", { code: "timeout", maybeBilled: true }],
    ["a retryable failure", { code: "provider_failed", retryable: true }],
  ] as const)("is never ordered again after %s, whatever retry says", async (_, failure) => {
    const { process, provider, row } = jobWorld()
    const fail = (point: Point): void => {
      if (point === "poll") throw new ImageError({ message: "Failed.", ...failure })
    }
    const options = {
      retry: { attempts: 5, maybeBilled: true },
      middleware: [fallback(["acme.list-v1:0"])],
    }
    const error = await errorOf(process(fail, {}, options).generate(request))
    expect(error).toMatchObject({ code: failure.code, maybeBilled: true, retryable: false })
    expect(provider.jobs).toHaveLength(1)
    expect(await row()).toMatchObject({ state: "held", job: { id: "job-1" } })
  })

  it("is not ordered again where its reply says that the same call may succeed", async () => {
    const { process, provider, ledger } = jobWorld({
      reply: () => reply({ images: [], error: "Try again." }),
    })
    await errorOf(process(undefined, {}, { retry: { attempts: 5 } }).generate(request))
    expect(provider.jobs).toHaveLength(1)
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
  })

  it("is free where the provider filtered its content", async () => {
    const { process, ledger } = jobWorld()
    const fail = (point: Point): void => {
      if (point === "poll")
        throw new ImageError({ code: "content_filtered", message: "Filtered.", stage: "output" })
    }
    const error = await errorOf(process(fail).generate(request))
    expect(error).toMatchObject({ code: "content_filtered", maybeBilled: false })
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
  })

  it("is ordered again where the order never left", async () => {
    const { process, provider } = jobWorld()
    let orders = 0
    const at = (point: Point): void => {
      if (point === "order" && ++orders === 1)
        throw new ImageError({ code: "unavailable", message: "Refused." })
    }
    expect((await process(at).generate(request)).attempts).toBe(2)
    expect(provider.jobs).toHaveLength(1)
  })
})

/** Aborts a request that waits at a point. */
const abortAt = async (point: Point, more?: Partial<Transport>, world = jobWorld()) => {
  const pause = pauseAt(point)
  const controller = new AbortController()
  const pictor = world.process(pause.at, more)
  const done = errorOf(pictor.generate(request, { signal: controller.signal }))
  await pause.reached
  controller.abort()
  const error = (await done) as ImageError
  return { ...world, pictor, error, release: pause.release }
}

describe("an abort", () => {
  it("during a submit answers at once, and the job is recorded when its answer comes", async () => {
    const { error, row, release } = await abortAt("ordered")
    expect(error).toMatchObject({ code: "aborted", maybeBilled: true })
    const before = await row()
    expect([before.state, before.job]).toEqual(["held", undefined])
    release()
    await settled()
    expect(await row()).toMatchObject({ state: "held", job: { id: "job-1" } })
  })

  it("during a submit cancels the job once its answer comes, and releases the row", async () => {
    const world = jobWorld()
    const cancel = vi.fn(async ({ id }: { readonly id: string }) => world.provider.cancel(id))
    const { ledger, release, provider } = await abortAt("ordered", { cancel }, world)
    expect(cancel).not.toHaveBeenCalled()
    release()
    await settled()
    expect(cancel).toHaveBeenCalledExactlyOnceWith(
      { id: "job-1", url: "https://jobs.example/job-1" },
      { model, modelId: model },
    )
    expect(provider.billed()).toEqual([])
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
    expect(await ledger.spend()).toMatchObject([noCost])
  })

  it("during a poll cancels the job and says that nothing is charged", async () => {
    const world = jobWorld()
    const cancel = async ({ id }: { readonly id: string }) => world.provider.cancel(id)
    const { error, ledger } = await abortAt("poll", { cancel }, world)
    expect(error).toMatchObject({ code: "aborted", maybeBilled: false, cost: noCost })
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
  })

  it.each([
    ["answers too-late", async () => "too-late" as const],
    ["fails", () => Promise.reject(new Error("No route."))],
    ["does not exist", undefined],
  ])("leaves a held row with its job where cancel %s", async (_, cancel) => {
    const { error, row } = await abortAt("poll", cancel ? { cancel } : {})
    expect(error).toMatchObject({ code: "aborted", maybeBilled: true })
    expect(await row()).toMatchObject({ state: "held", job: { id: "job-1" } })
  })

  it("releases the row where the job is cancelled after the caller was answered", async () => {
    const world = jobWorld()
    const verdict = deferred<"cancelled">()
    const pause = pauseAt("poll")
    const controller = new AbortController()
    const pictor = world.process(pause.at, { cancel: () => verdict.promise })
    const done = errorOf(pictor.generate(request, { signal: controller.signal }))
    await pause.reached
    controller.abort()
    await vi.advanceTimersByTimeAsync(250)
    expect(await done).toMatchObject({ code: "aborted", maybeBilled: true })
    expect(await world.row()).toMatchObject({ state: "held" })
    verdict.resolve("cancelled")
    await settled()
    expect(await world.ledger.unresolved({ jobs: true })).toEqual([])
  })

  it("cancels the jobs that are running, not those that have ended", async () => {
    const world = jobWorld({ runningPolls: 0 })
    const cancel = vi.fn(async ({ id }: { readonly id: string }) => world.provider.cancel(id))
    const controller = new AbortController()
    let polls = 0
    const at = (point: Point): void => {
      if (point === "poll" && ++polls === 2) controller.abort()
    }
    const error = (await errorOf(
      world
        .process(at, { cancel }, { parallelCalls: 1 })
        .generate({ ...request, n: 6 }, { signal: controller.signal }),
    )) as ImageError
    expect(cancel.mock.calls.map(([{ id }]) => id)).toEqual(["job-2"])
    expect(error).toMatchObject({ code: "aborted", cost: { ...noCost, microUsd: 200_000 } })
    expect(await world.ledger.spend()).toMatchObject([{ microUsd: 200_000, maybeMicroUsd: 0 }])
  })

  it("charges a job whose reply comes although it was cancelled", async () => {
    const world = jobWorld({ runningPolls: 0 })
    const controller = new AbortController()
    const invoke: Transport["invoke"] = async (call) => {
      await call.onSubmitted?.({ id: "job-1" })
      controller.abort()
      await settled()
      return healthy(call)
    }
    const result = await world
      .process(undefined, { invoke, cancel: async () => "cancelled" })
      .generate(request, { signal: controller.signal })
    await settled()
    expect(result.cost).toEqual({ ...noCost, microUsd: 80_000 })
    expect(await world.ledger.spend()).toMatchObject([{ microUsd: 80_000 }])
  })

  it.each([
    ["an error that says that nothing was sent", new ImageError({ code: "aborted", message: "x" })],
    ["any other value", new Error("the caller left")],
  ])("whose reason the transport passes on counts as sent: %s", async (_, reason) => {
    const { ledger, process } = jobWorld()
    const started = deferred<void>()
    const invoke: Transport["invoke"] = ({ signal }) =>
      new Promise((_resolve, reject) => {
        started.resolve()
        signal?.addEventListener("abort", () => reject(signal.reason as Error))
      })
    const controller = new AbortController()
    const done = errorOf(
      process(undefined, { invoke }).generate(request, { signal: controller.signal }),
    )
    await started.promise
    controller.abort(reason)
    expect(await done).toMatchObject({ code: "aborted", maybeBilled: true })
    expect(await ledger.unresolved()).toMatchObject([{ state: "held" }])
  })

  it("lets close wait until the job is recorded, and close the ledger last", async () => {
    const world = jobWorld()
    const written = deferred<void>()
    const order: string[] = []
    const ledger = {
      ...world.ledger,
      submitted: async (...job: Parameters<typeof world.ledger.submitted>) => {
        await written.promise
        order.push("submitted")
        return world.ledger.submitted(...job)
      },
      close: async () => void order.push("close"),
    }
    const { pictor, release } = await abortAt(
      "ordered",
      {},
      {
        ...world,
        process: (at, more) => world.process(at, more, { ledger }),
      },
    )
    const closing = pictor.close()
    release()
    await settled()
    expect(order).toEqual([])
    written.resolve()
    await closing
    expect(order).toEqual(["submitted", "close"])
  })

  it("lets close end after 10 s where a job is never recorded", async () => {
    const { process, ledger } = jobWorld()
    const pause = pauseAt("poll")
    const stuck = { ...ledger, submitted: () => new Promise<void>(() => {}) }
    const started = deferred<void>()
    const at = (point: Point) => {
      if (point === "ordered") started.resolve()
      return pause.at(point)
    }
    const pictor = process(at, { close: async () => {} }, { ledger: stuck })
    const controller = new AbortController()
    const done = errorOf(pictor.generate(request, { signal: controller.signal }))
    await started.promise
    controller.abort()
    await done
    const onClosed = vi.fn()
    const closing = pictor.close().then(onClosed)
    await vi.advanceTimersByTimeAsync(9999)
    expect(onClosed).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await closing
    expect(onClosed).toHaveBeenCalledOnce()
  })
})

describe("a deadline", () => {
  it("during a submit answers in time, and the job is recorded later", async () => {
    const { process, row } = jobWorld()
    const pause = pauseAt("ordered")
    const done = errorOf(process(pause.at).generate(request, { timeoutMs: 1000 }))
    await pause.reached
    await vi.advanceTimersByTimeAsync(1000)
    expect(await done).toMatchObject({ code: "timeout", maybeBilled: true })
    pause.release()
    await settled()
    expect(await row()).toMatchObject({ state: "held", job: { id: "job-1" } })
  })

  it("whose reason the transport passes on counts as sent", async () => {
    const { ledger, process } = jobWorld()
    const invoke: Transport["invoke"] = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error))
      })
    const done = errorOf(process(undefined, { invoke }).generate(request, { timeoutMs: 1000 }))
    await vi.advanceTimersByTimeAsync(1000)
    expect(await done).toMatchObject({ code: "timeout", maybeBilled: true })
    expect(await ledger.unresolved()).toMatchObject([{ state: "held" }])
  })
})
