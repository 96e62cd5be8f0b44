import { type DurableLedger, type LedgerCall, openLedger } from "@pictor/ledger"
import {
  compareSums,
  strayEntries,
} from "../../../../../packages/ledger/src/__fixtures__/inspect.ts"

/** A time at which every lease has expired. */
export const laterMs = 120_000

export interface Books {
  readonly ledger: DurableLedger
  /** Rows with this tag value, oldest first; without one, all rows. */
  rows(name?: string, value?: string): Promise<readonly LedgerCall[]>
  /** Inconsistencies: rows without a matching entry, sums that differ from the rows. */
  wrong(): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** The calls in a gateway's database. `aheadMs` moves the clock past the leases. */
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
