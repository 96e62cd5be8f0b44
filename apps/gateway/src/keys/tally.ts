import { type Insertable, type Kysely, sql } from "kysely"
import type { LeaseTable, Tables } from "./tables.ts"
import { minuteMs } from "./time.ts"

/** A limit of so much in each minute of the clock, and how much of it is asked for. */
export interface Claim {
  readonly name: string
  readonly limit: number
  readonly amount: number
}

/** A limit of so many at a time, of which one is asked for. */
export interface Seat {
  readonly name: string
  readonly limit: number
}

/** The first limit, in the order of the claims and then of the seats, that does not allow it. */
export interface Refusal {
  readonly name: string
  /** Before this was asked. */
  readonly used: number
  /** Until the minute ends; of a seat, when it is worth another try. */
  readonly retryAfterMs: number
}

/** What was counted, by name, in which minute. */
export type Counted = ReadonlyMap<string, number>

/** `id`: of the request whose seats it takes or leaves. */
export type Operation =
  | { readonly kind: "admit"; readonly id: string; readonly claims: readonly Claim[]; readonly seats: readonly Seat[] }
  | {
      readonly kind: "end"
      readonly id: string
      readonly counted: Counted
      readonly unused: ReadonlyMap<string, number>
      readonly seats: readonly Seat[]
    }

export type Outcome = Counted | Refusal

/** A process that ends without a word frees its seats after this: longer than a database is waited for, and no longer than its successor can bear. */
export const leaseMs = 15_000

/** A seat is free as soon as a picture is made. */
const seatRetryMs = 1000

type Db = Kysely<Tables>

interface Tally {
  readonly minute: number
  used: number
  taken: number
}

const namesOf = (operations: readonly Operation[]) => {
  const claims = operations.flatMap((each) => (each.kind === "admit" ? each.claims.map(({ name }) => name) : [...each.unused.keys()]))
  const seats = operations.flatMap((each) => (each.kind === "admit" ? each.seats.map(({ name }) => name) : []))
  return { all: [...new Set([...claims, ...seats])].toSorted(), seats: [...new Set(seats)] }
}

/** Locks a limit's row, and brings it to this minute. */
const lock = (db: Db, name: string, minute: number) =>
  db
    .insertInto("gateway_count")
    .values({ name, minute, used: 0 })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({
        // The clock of another process may be ahead by a little: its minute counts.
        used: sql<number>`case when gateway_count.minute >= excluded.minute then gateway_count.used else 0 end`,
        minute: sql<number>`case when gateway_count.minute > excluded.minute then gateway_count.minute else excluded.minute end`,
      }),
    )
    .returning(["name", "minute", "used"])
    .executeTakeFirstOrThrow()

const freeEnded = (db: Db, name: string, nowMs: number): Promise<unknown> =>
  db.deleteFrom("gateway_lease").where("name", "=", name).where("ends_ms", "<=", nowMs).execute()

const countTaken = (db: Db, name: string) =>
  db.selectFrom("gateway_lease").select(sql<number>`cast(count(*) as bigint)`.as("taken")).where("name", "=", name).executeTakeFirstOrThrow()

const leave = (db: Db, id: string): Promise<unknown> => db.deleteFrom("gateway_lease").where("id", "=", id).execute()

/**
 * What limits came to, once the seats of `ended` are left. Locked in the order of the names, so that no two processes wait for each other; the statements
 * go out together where the database takes them so.
 */
const load = async (db: Db, operations: readonly Operation[], ended: readonly string[], nowMs: number): Promise<Map<string, Tally>> => {
  const names = namesOf(operations)
  const minute = Math.floor(nowMs / minuteMs)
  const [rows, , , taken] = await Promise.all([
    Promise.all(names.all.map((name) => lock(db, name, minute))),
    Promise.all(ended.map((id) => leave(db, id))),
    Promise.all(names.seats.map((name) => freeEnded(db, name, nowMs))),
    Promise.all(names.seats.map((name) => countTaken(db, name))),
  ])
  const takenBy = new Map(names.seats.map((name, index) => [name, taken[index]?.taken ?? 0]))
  return new Map(rows.map((row) => [row.name, { minute: row.minute, used: row.used, taken: takenBy.get(row.name) ?? 0 }]))
}

const nothing: Tally = { minute: 0, used: 0, taken: 0 }

const admit = (tallies: Map<string, Tally>, claims: readonly Claim[], seats: readonly Seat[], nowMs: number): Outcome => {
  const tallyOf = (name: string): Tally => tallies.get(name) ?? nothing
  for (const { name, limit, amount } of claims) {
    const { used, minute } = tallyOf(name)
    if (used + amount > limit) return { name, used, retryAfterMs: Math.max(1, (minute + 1) * minuteMs - nowMs) }
  }
  for (const { name, limit } of seats) {
    const { taken } = tallyOf(name)
    if (taken >= limit) return { name, used: taken, retryAfterMs: seatRetryMs }
  }
  for (const { name, amount } of claims) tallyOf(name).used += amount
  for (const { name } of seats) tallyOf(name).taken += 1
  return new Map(claims.map(({ name }) => [name, tallyOf(name).minute]))
}

const giveBack = (tallies: Map<string, Tally>, counted: Counted, unused: ReadonlyMap<string, number>): void => {
  for (const [name, amount] of unused) {
    const tally = tallies.get(name)
    if (tally && tally.minute === counted.get(name)) tally.used -= amount
  }
}

export const isRefusal = (outcome: Outcome): outcome is Refusal => "retryAfterMs" in outcome

const save = async (db: Db, used: readonly (readonly [name: string, used: number])[], leases: readonly Insertable<LeaseTable>[]): Promise<void> => {
  await Promise.all([
    ...used.map(([name, value]) => db.updateTable("gateway_count").set({ used: value }).where("name", "=", name).execute()),
    ...leases.map((lease) => db.insertInto("gateway_lease").values(lease).execute()),
  ])
}

export interface Batch {
  readonly operations: readonly Operation[]
  readonly holder: string
  readonly nowMs: number
  /** They may have been written before without our knowing: nothing is given back twice, so that no limit is passed. */
  readonly again: boolean
}

/** Does operations one after the other on what their limits came to, in one transaction. */
export const tallyIn = async (db: Db, { operations, holder, nowMs, again }: Batch): Promise<readonly Outcome[]> => {
  const ended = operations.filter(({ kind, seats }) => seats.length > 0 && (again || kind === "end")).map(({ id }) => id)
  const tallies = await load(db, operations, ended, nowMs)
  const before = new Map([...tallies].map(([name, { used }]) => [name, used]))
  const leases: Insertable<LeaseTable>[] = []
  const outcomes = operations.map((each): Outcome => {
    if (each.kind === "end") {
      if (!again) giveBack(tallies, each.counted, each.unused)
      return each.counted
    }
    const outcome = admit(tallies, each.claims, each.seats, nowMs)
    if (!isRefusal(outcome)) leases.push(...each.seats.map(({ name }) => ({ name, id: each.id, holder, ends_ms: nowMs + leaseMs })))
    return outcome
  })
  const changed = [...tallies].flatMap(([name, { used }]) => (used === before.get(name) ? [] : [[name, used] as const]))
  await save(db, changed, leases)
  return outcomes
}
