import type { Budget, ReservationRow, Window } from "@pictor/core"
import { type Books, type Budgets, bucketOf, dayMs, emptyBooks, placeBudget, plus, type Row, type Run, type Sums } from "@pictor/core/ledger-kit"
import type { Selectable } from "kysely"
import { sql } from "kysely"
import { fromSumColumns, toRow } from "./calls.ts"
import type { Database, Engine } from "./engine.ts"
import { type Operation, scopesFor } from "./operations.ts"
import type { BudgetTable, CallTable, KeyTable, TallyTable } from "./tables.ts"
import { settleAll } from "./transaction.ts"

/** What a batch needs of the ledger, locked, and how it was, so that what changes can be told. */
export interface Loaded {
  readonly books: Books
  readonly before: ReadonlyMap<string, { readonly row: Row; readonly entries: number }>
  readonly budgets: readonly LoadedBudget[]
  readonly totalBefore: Sums
  readonly runIds: Map<Run, string>
  /** Of the rows that the batch reserves. */
  readonly orders: Map<string, ReservationRow>
  /** More leases have ended than one batch sweeps. */
  readonly crowded: boolean
}

interface LoadedBudget {
  readonly id: number
  readonly tallies: ReadonlyMap<number, Sums>
  readonly before: ReadonlyMap<number, Sums>
}

/** Leases that one batch ends. */
const sweepRows = 1000

const idColumns = { id: "text" } as const

/**
 * Locks in one order, keys, calls, budgets, and each by its name, so that no two processes wait for each other. `again`: the batch may have been
 * written before without our knowing.
 */
export const load = async (
  connection: Database,
  engine: Engine,
  operations: readonly Operation[],
  nowMs: number,
  again: boolean,
): Promise<Loaded> => {
  const keys = await lockKeys(connection, engine, operations)
  const live = keys.filter(({ run_id: runId, started_ms: startedMs }) => runId !== "" && nowMs - startedMs < dayMs)
  const asked = [...new Set(operations.flatMap((each) => (each.kind === "reserve" ? each.scopes : [])))]
  const [calls, , askedBudgets] = await settleAll<[readonly CallRow[], unknown, readonly BudgetRow[]]>([
    lockCalls(connection, engine, idsOf(operations, again), live, nowMs),
    engine.shared && asked.length > 0 ? lockBudgets(connection, engine, asked) : Promise.resolve(),
    loadBudgets(connection, engine, ["", ...asked], nowMs),
  ])
  const books = emptyBooks(Number.POSITIVE_INFINITY)
  const runIds = fillCalls(books, live, calls)
  const others = scopesFor([...books.rows.values()]).filter((scope) => !asked.includes(scope))
  const otherBudgets = others.length > 0 ? await loadBudgets(connection, engine, others, nowMs) : []
  const budgets = fillBudgets(books, [...askedBudgets, ...otherBudgets])
  return {
    books,
    before: new Map(calls.map((call) => [call.id, { row: { ...(books.rows.get(call.id) as Row) }, entries: call.entries }])),
    budgets,
    totalBefore: books.total,
    runIds,
    orders: new Map(),
    crowded: calls.filter(({ state, lease_ends_ms: leaseEndsMs }) => state === "reserved" && leaseEndsMs <= nowMs).length >= sweepRows,
  }
}

const idsOf = (operations: readonly Operation[], again: boolean): readonly string[] => [
  ...new Set(
    operations.flatMap((each) => {
      if (each.kind === "sweep") return []
      if (each.kind === "act") return [each.id]
      return [each.reservation.retryOf ?? [], again ? each.ids : []].flat()
    }),
  ),
]

/** A key that is new is written as one that has no run, as only what is there can be locked. */
const lockKeys = async (connection: Database, { dialect }: Engine, operations: readonly Operation[]): Promise<readonly Selectable<KeyTable>[]> => {
  const names = operations.flatMap((each) => (each.kind === "reserve" ? (each.reservation.idempotency?.key ?? []) : []))
  if (names.length === 0) return []
  const records = [...new Set(names)].toSorted().map((key) => ({ key }))
  return connection
    .insertInto("pictor_key")
    .columns(["key", "hash", "started_ms", "run_id"])
    .expression((from) =>
      from
        .selectFrom(dialect.records({ key: "text" }, records))
        .select(["r.key", sql.lit("").as("hash"), sql.lit(0).as("started_ms"), sql.lit("").as("run_id")])
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) => conflict.column("key").doUpdateSet((eb) => ({ key: eb.ref("excluded.key") })))
    .returningAll()
    .execute()
}

const lockCalls = async (
  connection: Database,
  { dialect, shared }: Engine,
  ids: readonly string[],
  keys: readonly Selectable<KeyTable>[],
  nowMs: number,
): Promise<readonly CallRow[]> => {
  const runs = keys.map(({ run_id: id }) => ({ id }))
  const asked = ids.map((id) => ({ id }))
  return connection
    .selectFrom("pictor_call")
    .selectAll("pictor_call")
    .where("id", "in", (from) => {
      const expired = from
        .selectFrom("pictor_call as expired")
        .select("expired.id")
        .where("expired.state", "=", sql.lit("reserved"))
        .where("expired.lease_ends_ms", "<=", nowMs)
        .orderBy("expired.lease_ends_ms")
        .limit(sql.lit(sweepRows))
      const ended = from.selectFrom(expired.as("ended")).select("ended.id")
      const named = from.selectFrom(dialect.records(idColumns, asked)).select("r.id").union(ended)
      return runs.length === 0
        ? named
        : named.union(from.selectFrom("pictor_call as run").innerJoin(dialect.records(idColumns, runs), "r.id", "run.run_id").select("run.id"))
    })
    .orderBy("id")
    .$if(shared, (query) => query.forUpdate("pictor_call"))
    .execute()
}

const fillCalls = (books: Books, keys: readonly Selectable<KeyTable>[], calls: readonly CallRow[]): Map<Run, string> => {
  const runs = new Map<string, Run>()
  for (const { key, hash, started_ms: startedMs, run_id: id } of keys) {
    const run: Run = { hash, startedMs, rows: [] }
    books.runs.set(key, run)
    runs.set(id, run)
  }
  // Nobody asks for the key of these: their rows only have to stay together.
  for (const { run_id: id } of calls) if (id !== null && !runs.has(id)) runs.set(id, { hash: "", startedMs: 0, rows: [] })
  for (const call of calls) {
    const row = toRow(call, runs.get(call.run_id ?? ""))
    row.run?.rows.push(row)
    books.rows.set(row.id, row)
    if (row.state === "reserved") books.reserved.add(row)
  }
  return new Map([...runs].map(([id, run]) => [run, id]))
}

const nameColumns = { name: "text" } as const

const lockBudgets = (connection: Database, { dialect }: Engine, scopes: readonly string[]): Promise<unknown> =>
  connection
    .selectFrom("pictor_budget")
    .select("id")
    .where("scope", "in", (from) => from.selectFrom(dialect.records(nameColumns, scopes.map(toName))).select("r.name"))
    .orderBy("id")
    .forNoKeyUpdate()
    .execute()

const toName = (name: string) => ({ name })

/** From where on tallies count: older ones are never asked for again. */
const since = (nowMs: number) => {
  const from = (window: Window) => sql`cast(${bucketOf(window, nowMs)} as bigint)`
  return sql<number>`case pictor_budget.window_name when 'total' then 0 when 'day' then ${from("day")} when 'week' then ${from("week")}
    when 'month' then ${from("month")} else cast(cast(${nowMs} as double precision) * 60 / pictor_budget.rolling_ms - 61 as bigint) end`
}

type CallRow = Selectable<CallTable>

/** A budget, and one of its tallies if it has any. */
type BudgetRow = Omit<Selectable<BudgetTable>, "rolling_ms"> & { readonly [Column in keyof TallyTable]: TallyTable[Column] | null }

const budgetsAt = (connection: Database, nowMs: number) =>
  connection
    .selectFrom("pictor_budget")
    .leftJoin("pictor_tally", (join) => join.onRef("pictor_tally.budget_id", "=", "pictor_budget.id").on("pictor_tally.bucket", ">=", since(nowMs)))
    .selectAll()

const loadBudgets = (connection: Database, { dialect }: Engine, scopes: readonly string[], nowMs: number): Promise<readonly BudgetRow[]> =>
  budgetsAt(connection, nowMs)
    .where("pictor_budget.scope", "in", (from) => from.selectFrom(dialect.records(nameColumns, scopes.map(toName))).select("r.name"))
    .execute()

/** Budgets, each with what counts in it now, in the order they were set. */
export const readBudgets = async (engine: Engine, scope: string | undefined, nowMs: number): Promise<Budgets> => {
  const rows: readonly BudgetRow[] =
    scope === undefined ? await budgetsAt(engine.reader, nowMs).execute() : await loadBudgets(engine.reader, engine, [scope], nowMs)
  const books = emptyBooks(0)
  fillBudgets(
    books,
    rows.toSorted((first, second) => first.id - second.id),
  )
  return books.budgets
}

const fillBudgets = (books: Books, rows: readonly BudgetRow[]): readonly LoadedBudget[] => {
  const loaded = new Map<number, { readonly id: number; readonly before: Map<number, Sums>; readonly tallies: Map<number, Sums> }>()
  for (const row of rows) {
    const sums = row.calls === null ? undefined : fromSumColumns(row.calls, row as TallyTable)
    if (row.id === 0) {
      if (sums) books.total = plus(books.total, sums)
      continue
    }
    const budget = loaded.get(row.id) ?? { id: row.id, before: new Map(), tallies: place(books, row) }
    loaded.set(row.id, budget)
    if (!sums || row.bucket === null) continue
    budget.tallies.set(row.bucket, sums)
    budget.before.set(row.bucket, sums)
  }
  return [...loaded.values()]
}

/** The tallies of a budget that is put in the books. */
const place = (books: Books, { scope, window_name: windowName, definition }: BudgetRow): Map<number, Sums> => {
  placeBudget(books.budgets, JSON.parse(definition) as Budget, [])
  return books.budgets.get(scope)?.get(windowName)?.tallies ?? new Map<number, Sums>()
}
