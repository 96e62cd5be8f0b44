import { dayMs } from "@pictor/core/ledger"
import type { Engine } from "./engine.ts"
import { transact } from "./transaction.ts"

/** Forgets idempotency keys after their 24 h, and what rolling windows have left behind; calls and entries stay. */
export const tidy = (engine: Engine, nowMs: number): Promise<void> =>
  transact(engine, "calls", async (connection) => {
    await connection
      .deleteFrom("pictor_key")
      .where("key", "in", (from) =>
        from
          .selectFrom("pictor_key as old")
          .select("old.key")
          .where("old.started_ms", "<=", nowMs - dayMs)
          .$if(engine.shared, (query) => query.forUpdate().skipLocked()),
      )
      .execute()
    const rolling = await connection
      .selectFrom("pictor_budget")
      .select(["id", "rolling_ms"])
      .where("rolling_ms", "is not", null)
      .execute()
    for (const { id, rolling_ms: rollingMs } of rolling)
      await connection
        .deleteFrom("pictor_tally")
        .where("budget_id", "=", id)
        .where("bucket", "<", Math.floor((nowMs * 60) / (rollingMs ?? 1)) - 120)
        .execute()
    return { out: undefined, writes: [] }
  })
