import { bucketOf, dayMs } from "@pictor/core/ledger"
import { sql } from "kysely"
import type { Engine } from "./engine.ts"
import { transact } from "./transactions.ts"

/** Buckets of a rolling window that stay: twice the window, for processes whose clocks differ. */
const keptBuckets = 120

/** Deletes idempotency keys after 24 h and the tallies that rolling windows have left behind. */
export const prune = (engine: Engine, nowMs: number): Promise<void> =>
  transact(engine, "calls", async (connection) => {
    await sql`
      delete from pictor_key where key in (
        select key from pictor_key where started_ms <= ${nowMs - dayMs}
        ${engine.shared ? sql`for update skip locked` : sql``}
      )`.execute(connection)
    const { rows } = await sql<{ readonly id: number; readonly rolling_ms: number }>`
      select id, rolling_ms from pictor_budget where rolling_ms is not null`.execute(connection)
    for (const { id, rolling_ms: rollingMs } of rows)
      await sql`
        delete from pictor_tally
        where budget_id = ${id} and bucket < ${bucketOf({ rollingMs }, nowMs) - keptBuckets}`.execute(
        connection,
      )
    return { out: undefined, writes: [] }
  })
