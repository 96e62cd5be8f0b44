import { readFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import pg from "pg"
import { describe, expect, it } from "vitest"
import { ask, compareSums, strayEntries } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { exportCsv } from "./export.ts"
import type { LedgerCall } from "./list-calls.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

const script = (version: number, engine: string): string =>
  readFileSync(
    new URL(`./__fixtures__/version-${version}.${engine.toLowerCase()}.sql`, import.meta.url),
    "utf8",
  )

/** Runs the statements of a dump in a new database. */
const fill = async (url: string, text: string): Promise<string> => {
  if (url.startsWith("file:")) {
    const file = new DatabaseSync(url.slice("file:".length))
    file.exec(text)
    file.close()
    return url
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
  return url
}

const nowMs = Date.parse("2026-11-21T12:00:10Z")

const open = (url: string, atMs = nowMs) => openLedger(url, { now: () => atMs })

const collect = async (calls: AsyncIterable<LedgerCall>): Promise<readonly LedgerCall[]> => {
  const all: LedgerCall[] = []
  for await (const call of calls) all.push(call)
  return all
}

const cost = { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 }

const row = { model: "model-a", task: "text-to-image", images: 1, cost } as const

const job = { id: "job-1", adapter: "acme", modelId: "acme-model" }

const versions = [1, 2].flatMap((version) =>
  places.all.map(([engine, create]) => ({
    version,
    engine,
    former: async () => fill(await create(), script(version, engine)),
  })),
)

describe.each(versions)("a database of version $version, on $engine", ({ version, former }) => {
  it("keeps its calls, budgets and idempotency keys", async () => {
    const url = await former()
    const ledger = await open(url)
    expect(await ledger.spend({ by: ["state", "user"] })).toMatchObject([
      { group: { state: "held", user: "ann" }, calls: 1, maybeMicroUsd: 10 },
      { group: { state: "released", user: "ann" }, calls: 1 },
      { group: { state: "reserved", user: "ann" }, calls: 2 },
      { group: { state: "settled", user: "ann" }, calls: 2, microUsd: 20 },
    ])
    expect(await ledger.budgets({ user: "ann" })).toMatchObject([{ cost: { microUsd: 20 } }])
    const [first, ...rest] = await collect(ledger.calls({ key: "k1" }))
    expect(first).toMatchObject({
      account: { key: "k1", user: "ann", ...(version > 1 && { endUser: "kim" }) },
      tags: { project: "x" },
      size: "1024x1024",
      quality: "standard",
      price: "page",
      seed: 7,
      requestId: "r-1",
    })
    expect(first?.endTime).toBe(version > 1 ? "2026-11-21T12:00:01.000Z" : undefined)
    expect(rest).toHaveLength(5)
    const again = (key: string, hash: string) =>
      ledger.reserve({ rows: [row], idempotency: { key, hash } })
    await expect(again("key-1", "hash-1")).rejects.toMatchObject({ code: "idempotency_replayed" })
    await expect(again("key-2", "hash-2")).rejects.toMatchObject({ code: "idempotency_unresolved" })
    expect(await ledger.unresolved()).toMatchObject([{ state: "held", account: { user: "ann" } }])
    await ledger.close()
    const { calls, tallies } = await compareSums(url)
    for (const tally of tallies) expect(tally).toEqual(calls)
    expect(await strayEntries(url)).toEqual([])
  })

  it("has rows without a provider, a count or a job", async () => {
    const ledger = await open(await former())
    expect(await ledger.spend({ by: ["provider"] })).toMatchObject([{ group: {}, calls: 6 }])
    const rows = [...(await collect(ledger.calls())), ...(await ledger.unresolved({ jobs: true }))]
    expect(rows).toHaveLength(8)
    for (const each of rows)
      for (const name of ["provider", "usage", "estimated", "job"])
        expect(each).not.toHaveProperty(name)
    await ledger.close()
  })

  it("takes jobs and counts for its open rows, and keeps them", async () => {
    const url = await former()
    const ledger = await open(url)
    const [held, running] = await ledger.unresolved({ jobs: true })
    expect([held?.state, running?.state]).toEqual(["held", "reserved"])
    for (const each of [held, running]) await ledger.submitted(String(each?.id), job)
    await ledger.close()
    // A day later the lease of the running row has ended.
    const later = await open(url, nowMs + 86_400_000)
    expect(await later.unresolved()).toMatchObject([
      { id: held?.id, state: "held", job },
      { id: running?.id, state: "lapsed", job },
    ])
    const usage = { outputImageToken: 1120 }
    await later.settle(String(running?.id), { cost, delivered: 1, usage, estimated: true })
    const [settled] = await collect(later.calls({ id: String(running?.id) }))
    expect(settled).toMatchObject({ state: "settled", usage, estimated: true })
    await later.close()
  })

  it("records providers, end users and tags of callers from then on", async () => {
    const url = await former()
    const ledger = await open(url)
    await ledger.setBudget({ scope: { endUser: "lee" }, window: "total", hard: { images: 1 } })
    const order = {
      rows: [{ ...row, provider: "Acme" }],
      account: { endUser: "lee" },
      tags: { said: "y" },
      clientTags: ["said"],
    }
    const { ids } = await ledger.reserve(order)
    await ledger.settle(String(ids[0]), { cost, delivered: 1, usage: { credit: 4.5 } })
    await expect(ledger.reserve(order)).rejects.toMatchObject({ code: "budget_exceeded" })
    expect(await collect(ledger.calls({ endUser: "lee" }))).toMatchObject([
      {
        account: { endUser: "lee" },
        tags: { said: "y" },
        endTime: "2026-11-21T12:00:10.000Z",
        provider: "Acme",
        usage: { credit: 4.5 },
      },
    ])
    let csv = ""
    for await (const text of exportCsv(ledger)) csv += text
    expect(csv.split("\n").at(-2)).toMatch(/,Acme,"\{""credit"":4.5\}",$/)
    await ledger.close()
    for (const change of ["end_user = 'kim'", "client_tags = null", "provider = 'Zeta'"])
      await expect(ask(url, `update pictor_call set ${change}`)).rejects.toThrow("append-only")
  })
})
