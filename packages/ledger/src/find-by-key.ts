import { type Recalled, type Reservation, type Run, recallRun } from "@pictor/core/ledger"
import { sql } from "kysely"
import type { Engine } from "./engine.ts"
import { toRow } from "./load.ts"
import type { CallTable, KeyTable } from "./tables.ts"

/** The calls of an idempotency key whose request has ended and was charged. */
export const findByKey = async (
  { reader }: Engine,
  { key, hash }: NonNullable<Reservation["idempotency"]>,
  nowMs: number,
): Promise<Recalled | undefined> => {
  const { rows: calls } = await sql<CallTable & Pick<KeyTable, "started_ms">>`
    select pictor_call.*, started_ms from pictor_key
    join pictor_call on pictor_call.run_id = pictor_key.run_id
    where key = ${key} and hash = ${hash} and pictor_key.run_id <> ''
    order by id`.execute(reader)
  const [first] = calls
  if (!first) return undefined
  const run: Run = { hash, startedMs: first.started_ms, rows: [] }
  run.rows.push(...calls.map((call) => toRow(call, run)))
  return recallRun(run, nowMs)
}
