import { randomUUID } from "node:crypto"
import { ImageError, isImageError } from "@pictor/core"
import { type Kysely, sql } from "kysely"
import type { Store, Tables } from "./tables.ts"
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

interface Admission {
  /** Gives back what was not used of each claim, by name, and the seats. Never throws: what cannot be given back ends by itself. */
  end(unused: ReadonlyMap<string, number>): Promise<void>
}

/** Limits that all processes on one database share. */
export interface Counts {
  /** All of it or nothing. */
  admit(claims: readonly Claim[], seats: readonly Seat[]): Promise<Admission | Refusal>
  /** Keeps this process's seats for longer. */
  renew(): Promise<void>
  /** Frees the seats of this process. */
  close(): Promise<void>
}

/** A process that ends without a word frees its seats after this. */
const leaseMs = 60_000
export const renewMs = 20_000

/** A seat is free as soon as a picture is made. */
const seatRetryMs = 1000

type Db = Kysely<Tables>

interface Used {
  readonly name: string
  readonly minute: number
  readonly used: number
}

/** Counts, and locks every limit that is named, in one order, so that no two processes wait for each other. */
const add = (db: Db, claims: readonly Claim[], minute: number): Promise<readonly Used[]> =>
  db
    .insertInto("gateway_count")
    .values(claims.map(({ name, amount }) => ({ name, minute, used: amount })))
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({
        // The clock of another process may be ahead by a little: its minute counts.
        used: sql<number>`case when gateway_count.minute >= excluded.minute then gateway_count.used else 0 end + excluded.used`,
        minute: sql<number>`case when gateway_count.minute > excluded.minute then gateway_count.minute else excluded.minute end`,
      }),
    )
    .returningAll()
    .execute()

const forgetEnded = (db: Db, seats: readonly Seat[], nowMs: number): Promise<unknown> =>
  db
    .deleteFrom("gateway_lease")
    .where(
      "name",
      "in",
      seats.map(({ name }) => name),
    )
    .where("ends_ms", "<=", nowMs)
    .execute()

const takenSeats = (db: Db, seats: readonly Seat[], id: string) =>
  db
    .selectFrom("gateway_lease")
    .select(["name", sql<number>`cast(count(*) as bigint)`.as("taken")])
    .where(
      "name",
      "in",
      seats.map(({ name }) => name),
    )
    .where("id", "<>", id)
    .groupBy("name")
    .execute()

const refusals = new WeakMap<object, Refusal>()

/** Takes the transaction back. */
const refuse = (refusal: Refusal): never => {
  const error = new ImageError({ code: "rate_limited", message: `${refusal.name} is used up.`, retryAfterMs: refusal.retryAfterMs })
  refusals.set(error, refusal)
  throw error
}

interface Asked {
  readonly id: string
  readonly holder: string
  readonly nowMs: number
  readonly claims: readonly Claim[]
  readonly seats: readonly Seat[]
}

/** What was counted, and in which minute. */
const admitIn = async (db: Db, { id, holder, nowMs, claims, seats }: Asked): Promise<readonly Used[]> => {
  const locked = [...claims, ...seats.map(({ name, limit }) => ({ name, limit, amount: 0 }))].toSorted((first, second) =>
    first.name < second.name ? -1 : 1,
  )
  // Statements go out together where the database takes them so; none is written unless all are allowed.
  const [counted, , taken] = await Promise.all([
    add(db, locked, Math.floor(nowMs / minuteMs)),
    seats.length === 0 ? undefined : forgetEnded(db, seats, nowMs),
    seats.length === 0 ? [] : takenSeats(db, seats, id),
  ])
  for (const { name, limit, amount } of claims) {
    const { used = 0, minute = 0 } = counted.find((each) => each.name === name) ?? {}
    if (used > limit) refuse({ name, used: used - amount, retryAfterMs: Math.max(1, (minute + 1) * minuteMs - nowMs) })
  }
  for (const { name, limit } of seats) {
    const used = taken.find((each) => each.name === name)?.taken ?? 0
    if (used >= limit) refuse({ name, used, retryAfterMs: seatRetryMs })
  }
  if (seats.length > 0)
    await db
      .insertInto("gateway_lease")
      .values(seats.map(({ name }) => ({ name, id, holder, ends_ms: nowMs + leaseMs })))
      .onConflict((conflict) => conflict.columns(["name", "id"]).doNothing())
      .execute()
  return counted
}

const giveBack = async (db: Db, { id, seats }: Asked, counted: readonly Used[], unused: ReadonlyMap<string, number>): Promise<void> => {
  for (const { name, minute } of counted) {
    const amount = unused.get(name) ?? 0
    if (amount > 0)
      await db
        .updateTable("gateway_count")
        .set((eb) => ({ used: eb("used", "-", amount) }))
        .where("name", "=", name)
        .where("minute", "=", minute)
        .execute()
  }
  if (seats.length > 0) await db.deleteFrom("gateway_lease").where("id", "=", id).execute()
}

export const createCounts = (store: Store, now: () => number): Counts => {
  const holder = randomUUID()
  /** Seats that could not be given back. */
  const stale = new Set<string>()
  const free = (ids: readonly string[]): Promise<unknown> =>
    store.write(async (db) => {
      for (const id of ids) await db.deleteFrom("gateway_lease").where("id", "=", id).execute()
    })
  const admission = (asked: Asked, counted: readonly Used[]): Admission => ({
    end: async (unused) => {
      const some = counted.some(({ name }) => (unused.get(name) ?? 0) > 0)
      if (!some && asked.seats.length === 0) return
      await store.write((db) => giveBack(db, asked, counted, unused)).catch(() => stale.add(asked.id))
    },
  })
  return {
    admit: async (claims, seats) => {
      const asked = { id: randomUUID(), holder, nowMs: now(), claims, seats }
      try {
        return admission(asked, await store.write((db) => admitIn(db, asked)))
      } catch (error) {
        const refusal = isImageError(error) ? refusals.get(error) : undefined
        if (refusal) return refusal
        throw error
      }
    },
    renew: async () => {
      const ids = [...stale]
      if (ids.length > 0) await free(ids)
      for (const id of ids) stale.delete(id)
      await store.write((db) =>
        db
          .updateTable("gateway_lease")
          .set({ ends_ms: now() + leaseMs })
          .where("holder", "=", holder)
          .execute(),
      )
    },
    close: async () => {
      await store.write((db) => db.deleteFrom("gateway_lease").where("holder", "=", holder).execute())
    },
  }
}
