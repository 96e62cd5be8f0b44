import { type DurableLedger, type LedgerCall, openLedger } from "@pictor/ledger"
import {
  compareSums,
  strayEntries,
} from "../../../../../packages/ledger/src/__fixtures__/inspect.ts"

/** So far ahead every lease has ended. */
export const laterMs = 120_000

export interface Books {
  readonly ledger: DurableLedger
  /** The rows whose tag `name` has this value, the earliest first; without one, all. */
  rows(name?: string, value?: string): Promise<readonly LedgerCall[]>
  /** What does not add up: rows that have no entry or another one, sums that are not those of the rows. */
  wrong(): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** What a gateway's database says of its calls, read beside the gateway. `aheadMs`: at a time when leases have ended. */
export const openBooks = async (url: string, aheadMs = 0): Promise<Books> => {
  const ledger = await openLedger(url, { now: () => Date.now() + aheadMs })
  return {
    ledger,
    rows: async (name, value) => {
      const rows: LedgerCall[] = []
      for await (const row of ledger.calls())
        if (name === undefined || row.tags[name] === value) rows.push(row)
      return rows
    },
    wrong: async () => {
      const { calls, tallies } = await compareSums(url)
      const other = tallies
        .slice(0, 1)
        .filter((tally) => JSON.stringify(tally) !== JSON.stringify(calls))
      return [...other, ...(await strayEntries(url))]
    },
    close: () => ledger.close(),
  }
}
