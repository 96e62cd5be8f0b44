import { randomUUID } from "node:crypto"
import { createBatchQueue } from "@pictor/ledger"
import { type Insertable, type Kysely, sql } from "kysely"
import type { LeaseTable, Store, Tables } from "../keys/tables.ts"

interface Admission {
  readonly counts: Counts
  /** Gives back slots and unused amounts. Never throws: if the database fails, they expire. */
  end(unused: ReadonlyMap<string, number>): Promise<void>
}

/** Counts the use of limits that all processes on one database share. */
export interface Counter {
  /** Counts all of the amounts and slots, or none. */
  admit(
    requests: readonly LimitRequest[],
    slots: readonly ConcurrencySlot[],
  ): Promise<Admission | Rejection>
  /** Extends the leases of this process. */
  renew(): Promise<void>
  /** Frees the slots of this process. */
  close(): Promise<void>
}

export const renewMs = 5000

const batchSize = 200

export const createCounter = (store: Store, now: () => number): Counter => {
  const holder = randomUUID()
  /** Requests of a failed transaction, which may have been committed. */
  const uncertainIds = new Set<string>()
  const queue = createBatchQueue<Operation, Outcome>(batchSize, async (operations) => {
    let isRetry = false
    try {
      const outcomes = await store.write((db) => {
        const batch = { operations, holder, nowMs: now(), isRetry }
        isRetry = true
        return applyBatch(db, batch)
      })
      return outcomes.map((value) => ({ status: "fulfilled", value }))
    } catch (error) {
      for (const { id, slots } of operations) if (slots.length > 0) uncertainIds.add(id)
      throw error
    }
  })
  return {
    admit: async (requests, slots) => {
      const id = randomUUID()
      const counts = await queue.push({ kind: "admit", id, requests, slots })
      if (isRejection(counts)) return counts
      return {
        counts,
        end: async (amounts) => {
          const unused = new Map([...amounts].filter(([, amount]) => amount > 0))
          if (unused.size + slots.length > 0)
            await queue.push({ kind: "end", id, counts, unused, slots }).catch(() => {})
        },
      }
    },
    renew: async () => {
      const ids = [...uncertainIds]
      await store.write(async (db) => {
        for (const id of ids) await freeSlots(db, id)
        await db
          .updateTable("gateway_lease")
          .set({ ends_ms: now() + leaseMs })
          .where("holder", "=", holder)
          .execute()
      })
      for (const id of ids) uncertainIds.delete(id)
    },
    close: async () => {
      await store.write((db) =>
        db.deleteFrom("gateway_lease").where("holder", "=", holder).execute(),
      )
    },
  }
}

const windowMs = 60_000
const secondMs = 1000

/** The use in one second, with the time of the last use. */
type Use = readonly [atMs: number, amount: number]

export interface Window {
  /** The latest clock of all processes. */
  readonly nowMs: number
  /** At most one for each second, the earliest first. */
  readonly uses: readonly Use[]
  readonly used: number
}

const isUse = (value: unknown): value is Use =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number"

const parse = (text: string): readonly Use[] => {
  const saved: unknown = JSON.parse(text)
  return Array.isArray(saved) ? saved.filter(isUse) : []
}

const sumOf = (uses: readonly Use[]): number => uses.reduce((sum, [, amount]) => sum + amount, 0)

const secondOf = (atMs: number): number => Math.floor(atMs / secondMs)

/** Reads the text of `writeWindow`. A process with a late clock uses the time of the last use. */
export const readWindow = (text: string, clockMs: number): Window => {
  const all = parse(text)
  const nowMs = Math.max(clockMs, all.at(-1)?.[0] ?? clockMs)
  const uses = all.filter(([atMs]) => atMs > nowMs - windowMs)
  return { nowMs, uses, used: sumOf(uses) }
}

export const writeWindow = ({ uses }: Window): string => JSON.stringify(uses)

/** When this amount of the use will be a minute old. */
export const freeAtMs = ({ uses, nowMs }: Window, amount: number): number => {
  let left = amount
  for (const [atMs, used] of uses) {
    left -= used
    if (left <= 0) return atMs + windowMs
  }
  return nowMs
}

/** Adds a use. The uses of one second expire together, a minute after the last of them. */
export const use = ({ nowMs, uses, used }: Window, amount: number): Window => {
  const last = uses.at(-1)
  const same = last && secondOf(last[0]) === secondOf(nowMs)
  const rest = same ? uses.slice(0, -1) : uses
  return { nowMs, uses: [...rest, [nowMs, same ? last[1] + amount : amount]], used: used + amount }
}

/** Removes an amount from the second in which it was used, unless that second has expired. */
export const giveBack = ({ nowMs, uses }: Window, usedAtMs: number, amount: number): Window => {
  const remaining = uses
    .map(
      ([atMs, used]): Use => [
        atMs,
        secondOf(atMs) === secondOf(usedAtMs) ? Math.max(0, used - amount) : used,
      ],
    )
    .filter(([, used]) => used > 0)
  return { nowMs, uses: remaining, used: sumOf(remaining) }
}

/** The amount that a request uses of a limit per minute. */
interface LimitRequest {
  readonly name: string
  readonly limit: number
  readonly amount: number
}

/** A limit on concurrent requests, of which a request takes one slot. */
interface ConcurrencySlot {
  readonly name: string
  readonly limit: number
}

/** The first exceeded limit, in the order of the limit requests and then of the slots. */
export interface Rejection {
  readonly name: string
  /** Without the rejected request. */
  readonly used: number
  /** When enough of the limit will be free; for a slot, when to retry. */
  readonly retryAfterMs: number
}

interface Count {
  readonly atMs: number
  /** The use of the limit, with the counted amount. */
  readonly used: number
}

/** The counts of an admitted request, by the limit's name. */
export type Counts = ReadonlyMap<string, Count>

/** `id` identifies the request whose slots it takes or frees. */
type Operation =
  | {
      readonly kind: "admit"
      readonly id: string
      readonly requests: readonly LimitRequest[]
      readonly slots: readonly ConcurrencySlot[]
    }
  | {
      readonly kind: "end"
      readonly id: string
      readonly counts: Counts
      readonly unused: ReadonlyMap<string, number>
      readonly slots: readonly ConcurrencySlot[]
    }

type Outcome = Counts | Rejection

const isRejection = (outcome: Outcome): outcome is Rejection => "retryAfterMs" in outcome

/** The slots of a crashed process are free after this time. It exceeds the database timeout. */
const leaseMs = 15_000

const slotRetryMs = 1000

type Db = Kysely<Tables>

interface LimitState {
  window: Window
  slotsTaken: number
}

type LimitStates = ReadonlyMap<string, LimitState>

const lock = (db: Db, name: string) =>
  db
    .insertInto("gateway_window")
    .values({ name, uses: "[]" })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({ uses: sql<string>`gateway_window.uses` }),
    )
    .returning(["name", "uses"])
    .executeTakeFirstOrThrow()

const deleteExpired = (db: Db, name: string, nowMs: number) =>
  db.deleteFrom("gateway_lease").where("name", "=", name).where("ends_ms", "<=", nowMs).execute()

const countTaken = (db: Db, name: string) =>
  db
    .selectFrom("gateway_lease")
    .select(sql<number>`cast(count(*) as bigint)`.as("taken"))
    .where("name", "=", name)
    .executeTakeFirstOrThrow()

const freeSlots = (db: Db, id: string) =>
  db.deleteFrom("gateway_lease").where("id", "=", id).execute()

/**
 * Locks and reads the limits after the slots of `endedIds` are free. The locks are taken in the
 * order of the names, so that processes cannot deadlock. A database that pipelines gets all
 * statements at once.
 */
const loadStates = async (
  db: Db,
  operations: readonly Operation[],
  endedIds: readonly string[],
  nowMs: number,
): Promise<LimitStates> => {
  const names = new Set<string>()
  const slotNames = new Set<string>()
  for (const each of operations) {
    if (each.kind === "end") for (const name of each.unused.keys()) names.add(name)
    else {
      for (const { name } of each.requests) names.add(name)
      for (const { name } of each.slots) slotNames.add(name)
    }
  }
  const sorted = [...new Set([...names, ...slotNames])].toSorted()
  const [rows, , , taken] = await Promise.all([
    Promise.all(sorted.map((name) => lock(db, name))),
    Promise.all(endedIds.map((id) => freeSlots(db, id))),
    Promise.all([...slotNames].map((name) => deleteExpired(db, name, nowMs))),
    Promise.all([...slotNames].map(async (name) => [name, await countTaken(db, name)] as const)),
  ])
  const counts = new Map(taken)
  return new Map(
    rows.map(({ name, uses }) => [
      name,
      { window: readWindow(uses, nowMs), slotsTaken: counts.get(name)?.taken ?? 0 },
    ]),
  )
}

const stateOf = (states: LimitStates, name: string): LimitState => {
  const state = states.get(name)
  if (!state) throw new TypeError(`The limit ${name} was not loaded.`)
  return state
}

const admit = (
  states: LimitStates,
  requests: readonly LimitRequest[],
  slots: readonly ConcurrencySlot[],
  nowMs: number,
): Outcome => {
  for (const { name, limit, amount } of requests) {
    const { window } = stateOf(states, name)
    const excess = window.used + amount - limit
    if (excess > 0)
      return {
        name,
        used: window.used,
        retryAfterMs: Math.max(1, freeAtMs(window, excess) - nowMs),
      }
  }
  for (const { name, limit } of slots) {
    const { slotsTaken: used } = stateOf(states, name)
    if (used >= limit) return { name, used, retryAfterMs: slotRetryMs }
  }
  for (const { name } of slots) stateOf(states, name).slotsTaken += 1
  return new Map(
    requests.map(({ name, amount }) => {
      const state = stateOf(states, name)
      if (amount > 0) state.window = use(state.window, amount)
      return [name, { atMs: state.window.nowMs, used: state.window.used }]
    }),
  )
}

const end = (states: LimitStates, counts: Counts, unused: ReadonlyMap<string, number>): void => {
  for (const [name, amount] of unused) {
    const [state, count] = [stateOf(states, name), counts.get(name)]
    if (count) state.window = giveBack(state.window, count.atMs, amount)
  }
}

interface Batch {
  readonly operations: readonly Operation[]
  readonly holder: string
  readonly nowMs: number
  /** The first attempt may have been committed: give nothing back twice, so that limits hold. */
  readonly isRetry: boolean
}

/** Applies the operations in their order, in one transaction. */
const applyBatch = async (
  db: Db,
  { operations, holder, nowMs, isRetry }: Batch,
): Promise<readonly Outcome[]> => {
  const endedIds = operations
    .filter(({ kind, slots }) => slots.length > 0 && (isRetry || kind === "end"))
    .map(({ id }) => id)
  const states = await loadStates(db, operations, endedIds, nowMs)
  const before = new Map([...states].map(([name, { window }]) => [name, window]))
  const leases: Insertable<LeaseTable>[] = []
  const outcomes = operations.map((each): Outcome => {
    if (each.kind === "end") {
      if (!isRetry) end(states, each.counts, each.unused)
      return each.counts
    }
    const outcome = admit(states, each.requests, each.slots, nowMs)
    if (!isRejection(outcome))
      for (const { name } of each.slots)
        leases.push({ name, id: each.id, holder, ends_ms: nowMs + leaseMs })
    return outcome
  })
  const changed = [...states].filter(([name, { window }]) => window !== before.get(name))
  await Promise.all([
    ...changed.map(([name, { window }]) =>
      db
        .updateTable("gateway_window")
        .set({ uses: writeWindow(window) })
        .where("name", "=", name)
        .execute(),
    ),
    ...leases.map((lease) => db.insertInto("gateway_lease").values(lease).execute()),
  ])
  return outcomes
}
