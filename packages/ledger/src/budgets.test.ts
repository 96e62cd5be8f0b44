import type { Account } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import type { CallQuery } from "./list-calls.ts"
import { type DurableLedger, openLedger } from "./open-ledger.ts"

const places = usePlaces()

const firstMs = Date.parse("2026-11-20T12:00:00.000Z")

const known = (microUsd: number) => ({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

const reserve = async (ledger: DurableLedger, account: Account): Promise<string> => {
  const { ids } = await ledger.reserve({
    rows: [{ model: "model-a", task: "text-to-image", images: 2, cost: known(20) }],
    account,
  })
  return String(ids[0])
}

const listed = async (ledger: DurableLedger, query: CallQuery): Promise<readonly string[]> => {
  const ids: string[] = []
  for await (const { id } of ledger.calls(query)) ids.push(id)
  return ids
}

for (const [name, place] of places.all)
  describe(`budgets, on ${name}`, () => {
    it("returns what is reserved, spent and maybe spent, and the reset time", async () => {
      const ledger = await openLedger(await place(), { now: () => firstMs })
      const day = { scope: { key: "k1" }, window: "day", hard: { microUsd: 100 } } as const
      const all = { scope: { everything: true }, window: "total" } as const
      await ledger.setBudget(day)
      await ledger.setBudget(all)
      await reserve(ledger, { key: "k1" })
      await ledger.settle(await reserve(ledger, { key: "k1" }), { cost: known(10), delivered: 1 })
      await ledger.hold(await reserve(ledger, { key: "k2" }))
      expect(await ledger.budgets({ key: "k1" })).toEqual([
        {
          budget: day,
          images: 1,
          cost: known(10),
          reserved: { microUsd: 20, images: 2 },
          resetsAt: "2026-11-21T00:00:00.000Z",
        },
      ])
      expect(await ledger.budgets({ key: "k2" })).toEqual([])
      expect(await ledger.budgets()).toMatchObject([
        { budget: day },
        {
          budget: all,
          images: 3,
          cost: { microUsd: 10, maybeMicroUsd: 20 },
          reserved: { microUsd: 20 },
        },
      ])
      await ledger.close()
    })

    it("starts from zero in a new window", async () => {
      let nowMs = firstMs
      const ledger = await openLedger(await place(), { now: () => nowMs })
      const rolling = {
        scope: { team: "red" },
        window: { rollingMs: 60_000 },
        hard: { images: 5 },
      } as const
      await ledger.setBudget(rolling)
      expect(await ledger.budgets()).toEqual([
        {
          budget: rolling,
          images: 0,
          cost: known(0),
          reserved: { microUsd: 0, images: 0 },
          resetsAt: new Date(firstMs + 60_000).toISOString(),
        },
      ])
      await ledger.settle(await reserve(ledger, { team: "red" }), { cost: known(10), delivered: 1 })
      expect(await ledger.budgets({ team: "red" })).toMatchObject([
        { images: 1, resetsAt: "2026-11-20T12:01:00.000Z" },
      ])
      nowMs += 61_000
      expect(await ledger.budgets({ team: "red" })).toMatchObject([{ images: 0, cost: known(0) }])
      await ledger.close()
    })

    it("keeps a full rolling budget full when it is closed and opened again", async () => {
      let nowMs = firstMs
      const url = await place()
      const hour = 3_600_000
      const first = await openLedger(url, { now: () => nowMs })
      await first.setBudget({
        scope: { team: "red" },
        window: { rollingMs: hour },
        hard: { images: 2 },
      })
      await first.settle(await reserve(first, { team: "red" }), { cost: known(20), delivered: 2 })
      await first.close()
      for (const [laterMs, expected] of [
        [hour - 120_000, "budget_exceeded"],
        [240_000, "admitted"],
      ] as const) {
        nowMs += laterMs
        const ledger = await openLedger(url, { now: () => nowMs })
        const answer = reserve(ledger, { team: "red" }).then(
          () => ({ code: "admitted" }),
          (error: unknown) => error,
        )
        expect(await answer).toMatchObject({ code: expected })
        await ledger.close()
      }
    })

    it("counts earlier calls in a new budget, back to `from`", async () => {
      let nowMs = firstMs
      const ledger = await openLedger(await place(), { now: () => nowMs })
      await ledger.settle(await reserve(ledger, { key: "k1" }), { cost: known(10), delivered: 1 })
      nowMs += 1000
      await ledger.settle(await reserve(ledger, { key: "k1" }), { cost: known(7), delivered: 1 })
      const from = new Date(nowMs).toISOString()
      nowMs += 1000
      for (const window of ["total", "month", { rollingMs: 60_000 }] as const) {
        await ledger.setBudget({ scope: { key: "k1" }, window }, { from })
        await ledger.setBudget({ scope: { everything: true }, window })
      }
      expect((await ledger.budgets({ key: "k1" })).map(({ cost }) => cost.microUsd)).toEqual([
        7, 7, 7,
      ])
      expect((await ledger.budgets({ everything: true })).map(({ cost }) => cost.microUsd)).toEqual(
        [17, 17, 17],
      )
      await expect(
        ledger.setBudget({ scope: { key: "k2" }, window: "day" }, { from: "now" }),
      ).rejects.toMatchObject({ code: "invalid_request" })
      await ledger.close()
    })
  })

for (const [name, place] of places.all)
  describe(`calls and spend, on ${name}`, () => {
    it("filter by id, key, user and team, and by several of them", async () => {
      const ledger = await openLedger(await place())
      const first = await reserve(ledger, { key: "k1", user: "ann", team: "red" })
      const second = await reserve(ledger, { key: "k1", user: "bob" })
      await reserve(ledger, { key: "k2" })
      expect(await listed(ledger, { key: "k1" })).toEqual([first, second])
      expect(await listed(ledger, { user: "bob" })).toEqual([second])
      expect(await listed(ledger, { team: "red" })).toEqual([first])
      expect(await listed(ledger, { id: second })).toEqual([second])
      expect(await listed(ledger, { key: "k2", id: second })).toEqual([])
      const sums = async (query: Account) =>
        (await ledger.spend({ by: ["key", "user"], ...query })).map(({ group, calls }) => [
          group,
          calls,
        ])
      expect(await sums({ user: "ann" })).toEqual([[{ key: "k1", user: "ann" }, 1]])
      expect(await sums({ key: "k1" })).toEqual([
        [{ key: "k1", user: "ann" }, 1],
        [{ key: "k1", user: "bob" }, 1],
      ])
      expect(await sums({ key: "k2", team: "red" })).toEqual([])
      await expect(ledger.spend({ key: "a\0" })).rejects.toMatchObject({ code: "invalid_request" })
      await expect(listed(ledger, { user: "a\0" })).rejects.toMatchObject({
        code: "invalid_request",
      })
      await ledger.close()
    })
  })
