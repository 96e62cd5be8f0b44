import { type ReservationRow, type Row, type Run, type Sums, sumsOf } from "@pictor/core/ledger"
import type { Selectable } from "kysely"
import type { Columns } from "./engine.ts"
import type { CallTable, EntryTable, SumColumns } from "./tables.ts"

/** What the books need of a call. */
export const rowColumns = [
  "id",
  "time_ms",
  "day",
  "model",
  "task",
  "account_key",
  "account_user",
  "account_team",
  "tags",
  "seed",
  "run_id",
  "ordered",
  "estimate_micro_usd",
  "estimate_maybe_micro_usd",
  "estimate_unknown_images",
  "entries",
  "state",
  "sent",
  "lease_ends_ms",
  "delivered",
  "settled_micro_usd",
  "settled_maybe_micro_usd",
  "settled_unknown_images",
  "request_id",
  "verdict",
] as const satisfies readonly (keyof CallTable)[]

export type CallRow = Pick<Selectable<CallTable>, (typeof rowColumns)[number]>

/** What of a call changes. */
export type CallChange = Pick<CallTable, (typeof changing)[number] | keyof SumColumns | "id">

const changing = [
  "entries",
  "state",
  "sent",
  "lease_ends_ms",
  "delivered",
  "settled_micro_usd",
  "settled_maybe_micro_usd",
  "settled_unknown_images",
  "request_id",
  "verdict",
] as const

export const sumColumns: Columns<SumColumns> = {
  images: "bigint",
  micro_usd: "bigint",
  maybe_micro_usd: "bigint",
  unknown_images: "bigint",
  reserved_micro_usd: "bigint",
  reserved_images: "bigint",
}

export const changeColumns: Columns<CallChange> = {
  id: "text",
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
  ...sumColumns,
}

/** How every call begins; what it has when it ends is null until then. */
export const begun = {
  entries: 0,
  state: "reserved",
  images: 0,
  micro_usd: 0,
  maybe_micro_usd: 0,
  unknown_images: 0,
} as const satisfies Partial<CallTable>

/** What calls begin with that is not the same for all. */
export type CallOrder = Omit<
  CallTable,
  keyof typeof begun | Exclude<(typeof changing)[number], "lease_ends_ms" | "sent">
>

export const orderColumns: Columns<CallOrder> = {
  id: "text",
  sent: "bigint",
  lease_ends_ms: "bigint",
  reserved_micro_usd: "bigint",
  reserved_images: "bigint",
  time_ms: "bigint",
  day: "text",
  model: "text",
  task: "text",
  account_key: "text",
  account_user: "text",
  account_team: "text",
  tags: "text",
  size: "text",
  quality: "text",
  price: "text",
  seed: "bigint",
  run_id: "text",
  ordered: "bigint",
  estimate_micro_usd: "bigint",
  estimate_maybe_micro_usd: "bigint",
  estimate_unknown_images: "bigint",
}

export const entryColumns: Columns<EntryTable> = {
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

export const toSumColumns = (sums: Sums): SumColumns => ({
  images: sums.images,
  micro_usd: sums.microUsd,
  maybe_micro_usd: sums.maybeMicroUsd,
  unknown_images: sums.unpricedImages,
  reserved_micro_usd: sums.reservedMicroUsd,
  reserved_images: sums.reservedImages,
})

export const fromSumColumns = (calls: number, columns: SumColumns): Sums => ({
  calls,
  images: columns.images,
  microUsd: columns.micro_usd,
  maybeMicroUsd: columns.maybe_micro_usd,
  unpricedImages: columns.unknown_images,
  reservedMicroUsd: columns.reserved_micro_usd,
  reservedImages: columns.reserved_images,
})

/** A row of the books as it came from the table. */
export const toRow = (call: CallRow, run: Run | undefined): Row => {
  const tags = Object.entries(JSON.parse(call.tags) as Record<string, string>)
  const facts = {
    model: call.model,
    task: call.task,
    day: call.day,
    month: call.day.slice(0, 7),
    ...(call.account_key !== null && { key: call.account_key }),
    ...(call.account_user !== null && { user: call.account_user }),
    ...(call.account_team !== null && { team: call.account_team }),
    ...Object.fromEntries(tags.map(([name, value]) => [`tag:${name}`, value])),
  }
  const order = {
    ordered: call.ordered,
    seed: call.seed ?? undefined,
    cost: {
      microUsd: call.estimate_micro_usd,
      maybeMicroUsd: call.estimate_maybe_micro_usd,
      unpricedImages: call.estimate_unknown_images,
    },
  }
  const settlement = call.delivered === null ? undefined : settlementOf(call, call.delivered)
  return {
    id: call.id,
    facts,
    timeMs: call.time_ms,
    ...order,
    run,
    state: call.state,
    sent: call.sent === 1,
    leaseEndsMs: call.lease_ends_ms,
    sums: sumsOf(call.state, order, settlement),
    settlement,
    ...(call.verdict !== null && { verdict: call.verdict }),
  }
}

const settlementOf = (call: CallRow, delivered: number): NonNullable<Row["settlement"]> => ({
  cost: {
    microUsd: call.settled_micro_usd ?? 0,
    maybeMicroUsd: call.settled_maybe_micro_usd ?? 0,
    unpricedImages: call.settled_unknown_images ?? 0,
  },
  delivered,
  ...(call.request_id !== null && { requestId: call.request_id }),
})

export const toChange = (row: Row, entries: number): CallChange => ({
  id: row.id,
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
  ...toSumColumns(row.sums),
})

/** A row as it was reserved, with what the books do not keep of its order. */
export const toCall = (row: Row, order: ReservationRow, runId: string | undefined): CallOrder => {
  const { model = "", task = "", day = "", key, user, team } = row.facts
  const tags = Object.entries(row.facts).filter(([name]) => name.startsWith("tag:"))
  return {
    id: row.id,
    sent: row.sent ? 1 : 0,
    lease_ends_ms: row.leaseEndsMs,
    reserved_micro_usd: row.cost.microUsd + row.cost.maybeMicroUsd,
    reserved_images: row.ordered,
    time_ms: row.timeMs,
    day,
    model,
    task,
    account_key: key ?? null,
    account_user: user ?? null,
    account_team: team ?? null,
    tags: JSON.stringify(
      Object.fromEntries(tags.map(([name, value]) => [name.slice("tag:".length), value])),
    ),
    size: order.size ?? null,
    quality: order.quality ?? null,
    price: order.price ?? null,
    seed: order.seed ?? null,
    run_id: runId ?? null,
    ordered: row.ordered,
    estimate_micro_usd: row.cost.microUsd,
    estimate_maybe_micro_usd: row.cost.maybeMicroUsd,
    estimate_unknown_images: row.cost.unpricedImages,
  }
}

export const toEntry = (row: Row, entry: number, timeMs: number): EntryTable => ({
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
