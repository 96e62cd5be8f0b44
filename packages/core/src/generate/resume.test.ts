import { describe, expect, it } from "vitest"
import { errorOf, images, png, reply, testClient } from "../__fixtures__/client.ts"
import { grid } from "../__fixtures__/families.ts"
import type { Point } from "../__fixtures__/job-provider.ts"
import { failing, jobWorld, model } from "../__fixtures__/job-world.ts"
import { memoryStore } from "../__fixtures__/memory-store.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import { ImageError } from "../contract/errors.ts"
import type { ResumeResult } from "../contract/generate.ts"
import { noCost } from "../planning/price.ts"

const ended = (result: ResumeResult): Extract<ResumeResult, { readonly slots: unknown }> => {
  if ("slots" in result) return result
  throw new Error(`The job is ${result.status}.`)
}

const points: readonly Point[] = ["ordered", "poll", "download"]

describe("unfinished", () => {
  it.each([
    ["order", undefined, false],
    ["ordered", undefined, false],
    ["poll", "job-1", true],
    ["download", "job-1", true],
  ] as const)("lists the row of a process that was killed at %s", async (point, job, resumable) => {
    const { kill, process } = jobWorld()
    await kill(point, { n: 2 })
    const rows = await process().unfinished()
    expect(rows).toMatchObject([{ state: "lapsed", model, images: 2, resumable }])
    expect(rows[0]?.job?.id).toBe(job)
  })

  it("lists a row whose process was just killed, or is still running", async () => {
    const { kill, process, pass } = jobWorld()
    await kill("poll")
    pass(-61_000)
    expect(await process().unfinished()).toMatchObject([{ state: "reserved", resumable: true }])
  })

  it("lists rows after an id, over all pages of the ledger", async () => {
    const { kill, process, ledger } = jobWorld()
    for (let row = 0; row < 5; row++) await kill("poll")
    const paged = {
      ...ledger,
      unresolved: async (query = {}) => (await ledger.unresolved(query)).slice(0, 2),
    }
    const pictor = process(undefined, {}, { ledger: paged })
    const ids = (await pictor.unfinished()).map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted())
    expect(ids).toHaveLength(5)
    const after = ids[1] as string
    expect((await pictor.unfinished({ after })).map(({ id }) => id)).toEqual(ids.slice(2))
  })

  it("is unsupported without a ledger, as resume is", async () => {
    const { pictor } = testClient()
    for (const call of [pictor.unfinished(), pictor.resume("row")])
      expect(await errorOf(call)).toMatchObject({
        code: "unsupported",
        message: expect.stringContaining("createPictor({ ledger })"),
      })
  })
})

describe("resume", () => {
  it.each(["poll", "download"] as const)(
    "delivers the images of a process that was killed at %s, and settles its row",
    async (point) => {
      const { kill, process, row, ledger, provider } = jobWorld()
      await kill(point, { n: 3 })
      const { id } = await row()
      const pictor = process()
      if (point === "poll") expect(await pictor.resume(id)).toEqual({ status: "running" })
      const { status, slots, cost, warnings } = ended(await pictor.resume(id))
      expect([status, warnings]).toEqual(["delivered", []])
      expect(slots.map((slot) => slot.status)).toEqual(["delivered", "delivered", "delivered"])
      expect(cost).toEqual({ ...noCost, microUsd: 120_000 })
      expect(await ledger.spend()).toMatchObject([{ images: 3, ...cost }])
      expect(await pictor.unfinished()).toEqual([])
      expect(provider.jobs).toHaveLength(1)
    },
  )

  it("gives images a recipe without a request, which cannot be replayed", async () => {
    const { kill, process, row } = jobWorld({ runningPolls: 0 })
    await kill("poll", { n: 2, seed: 7 })
    const pictor = process()
    const { slots } = ended(await pictor.resume((await row()).id))
    const [first] = slots
    if (first?.status !== "delivered") throw new Error("no image")
    expect(first.image.base64()).toBe(png)
    expect(first.image.seed).toBe(7)
    expect(first.image.recipe).toMatchObject({
      request: {},
      model,
      modelId: model,
      callSeed: 7,
      callImages: 2,
      index: 0,
      replayable: false,
    })
    expect(await errorOf(pictor.replay(first.image.recipe))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("the ledger keeps no request"),
    })
  })

  it("of an expired job marks it lost and changes no state", async () => {
    const { kill, process, row, provider, ledger } = jobWorld()
    await kill("poll")
    provider.lose("job-1")
    const { id } = await row()
    const pictor = process()
    expect(await pictor.resume(id)).toEqual({ status: "expired" })
    expect(await row()).toMatchObject({ state: "lapsed", job: { id: "job-1", lost: true } })
    expect(await pictor.unfinished()).toMatchObject([{ resumable: false }])
    expect(await pictor.resume(id)).toEqual({ status: "expired" })
    await ledger.resolve(id, "unspent")
    expect(await pictor.unfinished()).toEqual([])
  })

  it("of a failed job at no charge releases the row", async () => {
    const { kill, process, row, ledger } = jobWorld({
      runningPolls: 0,
      reply: () => reply({ images: [], error: "No luck." }),
    })
    await kill("poll")
    const { status, cost } = ended(await process().resume((await row()).id))
    expect([status, cost]).toEqual(["failed", noCost])
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
    expect(await ledger.spend()).toMatchObject([noCost])
  })

  it("of a job whose reply cannot be read leaves the row, maybe charged", async () => {
    const { kill, process, row } = jobWorld({ runningPolls: 0, reply: () => reply("<html>") })
    await kill("poll")
    const { id } = await row()
    const { status, cost, warnings } = ended(await process().resume(id))
    expect([status, warnings]).toEqual(["failed", []])
    expect(cost).toEqual({ ...noCost, maybeMicroUsd: 40_000 })
    expect(await row()).toMatchObject({ id, state: "held", cost })
    expect(ended(await process().resume(id)).warnings).toEqual([])
  })

  it("of a held row whose reply cannot be read changes nothing", async () => {
    const { process, row } = jobWorld({
      runningPolls: 0,
      reply: () => ({ ...reply("<html>"), requestId: "r-1" }),
    })
    const late = (point: Point): void => {
      if (point === "poll")
        throw new ImageError({ code: "timeout", message: "Late.", maybeBilled: true })
    }
    await errorOf(process(late).generate({ model, prompt: "a" }))
    const before = await row()
    expect(before.state).toBe("held")
    expect(ended(await process().resume(before.id)).warnings).toEqual([])
    expect(await row()).toEqual(before)
  })

  it("of a job that a filter ended ends the row at no charge", async () => {
    const { kill, process, row, ledger } = jobWorld()
    await kill("poll")
    const resume = () =>
      Promise.reject(
        new ImageError({ code: "content_filtered", message: "Filtered.", stage: "output" }),
      )
    const result = await process(undefined, { resume }).resume((await row()).id)
    expect(result).toMatchObject({ status: "failed", slots: [{ status: "filtered" }] })
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
  })

  it.each([
    ["an error of the transport", new ImageError({ code: "rate_limited", message: "Slowly." })],
    ["any other error", new Error("secret detail")],
  ])("throws where a poll fails with %s, and changes nothing", async (_, failure) => {
    const { kill, process, row } = jobWorld()
    await kill("poll")
    const before = await row()
    const error = await errorOf(
      process(undefined, { resume: () => Promise.reject(failure) }).resume(before.id),
    )
    expect(error).toMatchObject({
      code: failure instanceof ImageError ? "rate_limited" : "unavailable",
      retryable: true,
      maybeBilled: false,
    })
    expect(error.message).not.toContain("secret")
    expect(await row()).toEqual(before)
  })

  it("passes the job, the call and the signal to the transport", async () => {
    const { kill, process, row } = jobWorld()
    await kill("poll", { model: `wire/south-1/${model}` }, {})
    const seen: unknown[] = []
    const { signal } = new AbortController()
    await process(undefined, {
      resume: async (...given) => {
        seen.push(given)
        return "running"
      },
    }).resume((await row()).id, { signal })
    expect(seen).toEqual([
      [
        { id: "job-1", url: "https://jobs.example/job-1" },
        { model, modelId: model, region: "south-1", signal },
      ],
    ])
  })

  it("passes the family's wire to the transport, as the call itself does", async () => {
    const { provider, ledger } = jobWorld()
    const http = { provider: "acme", baseUrl: "https://api.example", auth: { header: "key" } }
    const seen: unknown[] = []
    const transport = provider.transport(undefined, {
      invoke: async (call) => {
        seen.push(call.http)
        await call.onSubmitted?.({ id: "job-1" })
        throw new ImageError({ code: "timeout", message: "Late.", maybeBilled: true })
      },
      resume: async (_, call) => {
        seen.push(call.http)
        return "running"
      },
    })
    const pictor = createPictor<readonly ImageAdapter[]>({
      adapters: [{ ...grid(transport), http }],
      ledger,
    })
    await errorOf(pictor.generate({ model, prompt: "a" }))
    for (const { id } of await pictor.unfinished()) await pictor.resume(id)
    expect(seen).toEqual([http, http])
  })

  it.each([
    [
      "has ended",
      "poll",
      async () => {},
      { code: "invalid_request", message: /no unfinished row/ },
    ],
    ["has no job", "ordered", undefined, { code: "invalid_request", message: /ledger\.resolve/ }],
  ] as const)("rejects a row that %s", async (_, point, end, expected) => {
    const { kill, process, row, ledger } = jobWorld()
    await kill(point)
    const { id } = await row()
    if (end) await ledger.resolve(id, "spent")
    const error = await errorOf(process().resume(id))
    expect(error).toMatchObject({ code: expected.code })
    expect(error.message).toMatch(expected.message)
  })

  it("names the adapter that the client lacks, or the transport that cannot resume", async () => {
    const { kill, ledger, row, provider } = jobWorld()
    await kill("poll")
    const { id } = await row()
    const clientOf = (adapter: ImageAdapter) =>
      createPictor<readonly ImageAdapter[]>({ adapters: [adapter], ledger })
    const { resume: _resume, ...transport } = provider.transport()
    expect(
      await errorOf(clientOf(grid(provider.transport(), { name: "eu" })).resume(id)),
    ).toMatchObject({ code: "misconfigured", message: expect.stringContaining("adapter grid") })
    expect(await errorOf(clientOf(grid(transport)).resume(id))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("cannot resume jobs"),
    })
  })

  it("delivers the images to two processes at once, which settle the row the same", async () => {
    const { kill, process, row, ledger } = jobWorld({ runningPolls: 0 })
    await kill("poll", { n: 2 })
    const { id } = await row()
    const results = await Promise.all([process().resume(id), process().resume(id)])
    for (const result of results)
      expect(result).toMatchObject({
        status: "delivered",
        cost: { microUsd: 80_000 },
        warnings: [],
      })
    expect(await ledger.spend()).toMatchObject([{ calls: 1, images: 2, microUsd: 80_000 }])
  })

  it("races the process that is still polling, which delivers too", async () => {
    const { process, row, ledger, provider } = jobWorld({ runningPolls: 0 })
    let resume: Promise<ResumeResult> | undefined
    const at = async (point: Point): Promise<void> => {
      if (point !== "download") return
      resume = process().resume((await row()).id)
      await resume
    }
    const result = await process(at).generate({ model, prompt: "a", n: 2 })
    expect(result.cost).toEqual({ ...noCost, microUsd: 80_000 })
    expect(result.warnings.join()).not.toContain("ledger")
    expect(await resume).toMatchObject({ status: "delivered" })
    expect(provider.jobs).toHaveLength(1)
    expect(await ledger.spend()).toMatchObject([{ calls: 1, images: 2, microUsd: 80_000 }])
  })

  it("delivers with a warning where the ledger cannot be written, and may be repeated", async () => {
    const { kill, process, row, ledger } = jobWorld({ runningPolls: 0 })
    await kill("poll")
    const { id } = await row()
    const broken = process(undefined, {}, { ledger: failing(ledger, "settle") })
    const { status, warnings } = ended(await broken.resume(id))
    expect(status).toBe("delivered")
    expect(warnings.join()).toContain(`could not write the end of row ${id}`)
    expect(ended(await process().resume(id)).warnings).toEqual([])
    expect(await ledger.spend()).toMatchObject([{ microUsd: 40_000 }])
  })

  it("stores the images, and leaves the row unfinished where they cannot be stored", async () => {
    const { kill, process, row, ledger } = jobWorld({ runningPolls: 0 })
    await kill("poll", { n: 2, tags: { project: "tea" } })
    const { id } = await row()
    let isFull = true
    const {
      store: imageStore,
      stored,
      abouts,
    } = memoryStore(() => {
      if (isFull) throw new Error("The disk is full.")
    })
    const pictor = process(undefined, {}, { imageStore })
    const first = ended(await pictor.resume(id))
    expect(first.status).toBe("delivered")
    expect(first.warnings.join()).toContain("stays unfinished")
    expect(await row()).toMatchObject({ id, state: "lapsed" })
    isFull = false
    await pictor.resume(id)
    expect([...stored.keys()]).toEqual([`${id}/0`, `${id}/1`])
    expect(abouts.get(`${id}/1`)).toMatchObject({
      day: "2026-11-20",
      tags: { project: "tea" },
      cost: { microUsd: 40_000 },
    })
    expect(await ledger.unresolved({ jobs: true })).toEqual([])
  })

  it("charges more images than were ordered, and fails the ones that are missing", async () => {
    for (const [count, statuses] of [
      [3, ["delivered", "delivered", "delivered"]],
      [1, ["delivered", "failed"]],
    ] as const) {
      const { kill, process, row, ledger } = jobWorld({
        runningPolls: 0,
        reply: () => images(count),
      })
      await kill("poll", { n: 2 })
      const { slots } = ended(await process().resume((await row()).id))
      expect(slots.map(({ status }) => status)).toEqual(statuses)
      expect(await ledger.spend()).toMatchObject([{ microUsd: 40_000 * count, images: count }])
    }
  })

  it.each(points)("never orders again: killed at %s", async (point) => {
    const { kill, process, row, provider } = jobWorld({ runningPolls: 0 })
    await kill(point)
    await process()
      .resume((await row()).id)
      .catch(() => {})
    expect(provider.jobs).toHaveLength(1)
  })
})
