import { randomUUID } from "node:crypto"
import { createBatchQueue } from "@pictor/ledger"
import type { Store } from "../keys/tables.ts"
import {
  applyBatch,
  type ConcurrencySlot,
  type Counts,
  freeSlots,
  isRejection,
  type LimitRequest,
  leaseMs,
  type Operation,
  type Outcome,
  type Rejection,
} from "./store.ts"

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
