import {
  type Books,
  dayMs,
  emptyBooks,
  type ReservationRow,
  type Row,
  type Run,
  type Sums,
} from "@pictor/core/ledger"
import type { Selectable } from "kysely"
import { sql } from "kysely"
import { type CallRow, rowColumns, toRow } from "./calls.ts"
import type { Database, Engine } from "./engine.ts"
import type { Standing } from "./kept.ts"
import {
  type BudgetRow,
  fillBudgets,
  type LoadedBudget,
  loadBudgets,
  lockBudgets,
} from "./load-budgets.ts"
import { type Operation, scopesFor } from "./operations.ts"
import { statement } from "./statement.ts"
import type { KeyTable } from "./tables.ts"
import { settleAll } from "./transaction.ts"

/** What a batch needs of the ledger, locked, and how it was, so that what changes can be told. */
export interface Loaded {
  readonly books: Books
  readonly before: ReadonlyMap<string, Standing>
  readonly budgets: readonly LoadedBudget[]
  readonly totalBefore: Sums
  readonly runIds: Map<Run, string>
  /** Of the rows that the batch reserves. */
  readonly orders: Map<string, ReservationRow>
  /** More leases have ended than one batch sweeps. */
  readonly crowded: boolean
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
  const names = keysOf(operations)
  const keys = names.length > 0 ? await lockKeys(connection, engine, names) : []
  const live = keys.filter(
    ({ run_id: runId, started_ms: startedMs }) => runId !== "" && nowMs - startedMs < dayMs,
  )
  const asked = [
    ...new Set(operations.flatMap((each) => (each.kind === "reserve" ? each.scopes : []))),
  ]
  const known = [
    ...new Set([
      ...asked,
      ...operations.flatMap((each) => (each.kind === "act" ? each.scopes : [])),
    ]),
  ]
  const kept = engine.kept?.current()
  const wanted = idsOf(operations, again)
  const ids = kept ? wanted.filter((id) => !kept.has(id)) : wanted
  const [calls, , knownBudgets] = await settleAll<
    [readonly CallRow[], unknown, readonly BudgetRow[]]
  >([
    (live.length > 0 ? lockRuns : lockCalls)(connection, engine, {
      ids,
      runIds: live.map((key) => key.run_id),
      nowMs,
    }),
    engine.shared && asked.length > 0
      ? lockBudgets(connection, engine, { scopes: asked, nowMs })
      : Promise.resolve(),
    loadBudgets(connection, engine, { scopes: ["", ...known], nowMs }),
  ])
  const books = emptyBooks(Number.POSITIVE_INFINITY)
  const runIds = fillCalls(books, live, calls)
  const before = standingsOf(
    books,
    calls,
    wanted.flatMap((id) => kept?.get(id) ?? []),
  )
  const knownNames = new Set(known)
  const told = new Set(
    operations.flatMap((each) => (each.kind === "act" && each.scopes.length > 0 ? each.id : [])),
  )
  const others = scopesFor([...books.rows.values()].filter(({ id }) => !told.has(id))).filter(
    (scope) => !knownNames.has(scope),
  )
  const otherBudgets =
    others.length > 0 ? await loadBudgets(connection, engine, { scopes: others, nowMs }) : []
  const budgets = fillBudgets(books, [...knownBudgets, ...otherBudgets])
  return {
    books,
    before,
    budgets,
    totalBefore: books.total,
    runIds,
    orders: new Map(),
    crowded:
      calls.filter(
        ({ state, lease_ends_ms: leaseEndsMs }) => state === "reserved" && leaseEndsMs <= nowMs,
      ).length >= sweepRows,
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
        .selectFrom(
          dialect.records({ key: "text" }, (keys: readonly string[]) =>
            keys.map((key) => ({ key })),
          ),
        )
        .select([
          "r.key",
          sql.lit("").as("hash"),
          sql.lit(0).as("started_ms"),
          sql.lit("").as("run_id"),
        ])
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet((eb) => ({ key: eb.ref("excluded.key") })),
    )
    .returningAll()
    .compile(),
)

const keysOf = (operations: readonly Operation[]): readonly string[] =>
  [
    ...new Set(
      operations.flatMap((each) =>
        each.kind === "reserve" ? (each.reservation.idempotency?.key ?? []) : [],
      ),
    ),
  ].toSorted()

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
        return withRuns
          ? named.union(from.selectFrom("pictor_call as run").select("run.id").where(isWanted))
          : named
      })
      .orderBy("id")
      .$if(shared, (query) => query.forUpdate("pictor_call"))
      .compile(),
  )

/** Those that are named, and some whose lease has ended. */
const lockCalls = callsWanted(false)

/** Those of the named runs as well. */
const lockRuns = callsWanted(true)

const fillCalls = (
  books: Books,
  keys: readonly Selectable<KeyTable>[],
  calls: readonly CallRow[],
): Map<Run, string> => {
  const runs = new Map<string, Run>()
  for (const { key, hash, started_ms: startedMs, run_id: id } of keys) {
    const run: Run = { hash, startedMs, rows: [] }
    books.runs.set(key, run)
    runs.set(id, run)
  }
  // Nobody asks for the key of these: their rows only have to stay together.
  for (const { run_id: id } of calls)
    if (id !== null && !runs.has(id)) runs.set(id, { hash: "", startedMs: 0, rows: [] })
  for (const call of calls) {
    const row = toRow(call, runs.get(call.run_id ?? ""))
    row.run?.rows.push(row)
    books.rows.set(row.id, row)
    if (row.state === "reserved") books.reserved.add(row)
  }
  return new Map([...runs].map(([id, run]) => [run, id]))
}

/** How all rows were, those that are kept put in the books: what was read of them, as when their lease ended, is the same. */
const standingsOf = (
  books: Books,
  calls: readonly CallRow[],
  kept: readonly Standing[],
): Map<string, Standing> => {
  for (const { row } of kept) {
    if (books.rows.has(row.id)) continue
    const copy = { ...row }
    books.rows.set(row.id, copy)
    books.reserved.add(copy)
  }
  const read = calls.map(
    ({ id, entries }) => [id, { row: { ...(books.rows.get(id) as Row) }, entries }] as const,
  )
  return new Map([...kept.map((standing) => [standing.row.id, standing] as const), ...read])
}
