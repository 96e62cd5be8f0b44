import { readFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "vitest"
import { ask } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import type { LedgerCall } from "./list-calls.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

const text = readFileSync(new URL("./__fixtures__/version-1.sql", import.meta.url), "utf8")

/** A file with the tables and calls of the first version. */
const former = async (): Promise<string> => {
  const url = String(await places.all[0]?.[1]())
  const file = new DatabaseSync(url.slice("file:".length))
  file.exec(text)
  file.close()
  return url
}

const nowMs = Date.parse("2026-11-21T12:00:10Z")

const open = (url: string) => openLedger(url, { now: () => nowMs })

const collect = async (calls: AsyncIterable<LedgerCall>): Promise<readonly LedgerCall[]> => {
  const all: LedgerCall[] = []
  for await (const call of calls) all.push(call)
  return all
}

const row = {
  model: "model-a",
  task: "text-to-image",
  images: 1,
  cost: { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 },
} as const

describe("a database of the first version", () => {
  it("keeps its calls, budgets and idempotency keys", async () => {
    const ledger = await open(await former())
    expect(await ledger.spend({ by: ["state", "user", "endUser"] })).toMatchObject([
      { group: { state: "held", user: "ann" }, calls: 1, maybeMicroUsd: 10 },
      { group: { state: "released", user: "ann" }, calls: 1 },
      { group: { state: "settled", user: "ann" }, calls: 1, microUsd: 10 },
    ])
    expect(await ledger.budgets({ user: "ann" })).toMatchObject([{ cost: { microUsd: 10 } }])
    const [first, ...rest] = await collect(ledger.calls({ key: "k1" }))
    expect([first?.account, first?.tags, first?.endTime, rest.length]).toEqual([
      { key: "k1", user: "ann" },
      { project: "x" },
      undefined,
      2,
    ])
    const again = (key: string, hash: string) =>
      ledger.reserve({ rows: [row], idempotency: { key, hash } })
    await expect(again("key-1", "hash-1")).rejects.toMatchObject({ code: "idempotency_replayed" })
    await expect(again("key-2", "hash-2")).rejects.toMatchObject({ code: "idempotency_unresolved" })
    expect(await ledger.unresolved()).toMatchObject([{ state: "held", account: { user: "ann" } }])
    await ledger.close()
  })

  it("records end users, tags of callers and end times from then on", async () => {
    const url = await former()
    const ledger = await open(url)
    await ledger.setBudget({ scope: { endUser: "kim" }, window: "total", hard: { images: 1 } })
    const order = {
      rows: [row],
      account: { endUser: "kim" },
      tags: { said: "y" },
      clientTags: ["said"],
    }
    const { ids } = await ledger.reserve(order)
    await ledger.settle(String(ids[0]), { cost: row.cost, delivered: 1 })
    await expect(ledger.reserve(order)).rejects.toMatchObject({ code: "budget_exceeded" })
    expect(await collect(ledger.calls({ endUser: "kim" }))).toMatchObject([
      { account: { endUser: "kim" }, tags: { said: "y" }, endTime: "2026-11-21T12:00:10.000Z" },
    ])
    await ledger.close()
    for (const change of ["end_user = 'lee'", "client_tags = null"])
      await expect(ask(url, `update pictor_call set ${change}`)).rejects.toThrow("append-only")
  })
})
