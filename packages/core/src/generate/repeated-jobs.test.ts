import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { errorOf, healthy, reply } from "../__fixtures__/client.ts"
import type { Point } from "../__fixtures__/job-provider.ts"
import { failing, jobWorld, model } from "../__fixtures__/job-world.ts"
import { memoryStore } from "../__fixtures__/memory-store.ts"
import { runs } from "../__fixtures__/scale.ts"
import { ImageError } from "../contract/errors.ts"
import { fallback } from "../middleware/fallback.ts"

const request = { model, prompt: "a", n: 7, seed: 3, idempotencyKey: "order-1" }

describe("a repeated idempotency key after a crash", () => {
  it.each(["refuse", "retry"] as const)(
    "resumes its jobs and gets their images, seeds and recipes, with lapsed: %s",
    async (lapsed) => {
      const { kill, process, provider, ledger } = jobWorld({ runningPolls: 0 })
      await kill("download", request)
      const { image, images, slots, cost, replayed } = await process(
        undefined,
        {},
        { lapsed },
      ).generate(request)
      expect([images.length, slots.length, replayed]).toEqual([7, 7, true])
      expect(cost).toMatchObject({ microUsd: 280_000, maybeMicroUsd: 0 })
      expect(image.recipe).toMatchObject({
        replayable: true,
        callSeed: 3,
        request: { prompt: "a" },
      })
      expect(images.map(({ seed }) => seed)).toEqual([3, 3, 3, 3, 3, 8, 8])
      expect(provider.jobs).toHaveLength(2)
      expect(await ledger.spend()).toMatchObject([{ calls: 2, images: 7, microUsd: 280_000 }])
    },
  )

  it("gets the images from the store where another process has resumed the jobs", async () => {
    const { kill, process, ledger, provider } = jobWorld({ runningPolls: 0 })
    const { store: imageStore } = memoryStore()
    await kill("poll", request)
    const pictor = process(undefined, {}, { imageStore })
    for (const { id } of await pictor.unfinished()) await pictor.resume(id)
    const { images, replayed } = await pictor.generate(request)
    expect([images.length, replayed]).toEqual([7, true])
    expect(provider.jobs).toHaveLength(2)
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
  })

  it("is in progress while a job is running, and is not ordered again or elsewhere", async () => {
    const { kill, process, provider } = jobWorld({ runningPolls: 2 })
    await kill("poll", request)
    const middleware = [fallback(["acme.list-v1:0"])]
    const pictor = process(undefined, {}, { middleware, lapsed: "retry" })
    for (const _ of [1, 2])
      expect(await errorOf(pictor.generate(request))).toMatchObject({
        code: "idempotency_in_progress",
        retryable: true,
        retryAfterMs: 5000,
      })
    expect((await pictor.generate(request)).images).toHaveLength(7)
    expect(provider.jobs).toHaveLength(2)
  })

  it("is in progress where a job cannot be polled", async () => {
    const { kill, process, provider } = jobWorld()
    await kill("poll", request)
    const resume = () => Promise.reject(new ImageError({ code: "unavailable", message: "Down." }))
    for (const lapsed of ["refuse", "retry"] as const)
      expect(
        await errorOf(process(undefined, { resume }, { lapsed }).generate(request)),
      ).toMatchObject({ code: "idempotency_in_progress", cause: { code: "unavailable" } })
    expect(provider.jobs).toHaveLength(2)
  })

  it("runs again where its job failed at no charge", async () => {
    let isBroken = true
    const { kill, process, provider } = jobWorld({
      runningPolls: 0,
      reply: () => reply({ images: isBroken ? [] : ["iVBORw0KGgo="], error: "No luck." }),
    })
    await kill("poll", { ...request, n: 1 })
    const at = (point: Point): void => {
      if (point === "order") isBroken = false
    }
    const { replayed } = await process(at).generate({ ...request, n: 1 })
    expect(replayed).toBeUndefined()
    expect(provider.jobs).toHaveLength(2)
  })

  it.each([
    ["has no job", "ordered"],
    ["has a lost job", "poll"],
  ] as const)("is unresolved where a row %s, and names it", async (_, point) => {
    const { kill, process, provider, row } = jobWorld()
    await kill(point, { ...request, n: 1 })
    provider.lose("job-1")
    const { id } = await row()
    const error = await errorOf(process().generate({ ...request, n: 1 }))
    expect(error).toMatchObject({ code: "idempotency_unresolved", retryable: false, rows: [id] })
    expect(error.message).toContain(`first: ${id}. createPictor({ lapsed: "retry" })`)
    expect(provider.jobs).toHaveLength(1)
  })

  it("counts a job whose reply cannot be read as spent, with lapsed: retry", async () => {
    const { kill, process, provider } = jobWorld({
      runningPolls: 0,
      reply: (call, job) => (job === "job-1" ? reply("<html>") : healthy(call)),
    })
    await kill("poll", { ...request, n: 1 })
    const pictor = process(undefined, {}, { lapsed: "retry" })
    expect((await pictor.generate({ ...request, n: 1 })).images).toHaveLength(1)
    expect(provider.jobs).toHaveLength(2)
  })

  it("counts a row without a job as spent and orders again, with lapsed: retry", async () => {
    const { kill, process, provider, ledger } = jobWorld()
    await kill("ordered", { ...request, n: 1 })
    await process(undefined, {}, { lapsed: "retry" }).generate({ ...request, n: 1 })
    expect(provider.jobs).toHaveLength(2)
    expect(await ledger.spend()).toMatchObject([{ microUsd: 80_000, maybeMicroUsd: 0 }])
  })

  it.each(["refuse", "retry"] as const)(
    "is not ordered again where the job's end cannot be written, with lapsed: %s",
    async (lapsed) => {
      const { kill, process, ledger, provider } = jobWorld({ runningPolls: 0 })
      await kill("poll", { ...request, n: 1 })
      const broken = process(undefined, {}, { ledger: failing(ledger, "settle"), lapsed })
      expect(await errorOf(broken.generate({ ...request, n: 1 }))).toMatchObject({
        code: "idempotency_unresolved",
      })
      const { images } = await process().generate({ ...request, n: 1 })
      expect(images).toHaveLength(1)
      expect(provider.jobs).toHaveLength(1)
    },
  )
})

const steps = fc.array(
  fc.record({
    key: fc.constantFrom("a", "b", undefined),
    n: fc.integer({ min: 1, max: 7 }),
    stop: fc.constantFrom<Point | "leave" | undefined>(
      "order",
      "ordered",
      "poll",
      "download",
      "leave",
      undefined,
    ),
    resumes: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
)

describe("any sequence of requests, crashes, aborts and resumes", () => {
  it("orders a keyed request once, and the ledger equals the bill", async () => {
    const property = fc.asyncProperty(steps, fc.integer({ min: 0, max: 2 }), async (all, polls) => {
      const { kill, process, provider, ledger } = jobWorld({ runningPolls: polls })
      const cancel = async ({ id }: { readonly id: string }) => provider.cancel(id)
      const resumeAll = async (): Promise<void> => {
        const rows = await process().unfinished()
        const both = rows.flatMap(({ id }) => [process().resume(id), process().resume(id)])
        await Promise.allSettled(both)
      }
      for (const { key, n, stop, resumes } of all) {
        const order = { prompt: key ?? "none", n: key ? 6 : n }
        const keyed = { ...order, ...(key && { idempotencyKey: key }) }
        if (stop === "leave") {
          const controller = new AbortController()
          const at = (point: Point): void => {
            if (point === "poll") controller.abort()
          }
          const { signal } = controller
          await process(at, { cancel })
            .generate({ model, ...keyed }, { signal })
            .catch(() => {})
        } else if (stop) await kill(stop, keyed).catch(() => {})
        else
          await process()
            .generate({ model, ...keyed })
            .catch(() => {})
        for (let turn = 0; turn < resumes; turn++) await resumeAll()
      }
      for (let turn = 0; turn <= polls + 1; turn++) await resumeAll()

      const rows = await ledger.unresolved({ jobs: true })
      expect(rows.filter(({ job }) => job)).toEqual([])
      const promptOf = (body: object): unknown =>
        (body as { readonly textParams: { readonly text: string } }).textParams.text
      const billed = provider.billed()
      for (const key of ["a", "b"])
        expect(billed.filter(({ call }) => promptOf(call.body) === key).length).toBeLessThanOrEqual(
          2,
        )
      const images = billed.reduce(
        (sum, { call }) => sum + (call.body["config"] as { readonly count: number }).count,
        0,
      )
      const [spend] = await ledger.spend()
      const { microUsd = 0, maybeMicroUsd = 0 } = spend ?? {}
      const unknown = rows.reduce((sum, row) => sum + row.images, 0)
      expect(maybeMicroUsd).toBe(unknown * 40_000)
      expect(microUsd).toBeLessThanOrEqual(images * 40_000)
      expect(microUsd + maybeMicroUsd).toBeGreaterThanOrEqual(images * 40_000)
    })
    await fc.assert(property, { numRuns: runs(2000) })
  })
})
