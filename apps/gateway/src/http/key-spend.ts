/** What keys have spent, as the answer's header tells it. */
export interface Spend {
  /** In micro-USD, with what the request under way cost. */
  of(keyId: string, costMicroUsd: number): Promise<number>
}

/** So much later the spending of other processes shows in a header; budgets themselves are exact always. */
const keepMs = 5_000
const mostKeys = 10_000

interface Known {
  readonly untilMs: number
  microUsd: number
}

/** Asks the ledger now and then, and counts along in between: a header is not worth a query for every image. */
export const createSpend = (read: (keyId: string) => Promise<number>, now: () => number): Spend => {
  const known = new Map<string, Known>()
  return {
    of: async (keyId, costMicroUsd) => {
      const last = known.get(keyId)
      if (last && now() < last.untilMs) {
        last.microUsd += costMicroUsd
        return last.microUsd
      }
      // The ledger has settled this request already.
      const microUsd = await read(keyId)
      if (known.size >= mostKeys) known.clear()
      known.set(keyId, { untilMs: now() + keepMs, microUsd })
      return microUsd
    },
  }
}
