import type { DatabaseOptions } from "./database.ts"

/** `connections` and `maxBytes` are of a URL: a database that is open already has its own. */
export interface LedgerOptions extends DatabaseOptions {
  /** Create or upgrade the tables where they are missing or older; true by default. */
  readonly migrate?: boolean
  /** How long a reservation lives, 60,000 by default. Processes on one database agree on it, and their clocks on the time. */
  readonly leaseMs?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
}
