export interface KeySpend {
  /** Adds the cost of the current request. The key's spending in micro-USD, with that cost. */
  add(keyId: string, costMicroUsd: number): Promise<number>
}

/** Spending of other processes shows in the header this much later. Budgets are always exact. */
const cacheMs = 5_000
const maxKeys = 10_000

interface Cached {
  readonly untilMs: number
  microUsd: number
}

/** Reads the ledger when the cache expires and adds the costs in between. */
export const createKeySpend = (
  read: (keyId: string) => Promise<number>,
  now: () => number,
): KeySpend => {
  const cache = new Map<string, Cached>()
  return {
    add: async (keyId, costMicroUsd) => {
      const cached = cache.get(keyId)
      if (cached && now() < cached.untilMs) {
        cached.microUsd += costMicroUsd
        return cached.microUsd
      }
      // The ledger has already settled this request.
      const microUsd = await read(keyId)
      if (cache.size >= maxKeys) cache.clear()
      cache.set(keyId, { untilMs: now() + cacheMs, microUsd })
      return microUsd
    },
  }
}
