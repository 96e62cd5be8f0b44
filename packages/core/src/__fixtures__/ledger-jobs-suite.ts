import { describe, expect, it } from "vitest"
import type { Ledger, Settlement, SubmittedJob, UnresolvedRow } from "../contract/ledger.ts"
import { type CreateLedger, known, order, reserveOne } from "./ledger-orders.ts"
import { sundayMs } from "./ledger-property.ts"

const job: SubmittedJob = {
  id: "job-1",
  url: "https://api.example.com/jobs/job-1",
  adapter: "acme",
  modelId: "acme-model",
  region: "north-1",
  price: { units: { credit: 10_000 }, most: { image: { credit: 4 } }, source: "page" },
}

const settlement: Settlement = {
  cost: known(7),
  delivered: 1,
  requestId: "r-1",
  usage: { outputImageToken: 1120, credit: 4.5 },
  estimated: true,
}

type Act = (ledger: Ledger, id: string) => Promise<void>

const lapse = 60_000

/** Jobs beside rows, the provider, and what it counted. */
export const describeJobs = (create: CreateLedger): void => {
  describe("a job", () => {
    const states: readonly (readonly [UnresolvedRow["state"], Act, number])[] = [
      ["reserved", (ledger, id) => ledger.sent(id), 0],
      ["held", (ledger, id) => ledger.hold(id), 0],
      ["lapsed", (ledger, id) => ledger.sent(id), lapse],
    ]
    for (const [state, act, waitMs] of states)
      it(`is kept beside a ${state} row, with what resuming it needs`, async () => {
        let nowMs = sundayMs
        const ledger = await create({ now: () => nowMs })
        const id = await reserveOne(ledger, order(2, { account: { key: "k1" } }))
        await act(ledger, id)
        nowMs += waitMs
        await ledger.submitted(id, job)
        await ledger.submitted(id, job)
        expect(await ledger.unresolved({ jobs: true })).toEqual([
          {
            id,
            time: new Date(sundayMs).toISOString(),
            state,
            model: "model-a",
            task: "text-to-image",
            account: { key: "k1" },
            images: 2,
            cost: { microUsd: 0, maybeMicroUsd: 20, unpricedImages: 0 },
            job,
          },
        ])
        await ledger.submitted(id, { ...job, lost: true })
        expect(await ledger.unresolved({ jobs: true })).toMatchObject([{ job: { lost: true } }])
        expect(await ledger.spend({ by: ["state"] })).toMatchObject([{ group: { state } }])
      })

    it("stays beside a row that lapses or is held later", async () => {
      let nowMs = sundayMs
      const ledger = await create({ now: () => nowMs })
      const [lapsed, held] = [await reserveOne(ledger), await reserveOne(ledger)]
      for (const id of [lapsed, held]) {
        await ledger.sent(id)
        await ledger.submitted(id, job)
      }
      await ledger.hold(held)
      nowMs += lapse
      expect(await ledger.unresolved()).toMatchObject([
        { id: lapsed, state: "lapsed", job },
        { id: held, state: "held", job },
      ])
    })

    it("is found by the id of its row, in every state without an outcome", async () => {
      const ledger = await create({ now: () => sundayMs })
      const [held, sent, settled] = [
        await reserveOne(ledger),
        await reserveOne(ledger),
        await reserveOne(ledger),
      ]
      await ledger.hold(held)
      await ledger.sent(sent)
      await ledger.settle(settled, settlement)
      const found = async (id: string, jobs = true): Promise<readonly string[]> =>
        (await ledger.unresolved({ jobs, id })).map((row) => row.id)
      expect(await found(held)).toEqual([held])
      expect(await found(sent)).toEqual([sent])
      expect(await found(sent, false)).toEqual([])
      expect(await found(settled)).toEqual([])
      expect(await found("01ARZ3NDEKTSV4RRFFQ69G5FAV")).toEqual([])
    })

    it("does not restart the lease", async () => {
      let nowMs = sundayMs
      const ledger = await create({ now: () => nowMs })
      const id = await reserveOne(ledger)
      await ledger.sent(id)
      nowMs += lapse - 1
      await ledger.submitted(id, job)
      nowMs += 1
      expect(await ledger.unresolved()).toMatchObject([{ id, state: "lapsed", job }])
    })

    it("is rejected beside a row that has ended, unless it is the same", async () => {
      const ledger = await create({ now: () => sundayMs })
      const [settled, released] = [await reserveOne(ledger), await reserveOne(ledger)]
      await ledger.submitted(settled, job)
      await ledger.settle(settled, settlement)
      await ledger.release(released)
      await ledger.submitted(settled, job)
      for (const id of [settled, released, "01ARZ3NDEKTSV4RRFFQ69G5FAV"])
        await expect(ledger.submitted(id, { ...job, id: "job-2" })).rejects.toMatchObject({
          code: "invalid_request",
          message: expect.stringContaining(id),
        })
    })

    it.each([
      ["without an id", { ...job, id: "" }],
      ["too large", { ...job, url: `https://example.com/${"a".repeat(17_000)}` }],
    ])("is rejected %s", async (_, wrong) => {
      const ledger = await create({ now: () => sundayMs })
      const id = await reserveOne(ledger)
      await expect(ledger.submitted(id, wrong)).rejects.toMatchObject({ code: "invalid_request" })
    })

    it("may have any characters", async () => {
      const ledger = await create({ now: () => sundayMs })
      const id = await reserveOne(ledger, order(1, { sent: true }))
      const odd = { ...job, id: "'\"\\ é✓𝒳 \0 \ud800", url: "{}" }
      await ledger.submitted(id, odd)
      expect(await ledger.unresolved({ jobs: true })).toMatchObject([{ job: odd }])
    })
  })

  describe("unresolved", () => {
    it("lists sent rows that are still reserved only with jobs, each page in order", async () => {
      const ledger = await create({ now: () => sundayMs })
      const ids: string[] = []
      for (let index = 0; index < 5; index++) ids.push(await reserveOne(ledger))
      const [unsent, running, held, settled, last] = ids as [string, string, string, string, string]
      for (const id of [running, held, settled, last]) await ledger.sent(id)
      await ledger.hold(held)
      await ledger.settle(settled, settlement)
      const listed = async (query?: Parameters<Ledger["unresolved"]>[0]) =>
        (await ledger.unresolved(query)).map(({ id }) => id)
      expect(await listed()).toEqual([held])
      expect(await listed({ jobs: true })).toEqual([running, held, last])
      expect(await listed({ jobs: true, after: running })).toEqual([held, last])
      expect(await listed({ jobs: true, after: last })).toEqual([])
      await ledger.release(unsent)
    })
  })

  describe("the provider", () => {
    it("is what spend groups by; rows without one are a group of their own", async () => {
      const ledger = await create({ now: () => sundayMs })
      for (const provider of ["Acme", "Acme", "Zeta", undefined]) {
        const { rows } = order(1)
        const named = rows.map((row) => (provider === undefined ? row : { ...row, provider }))
        const id = await reserveOne(ledger, { rows: named })
        await ledger.settle(id, { cost: known(10), delivered: 1 })
      }
      const found = await ledger.spend({ by: ["provider"] })
      expect(found).toHaveLength(3)
      for (const [group, calls] of [
        [{ provider: "Acme" }, 2],
        [{ provider: "Zeta" }, 1],
        [{}, 1],
      ] as const)
        expect(found).toContainEqual({
          group,
          calls,
          images: calls,
          microUsd: calls * 10,
          maybeMicroUsd: 0,
          unpricedImages: 0,
        })
    })

    it("is in the list of unresolved rows", async () => {
      const ledger = await create({ now: () => sundayMs })
      const rows = order(1).rows.map((row) => ({ ...row, provider: "Acme" }))
      await ledger.hold(await reserveOne(ledger, { rows }))
      expect(await ledger.unresolved()).toMatchObject([{ provider: "Acme" }])
    })
  })

  describeUsage(create)
}

const describeUsage = (create: CreateLedger): void => {
  describe("what was counted", () => {
    it("changes nothing if the same settlement comes again, however it is written", async () => {
      const ledger = await create({ now: () => sundayMs })
      const id = await reserveOne(ledger)
      await ledger.hold(id)
      await ledger.settle(id, settlement)
      const { usage, ...rest } = settlement
      await ledger.settle(id, { ...rest, usage: { credit: 4.5, outputImageToken: 1120 } })
      await expect(ledger.settle(id, { ...rest, usage: { credit: 5 } })).rejects.toMatchObject({
        code: "invalid_request",
      })
      await expect(ledger.settle(id, rest)).rejects.toMatchObject({ code: "invalid_request" })
      expect(await ledger.spend()).toMatchObject([{ microUsd: 7 }])
      expect(usage).toEqual(settlement.usage)
    })

    it.each([{ credit: -1 }, { credit: Number.NaN }, { credits: 1 }, {}])(
      "is rejected unless it is numbers from 0 by unit: %j",
      async (usage) => {
        const ledger = await create({ now: () => sundayMs })
        const id = await reserveOne(ledger)
        await expect(ledger.settle(id, { ...settlement, usage })).rejects.toMatchObject({
          code: "invalid_request",
        })
      },
    )

    for (const verdict of ["spent", "unspent"] as const)
      it(`stays in a held row that is resolved as ${verdict}, and is recalled`, async () => {
        const ledger = await create({ now: () => sundayMs })
        const idempotency = { key: "k", hash: "h" }
        const id = await reserveOne(ledger, order(2, { idempotency }))
        const cost = { microUsd: 10, maybeMicroUsd: 10, unpricedImages: 0 }
        await ledger.hold(id, { ...settlement, cost })
        await ledger.resolve(id, verdict)
        expect(await ledger.recall?.(idempotency)).toMatchObject({
          calls: [{ id, usage: settlement.usage }],
        })
      })
  })
}
