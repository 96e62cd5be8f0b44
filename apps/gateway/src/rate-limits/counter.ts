import { randomUUID } from "node:crypto"
import type { Store } from "../keys/tables.ts"
import {
  type Claim,
  type Counted,
  isRefusal,
  leaseMs,
  type Operation,
  type Outcome,
  type Refusal,
  type Seat,
  tallyIn,
} from "./store.ts"

interface Admission {
  readonly counted: Counted
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

export const renewMs = 5_000

/** Operations of one transaction, at most. */
const batchSize = 200

const hasSeats = ({ seats }: Operation): boolean => seats.length > 0

export const createCounts = (store: Store, now: () => number): Counts => {
  const holder = randomUUID()
  /** Whoever may hold seats without our knowing, as when the database went away with the answer. */
  const stale = new Set<string>()
  const run = inBatches<Operation, Outcome>(batchSize, async (operations) => {
    let again = false
    try {
      return await store.write((db) => {
        const batch = { operations, holder, nowMs: now(), again }
        again = true
        return tallyIn(db, batch)
      })
    } catch (error) {
      for (const { id } of operations.filter(hasSeats)) stale.add(id)
      throw error
    }
  })
  const admission = (id: string, counted: Counted, seats: readonly Seat[]): Admission => ({
    counted,
    end: async (unused) => {
      const given = new Map([...unused].filter(([, amount]) => amount > 0))
      if (given.size + seats.length > 0)
        await run({ kind: "end", id, counted, unused: given, seats }).catch(() => {})
    },
  })
  return {
    admit: async (claims, seats) => {
      const id = randomUUID()
      const outcome = await run({ kind: "admit", id, claims, seats })
      return isRefusal(outcome) ? outcome : admission(id, outcome, seats)
    },
    renew: async () => {
      const gone = [...stale]
      await store.write(async (db) => {
        for (const id of gone) await db.deleteFrom("gateway_lease").where("id", "=", id).execute()
        const ends = { ends_ms: now() + leaseMs }
        await db.updateTable("gateway_lease").set(ends).where("holder", "=", holder).execute()
      })
      for (const id of gone) stale.delete(id)
    },
    close: async () => {
      await store.write((db) =>
        db.deleteFrom("gateway_lease").where("holder", "=", holder).execute(),
      )
    },
  }
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what is asked for while a batch is at work into the next one, and does one batch at a time: many who wait for the same rows wait once.
 * `run` gives a result for each; where it throws, all of them fail.
 */
export const inBatches = <Item, Result>(
  limit: number,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): ((item: Item) => Promise<Result>) => {
  let waiting: Waiting<Item, Result>[] = []
  let working = false
  const workOff = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting.slice(0, limit)
      waiting = waiting.slice(limit)
      try {
        const results = await run(taken.map(({ item }) => item))
        for (const [index, { resolve }] of taken.entries()) resolve(results[index] as Result)
      } catch (error) {
        for (const { reject } of taken) reject(error)
      }
    }
    working = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (working) return
      working = true
      void workOff()
    })
}
