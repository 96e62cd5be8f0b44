import { plus, type Row, type Sums, zero } from "@pictor/core/ledger-kit"
import type { UpdateObject } from "kysely"
import { sql } from "kysely"
import { type CallChange, callColumns, changeColumns, entryColumns, sumColumns, toCall, toChange, toEntry, toSumColumns } from "./calls.ts"
import type { Columns, Database, Engine } from "./engine.ts"
import type { Loaded } from "./load.ts"
import type { CallTable, EntryTable, KeyTable, SumColumns, Tables, TallyTable } from "./tables.ts"
import type { Write } from "./transaction.ts"

/** What a batch changed, a statement per table. */
export const changesToWrite = (connection: Database, engine: Engine, loaded: Loaded, nowMs: number): readonly Write[] => {
  const { calls, changes, entries } = changesOf(loaded, nowMs)
  return [
    ...(calls.length > 0 ? [insert(connection, engine, "pictor_call", callColumns, calls)] : []),
    ...(changes.length > 0 ? [update(connection, engine, changes)] : []),
    ...(entries.length > 0 ? [insert(connection, engine, "pictor_entry", entryColumns, entries)] : []),
    ...addTallies(connection, engine, talliesOf(loaded, engine)),
    ...updateKeys(connection, engine, loaded),
  ]
}

const changesOf = ({ books, before, orders, runIds }: Loaded, nowMs: number) => {
  const calls: CallTable[] = []
  const changes: CallChange[] = []
  const entries: EntryTable[] = []
  for (const row of books.rows.values()) {
    const order = orders.get(row.id)
    const { row: earlier = { state: "reserved" as const }, entries: written = 0 } = before.get(row.id) ?? {}
    const moved = row.state !== earlier.state || JSON.stringify(row.settlement) !== JSON.stringify((earlier as Row).settlement)
    if (moved) entries.push(toEntry(row, written + 1, nowMs))
    if (order) calls.push({ ...toCall(row, order, row.run && runIds.get(row.run)), entries: moved ? 1 : 0 } as CallTable)
    else if (moved || isTouched(row, earlier as Row)) changes.push(toChange(row, written + (moved ? 1 : 0)))
  }
  return { calls, changes, entries }
}

const isTouched = (row: Row, earlier: Row): boolean => row.sent !== earlier.sent || row.leaseEndsMs !== earlier.leaseEndsMs

const insert = <Name extends "pictor_call" | "pictor_entry">(
  connection: Database,
  { dialect }: Engine,
  table: Name,
  columns: Columns<Tables[Name]>,
  rows: readonly Tables[Name][],
): Write => {
  const names = Object.keys(columns)
  const from = dialect.records<object>(columns, rows)
  const query = sql`insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
    select ${sql.join(names.map((name) => sql.ref(`r.${name}`)))} from ${from}`
  return () => query.execute(connection)
}

const update = (connection: Database, { dialect }: Engine, changes: readonly CallChange[]): Write => {
  const { id: _id, ...columns } = changeColumns
  const query = connection
    .updateTable("pictor_call")
    .from(dialect.records(changeColumns, changes))
    .set(
      (eb) => Object.fromEntries(Object.keys(columns).map((name) => [name, eb.ref(`r.${name}` as "r.state")])) as UpdateObject<Tables, "pictor_call">,
    )
    .whereRef("pictor_call.id", "=", "r.id")
  return () => query.execute()
}

const isZero = (sums: Sums): boolean => Object.values(sums).every((value) => value === 0)

const talliesOf = ({ books, totalBefore, budgets }: Loaded, { stripe }: Engine): readonly TallyTable[] => {
  const total = { budgetId: 0, bucket: stripe, change: plus(books.total, totalBefore, -1) }
  const changes = budgets.flatMap(({ id, tallies, before }) =>
    [...tallies].map(([bucket, sums]) => ({ budgetId: id, bucket, change: plus(sums, before.get(bucket) ?? zero, -1) })),
  )
  return [total, ...changes]
    .filter(({ change }) => !isZero(change))
    .toSorted((first, second) => first.budgetId - second.budgetId || first.bucket - second.bucket)
    .map(({ budgetId, bucket, change }) => ({ budget_id: budgetId, bucket, calls: change.calls, ...toSumColumns(change) }))
}

const tallyColumns: Columns<TallyTable> = { budget_id: "bigint", bucket: "bigint", calls: "bigint", ...sumColumns }

/** Adds to what is there: others may have added to it meanwhile. */
export const addTallies = (connection: Database, { dialect }: Engine, tallies: readonly TallyTable[]): readonly Write[] => {
  if (tallies.length === 0) return []
  const counted = ["calls", ...(Object.keys(sumColumns) as (keyof SumColumns)[])] as const
  const query = connection
    .insertInto("pictor_tally")
    .columns(["budget_id", "bucket", ...counted])
    .expression((from) =>
      from
        .selectFrom(dialect.records(tallyColumns, tallies))
        .select(["r.budget_id", "r.bucket", ...counted.map((name) => `r.${name}` as const)])
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["budget_id", "bucket"])
        .doUpdateSet(
          (eb) =>
            Object.fromEntries(counted.map((name) => [name, eb(`pictor_tally.${name}`, "+", eb.ref(`excluded.${name}`))])) as UpdateObject<
              Tables,
              "pictor_tally"
            >,
        ),
    )
  return [() => query.execute()]
}

const keyColumns: Columns<KeyTable> = { key: "text", hash: "text", started_ms: "bigint", run_id: "text" }

const updateKeys = (connection: Database, { dialect }: Engine, { books, runIds, orders }: Loaded): readonly Write[] => {
  const keys = [...books.runs].flatMap(([key, run]) =>
    orders.has(run.rows[0]?.id ?? "") ? [{ key, hash: run.hash, started_ms: run.startedMs, run_id: runIds.get(run) ?? "" }] : [],
  )
  if (keys.length === 0) return []
  const query = connection
    .updateTable("pictor_key")
    .from(dialect.records(keyColumns, keys))
    .set((eb) => ({ hash: eb.ref("r.hash"), started_ms: eb.ref("r.started_ms"), run_id: eb.ref("r.run_id") }))
    .whereRef("pictor_key.key", "=", "r.key")
  return [() => query.execute()]
}
