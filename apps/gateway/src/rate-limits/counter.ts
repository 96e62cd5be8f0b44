import { randomUUID } from "node:crypto"
import { createBatchQueue } from "@pictor/ledger"
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
  const queue = createBatchQueue<Operation, Outcome>(batchSize, async (operations) => {
    let again = false
    try {
      const outcomes = await store.write((db) => {
        const batch = { operations, holder, nowMs: now(), again }
        again = true
        return tallyIn(db, batch)
      })
      return outcomes.map((value) => ({ status: "fulfilled", value }))
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
        await queue.push({ kind: "end", id, counted, unused: given, seats }).catch(() => {})
    },
  })
  return {
    admit: async (claims, seats) => {
      const id = randomUUID()
      const outcome = await queue.push({ kind: "admit", id, claims, seats })
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
