import {
  clientTag,
  plus,
  type ReservationRow,
  type Row,
  type Sums,
  zero,
} from "@pictor/core/ledger"
import { type RawBuilder, sql } from "kysely"
import type { Columns, Database, Engine } from "./engine.ts"
import type { Loaded } from "./load.ts"
import { preparedWrite } from "./prepared-query.ts"
import type {
  CallProgress,
  CallTable,
  EntryTable,
  KeyTable,
  SumColumns,
  TallyTable,
} from "./tables.ts"

/** The statements that write what a batch changed. */
export const changesToWrite = (
  connection: Database,
  engine: Engine,
  loaded: Loaded,
  nowMs: number,
): readonly (() => Promise<void>)[] => {
  const { books, before, orders, runIds } = loaded
  const calls: CallTable[] = []
  const changes: CallChange[] = []
  const entries: EntryTable[] = []
  for (const row of books.rows.values()) {
    const order = orders.get(row.id)
    const { row: earlier, entries: written = 0, endedMs = null } = before.get(row.id) ?? {}
    const isMoved =
      row.state !== (earlier?.state ?? "reserved") || row.settlement !== earlier?.settlement
    const isRenewed =
      row.sent !== earlier?.sent ||
      row.leaseEndsMs !== earlier?.leaseEndsMs ||
      row.job !== earlier?.job
    const count = isMoved ? written + 1 : written
    const progress = toProgress(row, count, isMoved ? nowMs : endedMs)
    if (isMoved) entries.push(toEntry(row, count, nowMs))
    if (order)
      calls.push({
        ...toOrder(row, order, row.run && runIds.get(row.run)),
        ...progress,
      })
    else if (isMoved || isRenewed) changes.push({ id: row.id, ...progress })
  }
  const write = <Each>(
    run: (db: Database, engine: Engine, records: readonly Each[]) => Promise<void>,
    records: readonly Each[],
  ) => (records.length > 0 ? [() => run(connection, engine, records)] : [])
  return [
    ...write(insertCalls, calls),
    ...write(updateCalls, changes),
    ...write(insertEntries, entries),
    ...write(addTallies, talliesOf(loaded, engine.stripe)),
    ...write(updateKeys, keysOf(loaded)),
  ]
}

const sumColumns: Columns<SumColumns> = {
  images: "bigint",
  micro_usd: "bigint",
  maybe_micro_usd: "bigint",
  unknown_images: "bigint",
  reserved_micro_usd: "bigint",
  reserved_images: "bigint",
}

const progressColumns: Columns<CallProgress> = {
  entries: "bigint",
  state: "text",
  sent: "bigint",
  lease_ends_ms: "bigint",
  delivered: "bigint",
  settled_micro_usd: "bigint",
  settled_maybe_micro_usd: "bigint",
  settled_unknown_images: "bigint",
  request_id: "text",
  verdict: "text",
  ended_ms: "bigint",
  usage: "text",
  estimated: "bigint",
  job: "text",
  ...sumColumns,
}

const callColumns: Columns<CallTable> = {
  id: "text",
  time_ms: "bigint",
  day: "text",
  model: "text",
  provider: "text",
  task: "text",
  account_key: "text",
  account_user: "text",
  account_team: "text",
  end_user: "text",
  tags: "text",
  client_tags: "text",
  size: "text",
  quality: "text",
  price: "text",
  seed: "bigint",
  run_id: "text",
  ordered: "bigint",
  estimate_micro_usd: "bigint",
  estimate_maybe_micro_usd: "bigint",
  estimate_unknown_images: "bigint",
  ...progressColumns,
}

const entryColumns: Columns<EntryTable> = {
  call_id: "text",
  entry: "bigint",
  time_ms: "bigint",
  state: "text",
  delivered: "bigint",
  micro_usd: "bigint",
  maybe_micro_usd: "bigint",
  unknown_images: "bigint",
  request_id: "text",
  verdict: "text",
}

const tallyColumns: Columns<TallyTable> = {
  budget_id: "bigint",
  bucket: "bigint",
  calls: "bigint",
  ...sumColumns,
}

const keyColumns: Columns<KeyTable> = {
  key: "text",
  hash: "text",
  started_ms: "bigint",
  run_id: "text",
}

const namesOf = <Shape>(columns: Columns<Shape>) => Object.keys(columns) as (keyof Shape & string)[]

const insertInto = <Shape extends object>(
  table: string,
  columns: Columns<Shape>,
  onConflict = sql``,
) =>
  preparedWrite<Shape>(columns, (cell, from) => {
    const names = namesOf(columns)
    return sql`
      insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
      select ${sql.join(names.map(cell))} ${from} where true ${onConflict}`
  })

const updateBy = <Shape extends object>(
  key: keyof Shape & string,
  table: string,
  columns: Columns<Shape>,
) =>
  preparedWrite<Shape>(columns, (cell, from) => {
    const changes = namesOf(columns)
      .filter((name) => name !== key)
      .map((name) => sql`${sql.ref(name)} = ${cell(name)}`)
    return sql`
      update ${sql.table(table)} set ${sql.join(changes)} ${from}
      where ${sql.ref(`${table}.${key}`)} = ${cell(key)}`
  })

type CallChange = CallProgress & Pick<CallTable, "id">

const insertCalls = insertInto("pictor_call", callColumns)

const updateCalls = updateBy<CallChange>("id", "pictor_call", { id: "text", ...progressColumns })

const insertEntries = insertInto("pictor_entry", entryColumns)

const updateKeys = updateBy("key", "pictor_key", keyColumns)

const addedColumns: readonly RawBuilder<unknown>[] = ["calls", ...namesOf(sumColumns)].map(
  (name) =>
    sql`${sql.ref(name)} = ${sql.ref(`pictor_tally.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
)

/** Adds to the stored tallies: other processes may have changed them since they were read. */
export const addTallies = insertInto(
  "pictor_tally",
  tallyColumns,
  sql`on conflict (budget_id, bucket) do update set ${sql.join(addedColumns)}`,
)

const toSumColumns = (sums: Sums): SumColumns => ({
  images: sums.images,
  micro_usd: sums.microUsd,
  maybe_micro_usd: sums.maybeMicroUsd,
  unknown_images: sums.unpricedImages,
  reserved_micro_usd: sums.reservedMicroUsd,
  reserved_images: sums.reservedImages,
})

/** The facts whose name begins with a prefix, without it. */
const withPrefix = (facts: Row["facts"], prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(facts)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  )

/** What an order was; it never changes. */
const toOrder = (
  { id, facts, timeMs, ordered, cost }: Row,
  { size, quality, price, seed }: ReservationRow,
  runId: string | undefined,
): Omit<CallTable, keyof CallProgress> => {
  const { model = "", provider, task = "", day = "", key, user, team, endUser } = facts
  const clientTags = withPrefix(facts, clientTag)
  return {
    id,
    time_ms: timeMs,
    day,
    model,
    provider: provider ?? null,
    task,
    account_key: key ?? null,
    account_user: user ?? null,
    account_team: team ?? null,
    end_user: endUser ?? null,
    tags: JSON.stringify(withPrefix(facts, "tag:")),
    client_tags: Object.keys(clientTags).length === 0 ? null : JSON.stringify(clientTags),
    size: size ?? null,
    quality: quality ?? null,
    price: price ?? null,
    seed: seed ?? null,
    run_id: runId ?? null,
    ordered,
    estimate_micro_usd: cost.microUsd,
    estimate_maybe_micro_usd: cost.maybeMicroUsd,
    estimate_unknown_images: cost.unpricedImages,
  }
}

const toProgress = (row: Row, entries: number, endedMs: number | null): CallProgress => ({
  entries,
  state: row.state,
  sent: row.sent ? 1 : 0,
  lease_ends_ms: row.leaseEndsMs,
  delivered: row.settlement?.delivered ?? null,
  settled_micro_usd: row.settlement?.cost.microUsd ?? null,
  settled_maybe_micro_usd: row.settlement?.cost.maybeMicroUsd ?? null,
  settled_unknown_images: row.settlement?.cost.unpricedImages ?? null,
  request_id: row.settlement?.requestId ?? null,
  verdict: row.verdict ?? null,
  ended_ms: endedMs,
  usage: row.settlement?.usage ? JSON.stringify(row.settlement.usage) : null,
  estimated: row.settlement?.estimated ? 1 : null,
  job: row.job ? JSON.stringify(row.job) : null,
  ...toSumColumns(row.sums),
})

const toEntry = (row: Row, entry: number, timeMs: number): EntryTable => ({
  call_id: row.id,
  entry,
  time_ms: timeMs,
  state: row.state,
  delivered: row.settlement?.delivered ?? null,
  micro_usd: row.settlement?.cost.microUsd ?? null,
  maybe_micro_usd: row.settlement?.cost.maybeMicroUsd ?? null,
  unknown_images: row.settlement?.cost.unpricedImages ?? null,
  request_id: row.settlement?.requestId ?? null,
  verdict: row.verdict ?? null,
})

export const toTally = (budgetId: number, bucket: number, sums: Sums): TallyTable => ({
  budget_id: budgetId,
  bucket,
  calls: sums.calls,
  ...toSumColumns(sums),
})

/** What the batch adds to tallies, sorted so that processes lock them in the same order. */
const talliesOf = (
  { books, totalBefore, budgets }: Loaded,
  stripe: number,
): readonly TallyTable[] => {
  const total = { id: 0, bucket: stripe, change: plus(books.total, totalBefore, -1) }
  const changes = budgets.flatMap(({ id, tallies, before }) =>
    [...tallies].map(([bucket, sums]) => ({
      id,
      bucket,
      change: plus(sums, before.get(bucket) ?? zero, -1),
    })),
  )
  return [total, ...changes]
    .filter(({ change }) => Object.values(change).some((value) => value !== 0))
    .toSorted((first, second) => first.id - second.id || first.bucket - second.bucket)
    .map(({ id, bucket, change }) => toTally(id, bucket, change))
}

/** The idempotency keys whose run the batch began. */
const keysOf = ({ books, runIds, orders }: Loaded): readonly KeyTable[] =>
  [...books.runs].flatMap(([key, run]) =>
    orders.has(run.rows[0]?.id ?? "")
      ? [{ key, hash: run.hash, started_ms: run.startedMs, run_id: runIds.get(run) ?? "" }]
      : [],
  )
