import { randomUUID } from "node:crypto"
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

export interface Admission {
  readonly counts: Counts
  /**
   * Frees the slots and gives back the unused amounts, by limit. It never throws: if the database
   * fails, they expire.
   */
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

/** The most operations in one transaction. */
const batchSize = 200

export const createCounter = (store: Store, now: () => number): Counter => {
  const holder = randomUUID()
  /** Requests of a failed transaction, which may have been committed. */
  const uncertainIds = new Set<string>()
  const run = batched<Operation, Outcome>(batchSize, async (operations) => {
    let isRetry = false
    try {
      return await store.write((db) => {
        const batch = { operations, holder, nowMs: now(), isRetry }
        isRetry = true
        return applyBatch(db, batch)
      })
    } catch (error) {
      for (const { id, slots } of operations) if (slots.length > 0) uncertainIds.add(id)
      throw error
    }
  })
  return {
    admit: async (requests, slots) => {
      const id = randomUUID()
      const counts = await run({ kind: "admit", id, requests, slots })
      if (isRejection(counts)) return counts
      return {
        counts,
        end: async (amounts) => {
          const unused = new Map([...amounts].filter(([, amount]) => amount > 0))
          if (unused.size + slots.length > 0)
            await run({ kind: "end", id, counts, unused, slots }).catch(() => {})
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

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs one batch at a time and collects the items that arrive meanwhile for the next one, so that
 * requests for the same rows wait once. If `run` throws, all items of the batch fail.
 */
export const batched = <Item, Result>(
  limit: number,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): ((item: Item) => Promise<Result>) => {
  let waiting: Waiting<Item, Result>[] = []
  let isRunning = false
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limit)
      waiting = waiting.slice(limit)
      try {
        const results = await run(batch.map(({ item }) => item))
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isRunning = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (isRunning) return
      isRunning = true
      void drain()
    })
}
