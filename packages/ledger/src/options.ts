import { fileURLToPath } from "node:url"
import { invalid } from "@pictor/core/ledger-kit"
import type { Engine } from "./engine.ts"
import { postgresEngine } from "./postgres.ts"
import { sqliteEngine } from "./sqlite.ts"

export interface LedgerOptions {
  /** Create or upgrade the tables where they are missing or older; true by default. */
  readonly migrate?: boolean
  /** How long an operation waits for a lock, or for a server that restarts, before it fails with `unavailable`; 10,000 by default. */
  readonly waitMs?: number
  /** How long a reservation lives, 60,000 by default. Processes on one database agree on it, and their clocks on the time. */
  readonly leaseMs?: number
  /** PostgreSQL: connections of this process, at most; 4 by default. */
  readonly connections?: number
  /** SQLite: the file grows no larger. */
  readonly maxBytes?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
}

export const defaultWaitMs = 10_000

/** A connection over TLS takes several round trips. */
const shortestConnectMs = 1000

/** The engine that a URL names. Throws `invalid_request` where it names none. */
export const openEngine = async (
  url: string,
  { connections = 4, maxBytes, waitMs = defaultWaitMs }: LedgerOptions,
  deadlineMs: number,
): Promise<Engine> => {
  if (/^postgres(ql)?:/.test(url)) return postgresEngine({ url, connections, connectTimeoutMs: Math.max(shortestConnectMs, waitMs) })
  if (!url.startsWith("file:")) throw invalid('A ledger is at "file:./pictor.db" or at "postgres://user@host/database".')
  const [place = "", query] = url.split("?")
  const path = place.startsWith("file://") ? fileURLToPath(place) : decodeURIComponent(place.slice("file:".length))
  if (path === "") throw invalid('A ledger in a file has a path: "file:./pictor.db".')
  return sqliteEngine({ path, readOnly: new URLSearchParams(query).get("mode") === "ro", maxBytes }, deadlineMs)
}
