import { assert, asyncProperty } from "fast-check"
import { describe, expect, it } from "vitest"
import { known, order, reserveOne, rowsOf } from "../__fixtures__/ledger-orders.ts"
import {
  codeOf,
  dayMs,
  perform,
  type Step,
  script,
  sundayMs,
} from "../__fixtures__/ledger-property.ts"
import { describeLedger } from "../__fixtures__/ledger-suite.ts"
import { runs } from "../__fixtures__/scale.ts"
import type { Ledger, Reservation } from "../contract/ledger.ts"
import { memoryLedger } from "./memory-ledger.ts"

describeLedger("memoryLedger", ({ now }) => memoryLedger({ now, random: () => 0.5 }))

const clock = (startMs: number) => {
  let nowMs = startMs
  return {
    now: () => nowMs,
    wait: (waitMs: number) => {
      nowMs += waitMs
    },
  }
}

const settled = async (
  ledger: ReturnType<typeof memoryLedger>,
  reservation: Reservation,
): Promise<string> => {
  const id = await reserveOne(ledger, reservation)
  await ledger.settle(id, { cost: known(10), delivered: 1 })
  return id
}

describe("memoryLedger({ maxRows })", () => {
  it("forgets the rows that ended first, never unsettled ones", async () => {
    const { now, wait } = clock(sundayMs)
    const ledger = memoryLedger({ maxRows: 2, now })
    const held = await reserveOne(ledger)
    await ledger.hold(held)
    const ids: string[] = []
    for (let count = 0; count < 3; count += 1) {
      ids.push(await settled(ledger, order(1)))
      wait(1)
    }
    await expect(ledger.release(String(ids[0]))).rejects.toThrow("no longer stores it")
    await expect(ledger.release(String(ids[2]))).rejects.toThrow("is already settled")
    await expect(ledger.resolve(held, "spent")).resolves.toBeUndefined()
  })

  it("forgets released rows", async () => {
    const ledger = memoryLedger({ maxRows: 1 })
    const ids = [await reserveOne(ledger), await reserveOne(ledger)].map(String)
    for (const id of ids) await ledger.release(id)
    await expect(ledger.renew(String(ids[0]))).rejects.toThrow("no longer stores it")
    await expect(ledger.renew(String(ids[1]))).resolves.toBeUndefined()
  })

  it("counts forgotten rows in budgets set before and after", async () => {
    for (const window of ["total", "day", "week", "month", { rollingMs: 3_600_000 }] as const) {
      const { now } = clock(sundayMs)
      const ledger = memoryLedger({ maxRows: 0, now })
      const before = { scope: { key: "k1" }, window, hard: { images: 5 } } as const
      await ledger.setBudget(before)
      for (let count = 0; count < 5; count += 1)
        await settled(ledger, order(1, { account: { key: "k1" }, tags: { project: "x" } }))
      await expect(ledger.reserve(order(1, { account: { key: "k1" } }))).rejects.toMatchObject({
        code: "budget_exceeded",
      })
      await ledger.setBudget({ ...before, scope: { tag: "project=x" } })
      await expect(ledger.reserve(order(1, { tags: { project: "x" } }))).rejects.toMatchObject({
        code: "budget_exceeded",
      })
      await expect(ledger.reserve(order(1, { tags: { project: "y" } }))).resolves.toBeDefined()
    }
  })

  it("reports forgotten rows by every group at the start of their day", async () => {
    const { now, wait } = clock(sundayMs)
    const ledger = memoryLedger({ maxRows: 0, now })
    const account = { key: "k1", user: "ann", team: "red" }
    for (let count = 0; count < 4; count += 1) {
      await settled(ledger, order(1, { account, tags: { project: "x" } }))
      if (count === 1) wait(dayMs)
    }
    const by = [
      "model",
      "task",
      "day",
      "month",
      "key",
      "user",
      "team",
      "state",
      "tag:project",
    ] as const
    const group = {
      model: "model-a",
      task: "text-to-image",
      month: "2026-11",
      ...account,
      state: "settled",
      "tag:project": "x",
    }
    const sums = { calls: 2, images: 2, microUsd: 20, maybeMicroUsd: 0, unpricedImages: 0 }
    expect(await ledger.spend({ by })).toEqual([
      { group: { ...group, day: "2026-11-29" }, ...sums },
      { group: { ...group, day: "2026-11-30" }, ...sums },
    ])
    expect(await ledger.spend({ to: "2026-11-30" })).toEqual([{ group: {}, ...sums }])
  })

  it("keeps an idempotency key longer than its row", async () => {
    const { now } = clock(sundayMs)
    const ledger = memoryLedger({ maxRows: 0, now })
    const once = { ...order(1), idempotency: { key: "key-1", hash: "hash-1" } }
    await settled(ledger, once)
    await expect(ledger.reserve(once)).rejects.toMatchObject({
      code: "idempotency_replayed",
      cost: known(10),
    })
  })

  it("admits and adds up like a ledger that forgets nothing", async () => {
    const play = asyncProperty(script, async ({ budgets, steps }) => {
      // A rolling budget that is set later counts a forgotten row at the time of its day's last.
      const calendar = steps.filter(
        (step) => step.kind !== "budget" || typeof step.budget.window === "string",
      )
      const all = [
        ...budgets.map((budget) => ({ kind: "budget" as const, budget })),
        ...calendar,
      ] as readonly Step[]
      const { now, wait } = clock(sundayMs)
      const ledgers = [1, 1_000_000].map((maxRows) => ({
        ledger: memoryLedger({ now, maxRows }),
        ids: [] as string[],
      }))
      for (const step of all) {
        if (step.kind === "wait") wait(step.waitMs)
        const [few, many] = await Promise.all(
          ledgers.map((each) => outcome(each.ledger, each.ids, step)),
        )
        expect(few).toEqual(many)
      }
    })
    await assert(play, { seed: 20_261_122, numRuns: runs(300) })
  })
})

const outcome = async (ledger: Ledger, ids: string[], step: Step): Promise<readonly unknown[]> => {
  if (step.kind === "budget") await ledger.setBudget(step.budget)
  const reserved =
    step.kind === "reserve"
      ? await codeOf(ledger.reserve(step.reservation).then((each) => ids.push(...each.ids)))
      : ""
  const id = step.kind === "act" ? ids[step.row % ids.length] : undefined
  // Repeating an action fails on a forgotten row and changes nothing on a stored one.
  if (step.kind === "act" && id !== undefined) await codeOf(perform(ledger, id, step.action))
  return [
    reserved,
    await ledger.spend({
      by: ["model", "task", "key", "team", "day", "state", "tag:project", "tag:stage"],
    }),
  ]
}

describe("memoryLedger", () => {
  it("keeps no reference to the caller's objects", async () => {
    const ledger = memoryLedger({ now: () => sundayMs })
    const budget = {
      scope: { everything: true as const },
      window: "total" as const,
      hard: { images: 1 },
    }
    await ledger.setBudget(budget)
    budget.hard.images = 100
    const tags = { project: "x" }
    await ledger.reserve(order(1, { tags }))
    tags.project = "y"
    expect(await ledger.spend({ by: ["tag:project"] })).toMatchObject([
      { group: { "tag:project": "x" } },
    ])
    await expect(ledger.reserve(order(1))).rejects.toMatchObject({ code: "budget_exceeded" })
  })

  it("takes leaseMs", async () => {
    const { now, wait } = clock(sundayMs)
    const ledger = memoryLedger({ now, leaseMs: 10 })
    await ledger.reserve({ rows: rowsOf(known(1)) })
    wait(10)
    expect(await ledger.spend({ by: ["state"] })).toMatchObject([{ group: { state: "released" } }])
  })

  it("uses the system clock by default", async () => {
    const from = new Date().toISOString()
    const ledger = memoryLedger()
    await ledger.reserve(order(1))
    expect(await ledger.spend({ from })).toMatchObject([{ calls: 1 }])
    await ledger.close()
  })
})
