import { ImageError, type ImageErrorOptions } from "@pictor/core"

type Meaning = Pick<ImageErrorOptions, "code" | "retryable" | "message">

const unreachable: Meaning = {
  code: "unavailable",
  retryable: true,
  message:
    "The ledger's PostgreSQL server does not answer, or has just closed the connection: see that it runs and can be reached, then try again.",
}

const busy: Meaning = {
  code: "unavailable",
  retryable: true,
  message:
    "The ledger's PostgreSQL server stayed busy: others hold its locks or all of its connections. Try again, or allow more connections.",
}

const readOnly: Meaning = {
  code: "forbidden",
  retryable: false,
  message:
    "The ledger's PostgreSQL database is read-only: connect to the primary server, without default_transaction_read_only.",
}

const noRight: Meaning = {
  code: "forbidden",
  retryable: false,
  message:
    "The ledger's PostgreSQL user lacks a right: grant it SELECT, INSERT, UPDATE and DELETE on the tables pictor_*, and CREATE on the schema to migrate.",
}

const wrongPassword: Meaning = {
  code: "forbidden",
  retryable: false,
  message:
    "The ledger's PostgreSQL server refuses the user or the password: correct them in the URL, or allow the user in pg_hba.conf.",
}

const noTables: Meaning = {
  code: "invalid_request",
  retryable: false,
  message:
    "The ledger's tables are missing: open it with { migrate: true } and the right to create tables, and see that search_path names their schema.",
}

const noDatabase: Meaning = {
  code: "invalid_request",
  retryable: false,
  message:
    "The ledger's PostgreSQL database or schema does not exist: create it, or correct the URL.",
}

const full: Meaning = {
  code: "unavailable",
  retryable: false,
  message:
    "The disk of the ledger's PostgreSQL server is full: make room, then try again. Nothing was written.",
}

const refusedValue: Meaning = {
  code: "invalid_request",
  retryable: false,
  message:
    "The ledger's PostgreSQL server refuses a value; the cause says which. Nothing was written.",
}

const unknown: Meaning = {
  code: "unavailable",
  retryable: false,
  message:
    "The ledger's PostgreSQL server could not do it; the cause says why. Nothing was written.",
}

/** By SQLSTATE, the longest beginning first. https://www.postgresql.org/docs/18/errcodes-appendix.html, seen 2026-11-20 */
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
  ["42501", noRight],
  ["42P01", noTables],
  ["3D000", noDatabase],
  ["3F000", noDatabase],
  ["08", unreachable],
  ["28", wrongPassword],
  ["22", refusedValue],
  ["23", refusedValue],
]

const network: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENOENT",
])

/** pg says only in words that a connection was lost. https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js, seen 2026-11-20 */
const lost =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Client has encountered a connection error/

const meaningOf = (error: unknown): Meaning => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (lost.test(String(message)) || (typeof code === "string" && network.has(code)))
    return unreachable
  return (
    (typeof code === "string" && meanings.find(([beginning]) => code.startsWith(beginning))?.[1]) ||
    unknown
  )
}

export const isPassing = (error: unknown): boolean => {
  const meaning = meaningOf(error)
  return meaning === busy || meaning === unreachable
}

export const postgresError = (cause: unknown): ImageError =>
  new ImageError({ ...meaningOf(cause), cause })
