import { type Insertable, type Kysely, sql } from "kysely"
import type { LeaseTable, Tables } from "../keys/tables.ts"
import { freeAtMs, giveBack, readWindow, use, type Window, writeWindow } from "./sliding-window.ts"

/** A limit of so much in any minute, and how much of it is asked for. */
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
  /** Until so much is free; of a seat, when it is worth another try. */
  readonly retryAfterMs: number
}

/** When a claim was counted, and what is used of its limit with it. */
interface Counting {
  readonly atMs: number
  readonly used: number
}

/** What was counted, by name. */
export type Counted = ReadonlyMap<string, Counting>

/** `id`: of the request whose seats it takes or leaves. */
export type Operation =
  | {
      readonly kind: "admit"
      readonly id: string
      readonly claims: readonly Claim[]
      readonly seats: readonly Seat[]
    }
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
  window: Window
  taken: number
}

const namesOf = (operations: readonly Operation[]) => {
  const claims = operations.flatMap((each) =>
    each.kind === "admit" ? each.claims.map(({ name }) => name) : [...each.unused.keys()],
  )
  const seats = operations.flatMap((each) =>
    each.kind === "admit" ? each.seats.map(({ name }) => name) : [],
  )
  return { all: [...new Set([...claims, ...seats])].toSorted(), seats: [...new Set(seats)] }
}

/** Locks a limit's row. */
const lock = (db: Db, name: string) =>
  db
    .insertInto("gateway_window")
    .values({ name, uses: "[]" })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({ uses: sql<string>`gateway_window.uses` }),
    )
    .returning(["name", "uses"])
    .executeTakeFirstOrThrow()

const freeEnded = (db: Db, name: string, nowMs: number): Promise<unknown> =>
  db.deleteFrom("gateway_lease").where("name", "=", name).where("ends_ms", "<=", nowMs).execute()

const countTaken = (db: Db, name: string) =>
  db
    .selectFrom("gateway_lease")
    .select(sql<number>`cast(count(*) as bigint)`.as("taken"))
    .where("name", "=", name)
    .executeTakeFirstOrThrow()

const leave = (db: Db, id: string): Promise<unknown> =>
  db.deleteFrom("gateway_lease").where("id", "=", id).execute()

/**
 * What limits came to, once the seats of `ended` are left. Locked in the order of the names, so that no two processes wait for each other; the statements
 * go out together where the database takes them so.
 */
const load = async (
  db: Db,
  operations: readonly Operation[],
  ended: readonly string[],
  nowMs: number,
): Promise<Tallies> => {
  const names = namesOf(operations)
  const [rows, , , taken] = await Promise.all([
    Promise.all(names.all.map((name) => lock(db, name))),
    Promise.all(ended.map((id) => leave(db, id))),
    Promise.all(names.seats.map((name) => freeEnded(db, name, nowMs))),
    Promise.all(names.seats.map((name) => countTaken(db, name))),
  ])
  const takenBy = new Map(names.seats.map((name, index) => [name, taken[index]?.taken ?? 0]))
  return new Map(
    rows.map(({ name, uses }) => [
      name,
      { window: readWindow(uses, nowMs), taken: takenBy.get(name) ?? 0 },
    ]),
  )
}

type Tallies = ReadonlyMap<string, Tally>

const tallyOf = (tallies: Tallies, name: string): Tally => {
  const tally = tallies.get(name)
  if (!tally) throw new TypeError(`${name} was not read.`)
  return tally
}

const admit = (
  tallies: Tallies,
  claims: readonly Claim[],
  seats: readonly Seat[],
  nowMs: number,
): Outcome => {
  for (const { name, limit, amount } of claims) {
    const { window } = tallyOf(tallies, name)
    const tooMuch = window.used + amount - limit
    if (tooMuch > 0)
      return {
        name,
        used: window.used,
        retryAfterMs: Math.max(1, freeAtMs(window, tooMuch) - nowMs),
      }
  }
  for (const { name, limit } of seats) {
    const { taken } = tallyOf(tallies, name)
    if (taken >= limit) return { name, used: taken, retryAfterMs: seatRetryMs }
  }
  for (const { name, amount } of claims) {
    const tally = tallyOf(tallies, name)
    if (amount > 0) tally.window = use(tally.window, amount)
  }
  for (const { name } of seats) tallyOf(tallies, name).taken += 1
  return new Map(
    claims.map(({ name }) => {
      const { window } = tallyOf(tallies, name)
      return [name, { atMs: window.nowMs, used: window.used }]
    }),
  )
}

const giveUnusedBack = (
  tallies: Tallies,
  counted: Counted,
  unused: ReadonlyMap<string, number>,
): void => {
  for (const [name, amount] of unused) {
    const [tally, counting] = [tallyOf(tallies, name), counted.get(name)]
    if (counting) tally.window = giveBack(tally.window, counting.atMs, amount)
  }
}

export const isRefusal = (outcome: Outcome): outcome is Refusal => "retryAfterMs" in outcome

const save = async (
  db: Db,
  windows: readonly (readonly [name: string, window: Window])[],
  leases: readonly Insertable<LeaseTable>[],
): Promise<void> => {
  await Promise.all([
    ...windows.map(([name, window]) =>
      db
        .updateTable("gateway_window")
        .set({ uses: writeWindow(window) })
        .where("name", "=", name)
        .execute(),
    ),
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
export const tallyIn = async (
  db: Db,
  { operations, holder, nowMs, again }: Batch,
): Promise<readonly Outcome[]> => {
  const ended = operations
    .filter(({ kind, seats }) => seats.length > 0 && (again || kind === "end"))
    .map(({ id }) => id)
  const tallies = await load(db, operations, ended, nowMs)
  const before = new Map([...tallies].map(([name, { window }]) => [name, window]))
  const leases: Insertable<LeaseTable>[] = []
  const outcomes = operations.map((each): Outcome => {
    if (each.kind === "end") {
      if (!again) giveUnusedBack(tallies, each.counted, each.unused)
      return each.counted
    }
    const outcome = admit(tallies, each.claims, each.seats, nowMs)
    if (!isRefusal(outcome))
      leases.push(
        ...each.seats.map(({ name }) => ({ name, id: each.id, holder, ends_ms: nowMs + leaseMs })),
      )
    return outcome
  })
  const changed = [...tallies].flatMap(([name, { window }]) =>
    window === before.get(name) ? [] : [[name, window] as const],
  )
  await save(db, changed, leases)
  return outcomes
}
