import { describe, expect, it } from "vitest"
import { runs } from "../../core/src/__fixtures__/scale.ts"
import { fillText } from "./__fixtures__/fill.ts"
import { ask } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { type DurableLedger, openLedger } from "./open-ledger.ts"

const places = usePlaces()

const rows = runs(1_000_000)

/** Times of a loaded machine say nothing: the limits hold at full counts only. */
const isSoak = rows === 1_000_000

const cost = { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 }

/** The time of one request: reserve and settle. */
const request = async (ledger: DurableLedger): Promise<number> => {
  const startMs = performance.now()
  const { ids } = await ledger.reserve({
    rows: [{ model: "model-a", task: "text-to-image", images: 1, cost }],
    account: { key: "key-1" },
    sent: true,
  })
  await ledger.settle(String(ids[0]), { cost, delivered: 1 })
  return performance.now() - startMs
}

const at = (times: readonly number[], share: number): number =>
  times.toSorted((first, second) => first - second)[Math.floor(times.length * share)] ?? 0

/** The times of requests, one after the other, until the work is done. */
const timesDuring = async (ledger: DurableLedger, work: Promise<unknown>) => {
  const state = { isDone: false }
  const ended = work.finally(() => {
    state.isDone = true
  })
  const times: number[] = []
  while (!state.isDone || times.length < 100) times.push(await request(ledger))
  await ended
  return times
}

const listAll = async (calls: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of calls);
}

const reports: Readonly<Record<string, (ledger: DurableLedger) => Promise<unknown>>> = {
  "spend by model": (ledger) => ledger.spend({ by: ["model"] }),
  "spend by a tag": (ledger) => ledger.spend({ by: ["tag:project"] }),
  "calls of a key without calls": (ledger) => listAll(ledger.calls({ key: "nobody" })),
  "calls of an unknown request": (ledger) =>
    listAll(ledger.calls({ tags: { "pictor.call_id": "nobody" } })),
  "calls of a key with all calls": (ledger) => listAll(ledger.calls({ key: "key-0" })),
}

describe(`a ledger of ${rows} calls`, () => {
  for (const [name, place] of places.all)
    it(`reserves as fast as an empty one, and serves requests while reports run, on ${name}`, async () => {
      const open = async () => {
        const url = await place()
        return { url, ledger: await openLedger(url) }
      }
      const [empty, full] = [await open(), await open()]
      const engine = name === "SQLite" ? "sqlite" : "postgres"
      for (const text of fillText(engine, rows)) await ask(full.url, text)
      const idle = { empty: [] as number[], full: [] as number[] }
      for (let round = 0; round < runs(200); round += 1) {
        idle.empty.push(await request(empty.ledger))
        idle.full.push(await request(full.ledger))
      }
      const ratio = at(idle.full, 0.5) / at(idle.empty, 0.5)
      const quietMs = at(idle.full, 0.99)
      const added: Record<string, number> = {}
      for (const [report, work] of Object.entries(reports))
        added[report] = at(await timesDuring(full.ledger, work(full.ledger)), 0.99) - quietMs
      process.stdout.write(
        `${name}: reserve and settle: ${ratio.toFixed(2)} of an empty ledger; quiet p99 ${quietMs.toFixed(1)} ms; added ms: ${JSON.stringify(added)}\n`,
      )
      if (isSoak) {
        expect(ratio).toBeLessThan(1.5)
        for (const [report, ms] of Object.entries(added)) expect(ms, report).toBeLessThan(50)
      }
      await Promise.all([empty.ledger.close(), full.ledger.close()])
    })
})
