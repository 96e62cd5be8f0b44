import { ImageError, type ImageErrorOptions } from "@pictor/core"

type Meaning = Pick<ImageErrorOptions, "code" | "retryable" | "message">

const unavailable = (message: string, retryable = false): Meaning => ({
  code: "unavailable",
  retryable,
  message,
})

const forbidden = (message: string): Meaning => ({ code: "forbidden", message })

const invalid = (message: string): Meaning => ({ code: "invalid_request", message })

const unreachable = unavailable(
  "The ledger's PostgreSQL server does not answer, or closed the connection: check that it runs and that this machine reaches it, then try again.",
  true,
)

const busy = unavailable(
  "The ledger's PostgreSQL server stayed busy: other clients hold its locks or all of its connections. Try again, or raise max_connections.",
  true,
)

const readOnly = forbidden(
  "The ledger's PostgreSQL database is read-only: connect to the primary server, without default_transaction_read_only.",
)

const noPrivilege = forbidden(
  "The ledger's PostgreSQL user lacks a privilege: grant it SELECT, INSERT, UPDATE and DELETE on the tables pictor_*, and CREATE on the schema for migrations.",
)

const wrongPassword = forbidden(
  "The ledger's PostgreSQL server rejected the user or the password: correct the URL, or allow the user in pg_hba.conf.",
)

const noTables = invalid(
  "The ledger's tables are missing: open it with { migrate: true } and the right to create tables, and check that search_path names their schema.",
)

const noDatabase = invalid(
  "The ledger's PostgreSQL database or schema does not exist: create it, or correct the URL.",
)

const full = unavailable(
  "The disk of the ledger's PostgreSQL server is full: free some space, then try again. Nothing was written.",
)

const rejectedValue = invalid(
  "The ledger's PostgreSQL server rejected a value; the error's cause names it. Nothing was written.",
)

const unknown = unavailable(
  "The ledger's PostgreSQL server failed; the error's cause says why. Nothing was written.",
)

/**
 * By SQLSTATE prefix, the longest first.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html, seen 2026-11-20
 */
const meanings: readonly (readonly [string, Meaning])[] = [
  ["53100", full],
  ["53300", busy],
  ["40001", busy],
  ["40P01", busy],
  ["55P03", busy],
  ["25P03", unreachable],
  ["57P01", unreachable],
  ["57P02", unreachable],
  ["57P03", unreachable],
  ["25006", readOnly],
  ["42501", noPrivilege],
  ["42P01", noTables],
  ["3D000", noDatabase],
  ["3F000", noDatabase],
  ["08", unreachable],
  ["28", wrongPassword],
  ["22", rejectedValue],
  ["23", rejectedValue],
]

const networkCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENOENT",
])

/**
 * pg reports a lost connection without a code.
 * https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js, seen 2026-11-20
 */
const lostConnection =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Client has encountered a connection error/

const meaningOf = (error: unknown): Meaning => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (lostConnection.test(String(message)) || (typeof code === "string" && networkCodes.has(code)))
    return unreachable
  return (
    (typeof code === "string" && meanings.find(([prefix]) => code.startsWith(prefix))?.[1]) ||
    unknown
  )
}

export const isTransient = (error: unknown): boolean => {
  const meaning = meaningOf(error)
  return meaning === busy || meaning === unreachable
}

export const postgresError = (cause: unknown): ImageError =>
  new ImageError({ ...meaningOf(cause), cause })
