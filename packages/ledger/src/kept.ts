import type { Row } from "@pictor/core/ledger"

/** A row as it was last written. */
export interface Standing {
  readonly row: Row
  readonly entries: number
}

/** Rows that wait for their end, as this process wrote them. */
export interface Kept {
  /** In a transaction: those that nobody else can have changed. */
  current(): ReadonlyMap<string, Standing>
  /** Once the transaction is written: what became of its rows. */
  keep(standings: Iterable<Standing>): void
  forget(): void
}

/** Others are read again. */
const mostRows = 10_000

/** `version`: another one when another connection has written. */
export const keepRows = (version: () => unknown): Kept => {
  const rows = new Map<string, Standing>()
  let last: unknown
  return {
    current: () => {
      const now = version()
      if (now !== last) rows.clear()
      last = now
      return rows
    },
    keep: (standings) => {
      for (const standing of standings) {
        const { id, state, run } = standing.row
        // Rows of one idempotency key belong together and are read together.
        if (state === "reserved" && !run && rows.size < mostRows) rows.set(id, standing)
        else rows.delete(id)
      }
    },
    forget: () => rows.clear(),
  }
}
