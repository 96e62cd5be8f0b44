import type { Budget, Units } from "@pictor/core"
import {
  type Books,
  bucketOf,
  clientTag,
  dayMs,
  emptyBooks,
  placeBudget,
  plus,
  type ReservationRow,
  type Row,
  type Run,
  type SubmittedJob,
  type Sums,
  scopesOf,
} from "@pictor/core/ledger"
import { type RawBuilder, sql } from "kysely"
import type { Database, Dialect, Engine } from "./engine.ts"
import { preparedQuery } from "./prepared-query.ts"
import type { BudgetTable, CallTable, KeyTable, SumColumns, TallyTable } from "./tables.ts"

/** The part of the ledger that a batch works on. */
export interface Needs {
  readonly ids: readonly string[]
  /** Idempotency keys. */
  readonly keys: readonly string[]
  /** Scopes of the budgets that new reservations are checked against. */
  readonly scopes: readonly string[]
}

/** What a batch works on, and how it was before. */
export interface Loaded {
  readonly books: Books
  /** By id: a copy of the row, and how many entries it has. */
  readonly before: ReadonlyMap<string, RowBefore>
  readonly budgets: readonly LoadedBudget[]
  readonly totalBefore: Sums
  readonly runIds: Map<Run, string>
  /** The orders of the rows that the batch reserves, by id. */
  readonly orders: Map<string, ReservationRow>
  /** More leases have expired than one batch ends. */
  readonly hasMoreExpired: boolean
}

interface RowBefore {
  readonly row: Row
  readonly entries: number
  readonly endedMs: number | null
}

interface LoadedBudget {
  readonly id: number
  readonly before: Map<number, Sums>
  readonly tallies: ReadonlyMap<number, Sums>
}

/** Leases that one batch ends. */
const expiredRows = 1000

/**
 * Locks and reads what a batch needs. Processes lock in the same order (keys, calls, budgets, each
 * sorted), so that they never deadlock.
 */
export const load = async (
  connection: Database,
  engine: Engine,
  needs: Needs,
  nowMs: number,
): Promise<Loaded> => {
  const keys =
    needs.keys.length === 0
      ? []
      : await lockKeys(connection, engine, { keys: JSON.stringify(needs.keys.toSorted()) })
  const live = keys.filter(
    ({ run_id: runId, started_ms: startedMs }) => runId !== "" && nowMs - startedMs < dayMs,
  )
  const calls = await lockCalls(connection, engine, {
    ids: JSON.stringify(needs.ids),
    runIds: JSON.stringify(live.map((key) => key.run_id)),
    nowMs,
  })
  const books = emptyBooks(Number.POSITIVE_INFINITY)
  const runIds = fillCalls(books, live, calls)
  const scopes = new Set([...needs.scopes, ...[...books.rows.values()].flatMap(scopesOf)])
  const [, budgetRows] = await Promise.all([
    engine.shared && needs.scopes.length > 0
      ? lockBudgets(connection, engine, { scopes: JSON.stringify(needs.scopes) })
      : undefined,
    loadBudgets(connection, engine, {
      scopes: JSON.stringify([totalScope, ...scopes]),
      ...startsAt(nowMs),
    }),
  ])
  const budgets = fillBudgets(books, budgetRows)
  return {
    books,
    before: new Map(
      calls.map(({ id, entries, ended_ms: endedMs }) => [
        id,
        { row: { ...(books.rows.get(id) as Row) }, entries, endedMs },
      ]),
    ),
    budgets,
    totalBefore: books.total,
    runIds,
    orders: new Map(),
    hasMoreExpired:
      calls.filter((call) => call.state === "reserved" && call.lease_ends_ms <= nowMs).length >=
      expiredRows,
  }
}

/** Inserts new keys without a run, because only a row that exists can be locked. */
const lockKeys = preparedQuery<{ readonly keys: string }, KeyTable>(
  (value, { dialect }) => sql`
    insert into pictor_key (key, hash, started_ms, run_id)
    select value, '', 0, '' from ${dialect.texts(value("keys"))} where true
    on conflict (key) do update set key = excluded.key
    returning *`,
)

interface CallValues {
  readonly ids: string
  readonly runIds: string
  readonly nowMs: number
}

/** Locks calls by id and by run, and some whose lease has expired. */
const lockCalls = preparedQuery<CallValues, CallTable>((value, { dialect, shared }) => {
  const runIds = sql`select value from ${dialect.texts(value("runIds"))}`
  const ids = sql`
      select value from ${dialect.texts(value("ids"))}
      union
      select id from pictor_call where ${dialect.isIn("run_id", runIds)}
      union
      select id from (
        select id from pictor_call
        where state = 'reserved' and lease_ends_ms <= ${value("nowMs")}
        order by lease_ends_ms
        limit ${sql.lit(expiredRows)}
      ) as expired`
  return sql`
      select * from pictor_call where ${dialect.isIn("id", ids)}
      order by id ${shared ? sql`for update` : sql``}`
})

/** Puts calls and the runs of idempotency keys into the books. Returns the runs' ids. */
const fillCalls = (
  books: Books,
  keys: readonly KeyTable[],
  calls: readonly CallTable[],
): Map<Run, string> => {
  const runs = new Map<string, Run>()
  for (const { key, hash, started_ms: startedMs, run_id: id } of keys) {
    const run: Run = { hash, startedMs, rows: [] }
    books.runs.set(key, run)
    runs.set(id, run)
  }
  for (const call of calls) {
    // The batch does not need this run's key: its rows only have to stay together.
    if (call.run_id !== null && !runs.has(call.run_id))
      runs.set(call.run_id, { hash: "", startedMs: 0, rows: [] })
    const row = toRow(call, runs.get(call.run_id ?? ""))
    row.run?.rows.push(row)
    books.rows.set(row.id, row)
    if (row.state === "reserved") books.reserved.add(row)
  }
  return new Map([...runs].map(([id, run]) => [run, id]))
}

export const toRow = (call: CallTable, run: Run | undefined): Row => {
  const tags = Object.entries(JSON.parse(call.tags) as Record<string, string>)
  const clientTags = Object.keys(JSON.parse(call.client_tags ?? "{}") as object)
  return {
    id: call.id,
    facts: {
      model: call.model,
      ...(call.provider !== null && { provider: call.provider }),
      task: call.task,
      day: call.day,
      month: call.day.slice(0, 7),
      ...(call.account_key !== null && { key: call.account_key }),
      ...(call.account_user !== null && { user: call.account_user }),
      ...(call.account_team !== null && { team: call.account_team }),
      ...(call.end_user !== null && { endUser: call.end_user }),
      ...Object.fromEntries(tags.map(([name, value]) => [`tag:${name}`, value])),
      ...Object.fromEntries(clientTags.map((name) => [`${clientTag}${name}`, ""])),
    },
    timeMs: call.time_ms,
    ordered: call.ordered,
    seed: call.seed ?? undefined,
    cost: {
      microUsd: call.estimate_micro_usd,
      maybeMicroUsd: call.estimate_maybe_micro_usd,
      unpricedImages: call.estimate_unknown_images,
    },
    run,
    state: call.state,
    sent: call.sent === 1,
    leaseEndsMs: call.lease_ends_ms,
    sums: toSums(1, call),
    settlement: call.delivered === null ? undefined : toSettlement(call, call.delivered),
    ...(call.verdict !== null && { verdict: call.verdict }),
    ...(call.job !== null && { job: JSON.parse(call.job) as SubmittedJob }),
  }
}

const toSettlement = (call: CallTable, delivered: number): NonNullable<Row["settlement"]> => ({
  cost: {
    microUsd: call.settled_micro_usd ?? 0,
    maybeMicroUsd: call.settled_maybe_micro_usd ?? 0,
    unpricedImages: call.settled_unknown_images ?? 0,
  },
  delivered,
  ...(call.request_id !== null && { requestId: call.request_id }),
  ...(call.usage !== null && { usage: JSON.parse(call.usage) as Units }),
  ...(call.estimated !== null && { estimated: true as const }),
})

export const toSums = (calls: number, columns: SumColumns): Sums => ({
  calls,
  images: columns.images,
  microUsd: columns.micro_usd,
  maybeMicroUsd: columns.maybe_micro_usd,
  unpricedImages: columns.unknown_images,
  reservedMicroUsd: columns.reserved_micro_usd,
  reservedImages: columns.reserved_images,
})

/** A separate statement: one that waits for a lock would read tallies of before its wait. */
const lockBudgets = preparedQuery<{ readonly scopes: string }>(
  (value, { dialect }) => sql`
    select count(*) from (
      select id from pictor_budget
      where ${dialect.isIn("scope", sql`select value from ${dialect.texts(value("scopes"))}`)}
      order by id
      for no key update
    ) as locked`,
)

/** The scope of the ledger's total; no budget has it. */
const totalScope = ""

/** The current time, and when the windows that contain it began. */
const startsAt = (nowMs: number) => ({
  nowMs,
  day: bucketOf("day", nowMs),
  week: bucketOf("week", nowMs),
  month: bucketOf("month", nowMs),
})

type Starts = ReturnType<typeof startsAt>

interface BudgetValues extends Starts {
  readonly scopes: string
}

/** A budget, with one of its tallies if it has any. */
type BudgetRow = BudgetTable & { readonly [Column in keyof TallyTable]: TallyTable[Column] | null }

/** Budgets with the tallies that count now. */
const budgetsWhere = (
  condition: (scopes: RawBuilder<unknown>, dialect: Dialect) => RawBuilder<unknown>,
) =>
  preparedQuery<BudgetValues, BudgetRow>((value, { dialect }) => {
    const bucket = (name: keyof Starts) => sql`cast(${value(name)} as bigint)`
    return sql`
      select * from pictor_budget
      left join pictor_tally on budget_id = id and bucket >= case window_name
        when 'total' then 0
        when 'day' then ${bucket("day")}
        when 'week' then ${bucket("week")}
        when 'month' then ${bucket("month")}
        else cast(cast(${value("nowMs")} as double precision) * 60 / rolling_ms - 61 as bigint)
      end
      where ${condition(value("scopes"), dialect)}`
  })

const loadBudgets = budgetsWhere((scopes, dialect) =>
  dialect.isIn("scope", sql`select value from ${dialect.texts(scopes)}`),
)

const loadAllBudgets = budgetsWhere(() => sql`true`)

/** The budgets of a scope, or all, in the order in which they were set. */
export const readBudgets = async (
  engine: Engine,
  scope: string | undefined,
  nowMs: number,
): Promise<Books["budgets"]> => {
  const read = scope === undefined ? loadAllBudgets : loadBudgets
  const scopes = JSON.stringify([scope])
  const rows = await read(engine.reader, engine, { scopes, ...startsAt(nowMs) })
  const books = emptyBooks(0)
  fillBudgets(
    books,
    rows.toSorted((first, second) => first.id - second.id),
  )
  return books.budgets
}

/** Puts budgets and the ledger's total into the books. */
const fillBudgets = (books: Books, rows: readonly BudgetRow[]): readonly LoadedBudget[] => {
  const loaded = new Map<number, LoadedBudget & { readonly tallies: Map<number, Sums> }>()
  for (const row of rows) {
    const sums = row.calls === null ? undefined : toSums(row.calls, row as TallyTable)
    if (row.scope === totalScope) {
      if (sums) books.total = plus(books.total, sums)
      continue
    }
    const budget = loaded.get(row.id) ?? {
      id: row.id,
      before: new Map(),
      tallies: placeEmpty(books, row),
    }
    loaded.set(row.id, budget)
    if (!sums || row.bucket === null) continue
    budget.tallies.set(row.bucket, sums)
    budget.before.set(row.bucket, sums)
  }
  return [...loaded.values()]
}

const placeEmpty = (books: Books, row: BudgetRow): Map<number, Sums> => {
  placeBudget(books.budgets, JSON.parse(row.definition) as Budget, [])
  return books.budgets.get(row.scope)?.get(row.window_name)?.tallies ?? new Map<number, Sums>()
}
