import type { Reservation, ReservationRow, RowState, Settlement } from "../contract/ledger.ts"
import { type Budgets, countIn } from "./budget.ts"
import type { Runs } from "./idempotency.ts"
import {
  copyCost,
  type Draft,
  type Entry,
  exact,
  invalid,
  plus,
  type Row,
  type Sums,
  sumsOf,
  whole,
  zero,
} from "./row.ts"

/** All that a ledger in memory holds. */
export interface Books {
  readonly maxRows: number
  readonly rows: Map<string, Row>
  readonly reserved: Set<Row>
  readonly ended: Set<Row>
  /** Goes on where it was: a set that loses its first members is slow to begin anew. */
  readonly firstEnded: Iterator<Row, undefined>
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

/** What a row of this reservation is grouped by, and which budgets it falls under. */
export const factsOf = (
  { account: { key, user, team } = {}, tags = {} }: Pick<Reservation, "account" | "tags">,
  { model, task }: Pick<ReservationRow, "model" | "task">,
  timeMs: number,
): Entry["facts"] => {
  const time = new Date(timeMs).toISOString()
  const facts: Record<string, string> = {
    model,
    task,
    day: time.slice(0, 10),
    month: time.slice(0, 7),
  }
  if (key !== undefined) facts["key"] = key
  if (user !== undefined) facts["user"] = user
  if (team !== undefined) facts["team"] = team
  for (const [name, value] of Object.entries(tags))
    if (value !== undefined) facts[`tag:${name}`] = value
  return facts
}

/** The rows that a reservation asks for. */
export const draftsOf = (
  reservation: Reservation,
  timeMs: number,
  leaseEndsMs: number,
): readonly Draft[] =>
  reservation.rows.map((row) => {
    const order = {
      cost: copyCost(row.cost),
      ordered: whole({ images: row.images }).images,
      seed: row.seed,
    }
    return {
      facts: factsOf(reservation, row, timeMs),
      timeMs,
      leaseEndsMs,
      sent: reservation.sent === true,
      state: "reserved",
      ...order,
      sums: sumsOf("reserved", order),
    }
  })

/** A row as it stands now. */
export const rowOf = (books: Books, id: string, nowMs: number): Row => {
  const row = books.rows.get(id)
  if (!row) throw invalid(`The ledger has no row ${id}, or no longer keeps it.`)
  expire(books, row, nowMs)
  return row
}

/** Ends the reservations whose lease has run out. */
export const sweep = (books: Books, nowMs: number): void => {
  for (const row of books.reserved) expire(books, row, nowMs)
}

/** Every change of a row's state goes through here, so that all sums follow. */
export const move = (books: Books, row: Row, state: RowState, settlement?: Settlement): void => {
  const sums = sumsOf(state, row, settlement)
  const change = plus(sums, row.sums, -1)
  books.total = exact(plus(books.total, change))
  countIn(books.budgets, row, change)
  Object.assign(row, { state, settlement, sums })
  books.reserved[state === "reserved" ? "add" : "delete"](row)
  if (state === "settled" || state === "released") books.ended.add(row)
  forget(books)
}

const expire = (books: Books, row: Row, nowMs: number): void => {
  if (row.state === "reserved" && nowMs >= row.leaseEndsMs)
    move(books, row, row.sent ? "lapsed" : "released")
}

const forget = ({ maxRows, rows, ended, firstEnded, folded }: Books): void => {
  while (rows.size > maxRows && ended.size > 0) {
    const row = firstEnded.next().value as Row
    const { facts, state, timeMs, sums } = row
    const name = JSON.stringify([facts, state])
    const like = folded.get(name)
    const latestMs = Math.max(timeMs, like?.latestMs ?? timeMs)
    folded.set(name, {
      facts,
      state,
      timeMs: Date.parse(facts["day"] ?? ""),
      latestMs,
      sums: plus(sums, like?.sums ?? zero),
    })
    ended.delete(row)
    rows.delete(row.id)
  }
}
