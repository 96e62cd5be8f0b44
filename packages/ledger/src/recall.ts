import { type Recalled, type Reservation, type Run, recallRun } from "@pictor/core/ledger"
import { toRow } from "./calls.ts"
import type { Engine } from "./engine.ts"

/** What an idempotency key stands for, once it has ended and was charged. */
export const recall = async (
  { reader }: Engine,
  { key, hash }: NonNullable<Reservation["idempotency"]>,
  nowMs: number,
): Promise<Recalled | undefined> => {
  const calls = await reader
    .selectFrom("pictor_key")
    .innerJoin("pictor_call", "pictor_call.run_id", "pictor_key.run_id")
    .selectAll("pictor_call")
    .select("pictor_key.started_ms")
    .where("pictor_key.key", "=", key)
    .where("pictor_key.hash", "=", hash)
    .where("pictor_key.run_id", "<>", "")
    .orderBy("pictor_call.id")
    .execute()
  const [first] = calls
  if (!first) return undefined
  const run: Run = { hash, startedMs: first.started_ms, rows: [] }
  run.rows.push(...calls.map((call) => toRow(call, run)))
  return recallRun(run, nowMs)
}
