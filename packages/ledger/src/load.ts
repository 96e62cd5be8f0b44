import type { Budget, ReservationRow, Window } from "@pictor/core"
import { type Books, type Budgets, bucketOf, dayMs, emptyBooks, placeBudget, plus, type Row, type Run, type Sums } from "@pictor/core/ledger-kit"
import type { Selectable } from "kysely"
import { sql } from "kysely"
import { type CallRow, fromSumColumns, rowColumns, toRow } from "./calls.ts"
import type { Database, Engine } from "./engine.ts"
import { type Operation, scopesFor } from "./operations.ts"
import { type Given, statement } from "./statement.ts"
import type { BudgetTable, KeyTable, TallyTable } from "./tables.ts"
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

const nameColumns = { name: "text" } as const

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
  const names = keysOf(operations)
  const keys = names.length > 0 ? await lockKeys(connection, engine, names) : []
  const live = keys.filter(({ run_id: runId, started_ms: startedMs }) => runId !== "" && nowMs - startedMs < dayMs)
  const asked = [...new Set(operations.flatMap((each) => (each.kind === "reserve" ? each.scopes : [])))]
  const known = [...new Set([...asked, ...operations.flatMap((each) => (each.kind === "act" ? each.scopes : []))])]
  const [calls, , knownBudgets] = await settleAll<[readonly CallRow[], unknown, readonly BudgetRow[]]>([
    (live.length > 0 ? lockRuns : lockCalls)(connection, engine, { ids: idsOf(operations, again), runIds: live.map((key) => key.run_id), nowMs }),
    engine.shared && asked.length > 0 ? lockBudgets(connection, engine, { scopes: asked, nowMs }) : Promise.resolve(),
    loadBudgets(connection, engine, { scopes: ["", ...known], nowMs }),
  ])
  const books = emptyBooks(Number.POSITIVE_INFINITY)
  const runIds = fillCalls(books, live, calls)
  const knownNames = new Set(known)
  const others = scopesFor([...books.rows.values()]).filter((scope) => !knownNames.has(scope))
  const otherBudgets = others.length > 0 ? await loadBudgets(connection, engine, { scopes: others, nowMs }) : []
  const budgets = fillBudgets(books, [...knownBudgets, ...otherBudgets])
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
const lockKeys = statement<readonly string[], Selectable<KeyTable>>((db, { dialect }) =>
  db
    .insertInto("pictor_key")
    .columns(["key", "hash", "started_ms", "run_id"])
    .expression((from) =>
      from
        .selectFrom(dialect.records({ key: "text" }, (keys: readonly string[]) => keys.map((key) => ({ key }))))
        .select(["r.key", sql.lit("").as("hash"), sql.lit(0).as("started_ms"), sql.lit("").as("run_id")])
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) => conflict.column("key").doUpdateSet((eb) => ({ key: eb.ref("excluded.key") })))
    .returningAll()
    .compile(),
)

const keysOf = (operations: readonly Operation[]): readonly string[] =>
  [...new Set(operations.flatMap((each) => (each.kind === "reserve" ? (each.reservation.idempotency?.key ?? []) : [])))].toSorted()

interface Wanted {
  readonly ids: readonly string[]
  readonly runIds: readonly string[]
  readonly nowMs: number
}

const toId = (id: string) => ({ id })

const callsWanted = (withRuns: boolean) =>
  statement<Wanted, CallRow>((db, { dialect, shared }, given) =>
    db
      .selectFrom("pictor_call")
      .select(rowColumns)
      .where("id", "in", (from) => {
        const expired = from
          .selectFrom("pictor_call as expired")
          .select("expired.id")
          .where("expired.state", "=", sql.lit("reserved"))
          .where(
            "expired.lease_ends_ms",
            "<=",
            given(({ nowMs }) => nowMs),
          )
          .orderBy("expired.lease_ends_ms")
          .limit(sql.lit(sweepRows))
        const named = from
          .selectFrom(dialect.records(idColumns, ({ ids }: Wanted) => ids.map(toId)))
          .select("r.id")
          .union(from.selectFrom(expired.as("ended")).select("ended.id"))
        const isWanted = dialect.among(sql.ref("run.run_id"), ({ runIds }: Wanted) => runIds)
        return withRuns ? named.union(from.selectFrom("pictor_call as run").select("run.id").where(isWanted)) : named
      })
      .orderBy("id")
      .$if(shared, (query) => query.forUpdate("pictor_call"))
      .compile(),
  )

/** Those that are named, and some whose lease has ended. */
const lockCalls = callsWanted(false)

/** Those of the named runs as well. */
const lockRuns = callsWanted(true)

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

const lockBudgets = statement<Asked>((db, { dialect }) =>
  db
    .selectFrom((from) =>
      from
        .selectFrom("pictor_budget")
        .select("id")
        .where("scope", "in", (names) => names.selectFrom(dialect.records(nameColumns, namesOf)).select("r.name"))
        .orderBy("id")
        .forNoKeyUpdate()
        .as("locked"),
    )
    .select((eb) => eb.fn.countAll().as("count"))
    .compile(),
)

/** Whose budgets, and when. */
interface Asked {
  readonly scopes: readonly string[]
  readonly nowMs: number
}

const namesOf = ({ scopes }: Asked) => scopes.map((name) => ({ name }))

/** From where on tallies count: older ones are never asked for again. */
const since = (given: Given<Asked>) => {
  const from = (window: Window) => sql`cast(${given(({ nowMs }) => bucketOf(window, nowMs))} as bigint)`
  const now = sql`cast(${given(({ nowMs }) => nowMs)} as double precision)`
  return sql<number>`case pictor_budget.window_name when 'total' then 0 when 'day' then ${from("day")} when 'week' then ${from("week")}
    when 'month' then ${from("month")} else cast(${now} * 60 / pictor_budget.rolling_ms - 61 as bigint) end`
}

/** A budget, and one of its tallies if it has any. */
type BudgetRow = Omit<Selectable<BudgetTable>, "rolling_ms"> & { readonly [Column in keyof TallyTable]: TallyTable[Column] | null }

const budgetsAt = (db: Database, given: Given<Asked>) =>
  db
    .selectFrom("pictor_budget")
    .leftJoin("pictor_tally", (join) => join.onRef("pictor_tally.budget_id", "=", "pictor_budget.id").on("pictor_tally.bucket", ">=", since(given)))
    .selectAll()

const allBudgets = statement<Asked, BudgetRow>((db, _, given) => budgetsAt(db, given).compile())

const loadBudgets = statement<Asked, BudgetRow>((db, { dialect }, given) =>
  budgetsAt(db, given)
    .where("pictor_budget.scope", "in", (from) => from.selectFrom(dialect.records(nameColumns, namesOf)).select("r.name"))
    .compile(),
)

/** Budgets, each with what counts in it now, in the order they were set. */
export const readBudgets = async (engine: Engine, scope: string | undefined, nowMs: number): Promise<Budgets> => {
  const read = scope === undefined ? allBudgets : loadBudgets
  const rows = await read(engine.reader, engine, { scopes: scope === undefined ? [] : [scope], nowMs })
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
