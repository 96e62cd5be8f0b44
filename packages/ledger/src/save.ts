import { plus, type Row, type Sums, zero } from "@pictor/core/ledger-kit"
import type { UpdateObject } from "kysely"
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
import type { Columns, Database, Engine } from "./engine.ts"
import type { Loaded } from "./load.ts"
import { writing } from "./statement.ts"
import type { EntryTable, KeyTable, SumColumns, Tables, TallyTable } from "./tables.ts"
import type { Write } from "./transaction.ts"

/** What a batch changed, a statement per table. */
export const changesToWrite = (connection: Database, engine: Engine, loaded: Loaded, nowMs: number): readonly Write[] => {
  const { calls, changes, entries } = changesOf(loaded, nowMs)
  const write = <Each>(run: (db: Database, engine: Engine, records: readonly Each[]) => Promise<unknown>, records: readonly Each[]) =>
    records.length > 0 ? [() => run(connection, engine, records)] : []
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
    const moved = row.state !== (earlier?.state ?? "reserved") || row.settlement !== earlier?.settlement
    if (moved) entries.push(toEntry(row, written + 1, nowMs))
    if (order) calls.push(toCall(row, order, row.run && runIds.get(row.run)))
    if (moved || (earlier && isTouched(row, earlier))) changes.push(toChange(row, written + (moved ? 1 : 0)))
  }
  return { calls, changes, entries }
}

const isTouched = (row: Row, earlier: Row): boolean => row.sent !== earlier.sent || row.leaseEndsMs !== earlier.leaseEndsMs

/** Columns that are the same in all rows stand in the statement. */
const insert = <Shape extends object>(
  table: "pictor_call" | "pictor_entry",
  columns: Columns<Shape>,
  same: Readonly<Record<string, string | number>> = {},
) =>
  writing<Shape>((db, written) => {
    const names = Object.keys(columns)
    const values = [...names.map((name) => sql.ref(`r.${name}`)), ...Object.values(same).map((value) => sql.lit(value))]
    return sql`insert into ${sql.table(table)} (${sql.join([...names, ...Object.keys(same)].map((name) => sql.ref(name)))})
    select ${sql.join(values)} from ${written(columns)}`.compile(db)
  })

const insertCalls = insert("pictor_call", orderColumns, begun)

const insertEntries = insert("pictor_entry", entryColumns)

const { id: _id, ...changedColumns } = changeColumns

const updateCalls = writing<CallChange>((db, written) =>
  db
    .updateTable("pictor_call")
    .from(written(changeColumns))
    .set(
      (eb) =>
        Object.fromEntries(Object.keys(changedColumns).map((name) => [name, eb.ref(`r.${name}` as "r.state")])) as UpdateObject<
          Tables,
          "pictor_call"
        >,
    )
    .whereRef("pictor_call.id", "=", "r.id")
    .compile(),
)

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

const counted = ["calls", ...(Object.keys(sumColumns) as (keyof SumColumns)[])] as const

/** Adds to what is there: others may have added to it meanwhile. */
export const addTallies = writing<TallyTable>((db, written) =>
  db
    .insertInto("pictor_tally")
    .columns(["budget_id", "bucket", ...counted])
    .expression((from) =>
      from
        .selectFrom(written(tallyColumns))
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
    .compile(),
)

const keyColumns: Columns<KeyTable> = { key: "text", hash: "text", started_ms: "bigint", run_id: "text" }

const updateKeys = writing<KeyTable>((db, written) =>
  db
    .updateTable("pictor_key")
    .from(written(keyColumns))
    .set((eb) => ({ hash: eb.ref("r.hash"), started_ms: eb.ref("r.started_ms"), run_id: eb.ref("r.run_id") }))
    .whereRef("pictor_key.key", "=", "r.key")
    .compile(),
)

const keysOf = ({ books, runIds, orders }: Loaded): readonly KeyTable[] =>
  [...books.runs].flatMap(([key, run]) =>
    orders.has(run.rows[0]?.id ?? "") ? [{ key, hash: run.hash, started_ms: run.startedMs, run_id: runIds.get(run) ?? "" }] : [],
  )
