import type {
  Reservation,
  ReservationRow,
  Reserved,
  RowState,
  Settlement,
  SubmittedJob,
  UnresolvedQuery,
} from "../contract/ledger.ts"
import { admit, type Budgets, clientTag, countIn } from "./budget.ts"
import { checkKey, type Runs, unresolvedOf } from "./idempotency.ts"
import {
  checkTexts,
  copyCost,
  copyJob,
  copySettlement,
  type Draft,
  type Entry,
  exact,
  invalid,
  plus,
  type Row,
  type Run,
  resolved,
  type Sums,
  sumsOf,
  whole,
  zero,
} from "./row.ts"

/** The state of a ledger in memory. */
export interface Books {
  readonly maxRows: number
  readonly rows: Map<string, Row>
  readonly reserved: Set<Row>
  readonly ended: Set<Row>
  /** Kept because a set that lost its first members is slow to iterate from the start. */
  readonly firstEnded: Iterator<Row, undefined>
  /** Sums of forgotten rows. */
  readonly folded: Map<string, Entry>
  readonly budgets: Budgets
  readonly runs: Runs
  total: Sums
}

export const emptyBooks = (maxRows: number): Books => {
  const ended = new Set<Row>()
  return {
    maxRows,
    rows: new Map(),
    reserved: new Set(),
    ended,
    firstEnded: ended.values(),
    folded: new Map(),
    budgets: new Map(),
    runs: new Map(),
    total: zero,
  }
}

export const entriesOf = ({ folded, rows }: Books): readonly Entry[] => [
  ...folded.values(),
  ...rows.values(),
]

/** The time of an operation, and how long a lease lasts from then. */
export interface Moment {
  readonly nowMs: number
  readonly leaseMs: number
}

/** An operation of a ledger on one row. */
export type RowAction =
  | { readonly kind: "sent" | "renew" | "release" }
  | { readonly kind: "submitted"; readonly job: SubmittedJob }
  | { readonly kind: "settle"; readonly settlement: Settlement }
  | { readonly kind: "hold"; readonly settlement: Settlement | undefined }
  | { readonly kind: "resolve"; readonly verdict: "spent" | "unspent" }

/** `Ledger.reserve` on the books. It applies completely, or throws and changes nothing. */
export const reserveIn = (
  books: Books,
  reservation: Reservation,
  { nowMs, leaseMs }: Moment,
  nextId: () => string,
): Reserved => {
  const { retryOf, idempotency } = reservation
  sweep(books, nowMs)
  checkTexts(reservation)
  if (idempotency) checkKey(books.runs, idempotency, nowMs)
  const drafts = draftsOf(reservation, nowMs, nowMs + leaseMs)
  exact(drafts.reduce((sum, { sums }) => plus(sum, sums), books.total))
  let run: Run | undefined = retryOf === undefined ? undefined : rowOf(books, retryOf, nowMs).run
  const warnings = admit(books.budgets, drafts, nowMs)
  if (idempotency) {
    // Only `lapsed: "retry"` comes here with an unresolved run. Spent money may be spent again.
    for (const row of unresolvedOf(books.runs.get(idempotency.key))) resolve(books, row, "spent")
    run = { hash: idempotency.hash, startedMs: nowMs, rows: [] }
    books.runs.delete(idempotency.key)
    books.runs.set(idempotency.key, run)
  }
  const ids = drafts.map((draft) => {
    const row = { ...draft, id: nextId(), run, sums: zero }
    run?.rows.push(row)
    books.rows.set(row.id, row)
    move(books, row, "reserved")
    return row.id
  })
  return { ids, ...(warnings.length > 0 && { warnings }), ...(reservation.sent && { sent: true }) }
}

/** Acts on one row: completely, or it throws and changes nothing but an expired lease. */
export const actIn = (
  books: Books,
  id: string,
  action: RowAction,
  { nowMs, leaseMs }: Moment,
): void => {
  const row = rowOf(books, id, nowMs)
  switch (action.kind) {
    case "sent":
      if (row.state !== "reserved")
        throw invalid(
          `Ledger row ${id} is ${row.state}. Do not send its call; reserve a new row first.`,
        )
      Object.assign(row, { sent: true, leaseEndsMs: nowMs + leaseMs })
      break
    case "submitted":
      submit(row, copyJob(action.job))
      break
    case "renew":
      row.leaseEndsMs = nowMs + leaseMs
      break
    case "settle":
      end(books, row, "settled", copySettlement(action.settlement))
      break
    case "release":
      end(books, row, "released")
      break
    case "hold":
      end(books, row, "held", action.settlement && copySettlement(action.settlement), [
        "reserved",
        "lapsed",
      ])
      break
    case "resolve":
      resolve(books, row, action.verdict)
  }
}

const submit = (row: Row, job: SubmittedJob): void => {
  if (JSON.stringify(row.job) === JSON.stringify(job)) return
  if (!unsettled.includes(row.state))
    throw invalid(`Ledger row ${row.id} is already ${row.state} and takes no job.`)
  row.job = job
}

const unsettled: readonly RowState[] = ["reserved", "held", "lapsed"]

const end = (
  books: Books,
  row: Row,
  state: RowState,
  settlement?: Settlement,
  from = unsettled,
): void => {
  if (row.state === state && JSON.stringify(row.settlement) === JSON.stringify(settlement)) return
  if (!from.includes(row.state))
    throw invalid(`Ledger row ${row.id} is already ${row.state} and cannot become ${state}.`)
  move(books, row, state, settlement)
}

const resolve = (books: Books, row: Row, verdict: "spent" | "unspent"): void => {
  if (row.verdict === verdict) return
  if (row.state !== "held" && row.state !== "lapsed")
    throw invalid(
      `Ledger row ${row.id} is ${row.state}. Only held and lapsed rows can be resolved.`,
    )
  const settlement = resolved(row, verdict)
  move(books, row, settlement ? "settled" : "released", settlement)
  row.verdict = verdict
}

/** A page of the sent rows without a verdict, in the order of their ids. */
export const unresolvedIn = (
  books: Books,
  { jobs = false, id, after = "" }: UnresolvedQuery,
  nowMs: number,
): readonly Row[] => {
  sweep(books, nowMs)
  const isListed = ({ state, sent }: Row): boolean =>
    state === "held" || state === "lapsed" || (jobs && state === "reserved" && sent)
  const rows = id === undefined ? [...books.rows.values()] : [books.rows.get(id) ?? []].flat()
  return rows
    .filter((row) => row.id > after && isListed(row))
    .toSorted((first, second) => (first.id < second.id ? -1 : 1))
    .slice(0, unresolvedPage)
}

/** Rows of a page. */
export const unresolvedPage = 1000

/** The facts by which a row is grouped and found by budgets. */
export const factsOf = (
  {
    account: { key, user, team, endUser } = {},
    tags = {},
    clientTags = [],
  }: Pick<Reservation, "account" | "tags" | "clientTags">,
  { model, task, provider }: Pick<ReservationRow, "model" | "task" | "provider">,
  timeMs: number,
): Entry["facts"] => {
  const time = new Date(timeMs).toISOString()
  const facts: Record<string, string> = {
    model,
    task,
    day: time.slice(0, 10),
    month: time.slice(0, 7),
  }
  if (provider !== undefined) facts["provider"] = provider
  if (key !== undefined) facts["key"] = key
  if (user !== undefined) facts["user"] = user
  if (team !== undefined) facts["team"] = team
  if (endUser !== undefined) facts["endUser"] = endUser
  for (const [name, value] of Object.entries(tags))
    if (value !== undefined) facts[`tag:${name}`] = value
  for (const name of clientTags) if (tags[name] !== undefined) facts[`${clientTag}${name}`] = ""
  return facts
}

const draftsOf = (
  reservation: Reservation,
  timeMs: number,
  leaseEndsMs: number,
): readonly Draft[] =>
  reservation.rows.map((row) => {
    const cost = copyCost(row.cost)
    const ordered = whole({ images: row.images }).images
    return {
      facts: factsOf(reservation, row, timeMs),
      timeMs,
      leaseEndsMs,
      sent: reservation.sent === true,
      state: "reserved",
      cost,
      ordered,
      seed: row.seed,
      sums: sumsOf("reserved", { cost, ordered }),
    }
  })

/** The row of an id, after its lease was checked. */
const rowOf = (books: Books, id: string, nowMs: number): Row => {
  const row = books.rows.get(id)
  if (!row) throw invalid(`The ledger does not know row ${id}, or no longer stores it.`)
  expire(books, row, nowMs)
  return row
}

/** Ends the reservations whose lease has expired. */
export const sweep = (books: Books, nowMs: number): void => {
  for (const row of books.reserved) expire(books, row, nowMs)
}

const expire = (books: Books, row: Row, nowMs: number): void => {
  if (row.state === "reserved" && nowMs >= row.leaseEndsMs)
    move(books, row, row.sent ? "lapsed" : "released")
}

/** Changes a row's state. The only place that does, so that every sum follows. */
const move = (books: Books, row: Row, state: RowState, settlement?: Settlement): void => {
  const sums = sumsOf(state, row, settlement)
  const change = plus(sums, row.sums, -1)
  books.total = exact(plus(books.total, change))
  countIn(books.budgets, row, change)
  Object.assign(row, { state, settlement, sums })
  books.reserved[state === "reserved" ? "add" : "delete"](row)
  if (state === "settled" || state === "released") books.ended.add(row)
  forget(books)
}

/** Folds the rows that ended first into sums while there are more than `maxRows`. */
const forget = ({ maxRows, rows, ended, firstEnded, folded }: Books): void => {
  while (rows.size > maxRows && ended.size > 0) {
    const row = firstEnded.next().value as Row
    const { facts, state, timeMs, sums } = row
    const name = JSON.stringify([facts, state])
    const like = folded.get(name)
    folded.set(name, {
      facts,
      state,
      timeMs: Date.parse(facts["day"] ?? ""),
      latestMs: Math.max(timeMs, like?.latestMs ?? timeMs),
      sums: plus(sums, like?.sums ?? zero),
    })
    ended.delete(row)
    rows.delete(row.id)
  }
}
