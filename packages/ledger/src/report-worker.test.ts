import { performance } from "node:perf_hooks"
import { setImmediate as turn } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { fillText } from "./__fixtures__/fill.ts"
import { ask } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

const filled = async (rows: number): Promise<string> => {
  const url = String(await places.all[0]?.[1]())
  await (await openLedger(url)).close()
  for (const text of fillText("sqlite", rows)) await ask(url, text)
  return url
}

/** How often the event loop turns until the work is done. */
const turnsDuring = async (work: Promise<unknown>): Promise<number> => {
  const state = { isDone: false }
  let turns = 0
  const ended = work.finally(() => {
    state.isDone = true
  })
  for (; !state.isDone; turns += 1) await turn()
  await ended
  return turns
}

describe("reports of a SQLite ledger", () => {
  it("leave the event loop free while they scan", async () => {
    const ledger = await openLedger(await filled(100_000))
    const first = await ledger.spend({ by: ["model"] })
    const startMs = performance.now()
    const turns = await turnsDuring(ledger.spend({ by: ["tag:project"] }))
    expect(first).toMatchObject([{ calls: 100_000 }])
    expect(turns).toBeGreaterThan((performance.now() - startMs) / 20)
    await ledger.close()
  })

  it("leave the event loop a turn between the pages of a list", async () => {
    const ledger = await openLedger(await filled(10_000))
    const list = async (): Promise<void> => {
      for await (const _ of ledger.calls());
    }
    // 40 pages of 250 calls.
    expect(await turnsDuring(list())).toBeGreaterThanOrEqual(40)
    await ledger.close()
  })

  it("fail with the database's error, and work again", async () => {
    const url = await filled(10)
    const ledger = await openLedger(url)
    await ask(url, "alter table pictor_call rename to moved")
    await expect(ledger.unresolved()).rejects.toMatchObject({ code: "invalid_request" })
    await ask(url, "alter table moved rename to pictor_call")
    expect(await ledger.spend()).toMatchObject([{ calls: 10 }])
    await ledger.close()
  })

  it("find the calls of a key and of a request by an index", async () => {
    const url = await filled(10)
    const plan = async (condition: string) =>
      (await ask(url, `explain query plan select * from pictor_call where ${condition}`))
        .map(({ detail }) => detail)
        .join()
    expect(
      await plan("account_key = 'k' and (time_ms, id) > (0, '') order by time_ms, id"),
    ).toContain("pictor_call_account")
    expect(
      await plan(
        `json_extract(tags, '$."pictor.call_id"') = 'x' and (time_ms + 0, id) > (0, '') order by time_ms + 0, id limit 500`,
      ),
    ).toContain("pictor_call_request")
    expect(await plan("state in ('held', 'lapsed') and id > '' order by id limit 9")).toContain(
      "pictor_call_open",
    )
  })
})
