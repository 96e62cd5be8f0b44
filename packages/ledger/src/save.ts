import { plus, type Row, type Sums, zero } from "@pictor/core/ledger"
import { sql } from "kysely"
import {
  begun,
  type CallChange,
  type CallOrder,
  changeColumns,
  entryColumns,
  orderColumns,
  sumColumns,
  toCall,
  toChange,
  toEntry,
  toSumColumns,
} from "./calls.ts"
import type { Columns, Database, Engine, Written } from "./engine.ts"
import type { Loaded } from "./load.ts"
import { writing } from "./statement.ts"
import type { EntryTable, KeyTable, SumColumns, Tables, TallyTable } from "./tables.ts"
import type { Write } from "./transaction.ts"

/** What a batch changed, a statement per table. */
export const changesToWrite = (
  connection: Database,
  engine: Engine,
  loaded: Loaded,
  nowMs: number,
): readonly Write[] => {
  const { calls, changes, entries } = changesOf(loaded, nowMs)
  const write = <Each>(
    run: (db: Database, engine: Engine, records: readonly Each[]) => Promise<unknown>,
    records: readonly Each[],
  ) => (records.length > 0 ? [() => run(connection, engine, records)] : [])
  return [
    ...write(insertCalls, calls),
    ...write(updateCalls, changes),
    ...write(insertEntries, entries),
    ...write(addTallies, talliesOf(loaded, engine)),
    ...write(updateKeys, keysOf(loaded)),
  ]
}

const changesOf = ({ books, before, orders, runIds }: Loaded, nowMs: number) => {
  const calls: CallOrder[] = []
  const changes: CallChange[] = []
  const entries: EntryTable[] = []
  for (const row of books.rows.values()) {
    const order = orders.get(row.id)
    const { row: earlier, entries: written = 0 } = before.get(row.id) ?? {}
    const moved =
      row.state !== (earlier?.state ?? "reserved") || row.settlement !== earlier?.settlement
    if (moved) entries.push(toEntry(row, written + 1, nowMs))
    if (order) calls.push(toCall(row, order, row.run && runIds.get(row.run)))
    if (moved || (earlier && isTouched(row, earlier)))
      changes.push(toChange(row, written + (moved ? 1 : 0)))
  }
  return { calls, changes, entries }
}

const isTouched = (row: Row, earlier: Row): boolean =>
  row.sent !== earlier.sent || row.leaseEndsMs !== earlier.leaseEndsMs

/** Columns that are the same in all rows stand in the statement. */
const insert = <Shape extends object>(
  { cell, from }: Written<Shape>,
  table: keyof Tables,
  columns: Columns<Shape>,
  same: Readonly<Record<string, string | number>> = {},
) => {
  const names = Object.keys(columns) as (keyof Shape & string)[]
  const cells = sql.join([
    ...names.map(cell),
    ...Object.values(same).map((value) => sql.lit(value)),
  ])
  const into = sql.join([...names, ...Object.keys(same)].map((name) => sql.ref(name)))
  return sql`insert into ${sql.table(table)} (${into}) ${from ? sql`select ${cells} ${from}` : sql`values (${cells})`}`
}

const insertCalls = writing(orderColumns, (written) =>
  insert(written, "pictor_call", orderColumns, begun),
)

const insertEntries = writing(entryColumns, (written) =>
  insert(written, "pictor_entry", entryColumns),
)

const update = <Shape extends object>(
  { cell, from = sql`` }: Written<Shape>,
  table: keyof Tables,
  columns: readonly (keyof Shape & string)[],
  by: keyof Shape & string,
) => {
  const changes = columns.map((name) => sql`${sql.ref(name)} = ${cell(name)}`)
  return sql`update ${sql.table(table)} set ${sql.join(changes)} ${from} where ${sql.table(table)}.${sql.ref(by)} = ${cell(by)}`
}

const { id: _id, ...changedColumns } = changeColumns

const updateCalls = writing(changeColumns, (written) =>
  update(written, "pictor_call", Object.keys(changedColumns) as (keyof CallChange)[], "id"),
)

const isZero = (sums: Sums): boolean => Object.values(sums).every((value) => value === 0)

const talliesOf = (
  { books, totalBefore, budgets }: Loaded,
  { stripe }: Engine,
): readonly TallyTable[] => {
  const total = { budgetId: 0, bucket: stripe, change: plus(books.total, totalBefore, -1) }
  const changes = budgets.flatMap(({ id, tallies, before }) =>
    [...tallies].map(([bucket, sums]) => ({
      budgetId: id,
      bucket,
      change: plus(sums, before.get(bucket) ?? zero, -1),
    })),
  )
  return [total, ...changes]
    .filter(({ change }) => !isZero(change))
    .toSorted((first, second) => first.budgetId - second.budgetId || first.bucket - second.bucket)
    .map(({ budgetId, bucket, change }) => ({
      budget_id: budgetId,
      bucket,
      calls: change.calls,
      ...toSumColumns(change),
    }))
}

const tallyColumns: Columns<TallyTable> = {
  budget_id: "bigint",
  bucket: "bigint",
  calls: "bigint",
  ...sumColumns,
}

const counted = ["calls", ...(Object.keys(sumColumns) as (keyof SumColumns)[])] as const

/** Adds to what is there: others may have added to it meanwhile. */
export const addTallies = writing(tallyColumns, (written) => {
  const sums = counted.map(
    (name) =>
      sql`${sql.ref(name)} = ${sql.ref(`pictor_tally.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
  )
  return sql`${insert(written, "pictor_tally", tallyColumns)} on conflict (budget_id, bucket) do update set ${sql.join(sums)}`
})

const keyColumns: Columns<KeyTable> = {
  key: "text",
  hash: "text",
  started_ms: "bigint",
  run_id: "text",
}

const updateKeys = writing(keyColumns, (written) =>
  update(written, "pictor_key", ["hash", "started_ms", "run_id"], "key"),
)

const keysOf = ({ books, runIds, orders }: Loaded): readonly KeyTable[] =>
  [...books.runs].flatMap(([key, run]) =>
    orders.has(run.rows[0]?.id ?? "")
      ? [{ key, hash: run.hash, started_ms: run.startedMs, run_id: runIds.get(run) ?? "" }]
      : [],
  )
