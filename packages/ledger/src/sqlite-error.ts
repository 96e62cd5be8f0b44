import { ImageError, type ImageErrorOptions } from "@pictor/core"

type Meaning = Pick<ImageErrorOptions, "code" | "retryable"> & {
  readonly say: (path: string) => string
}

const locked: Meaning = {
  code: "unavailable",
  retryable: true,
  say: (path) =>
    `The ledger ${path} stayed locked by another program: close what holds it open for writing, then try again.`,
}

const readOnly: Meaning = {
  code: "forbidden",
  retryable: false,
  say: (path) =>
    `The ledger ${path} is read-only: open it without mode=ro, as a user who may write the file and its folder.`,
}

const corrupt: Meaning = {
  code: "unavailable",
  retryable: false,
  say: (path) =>
    `The ledger ${path} is damaged or no SQLite database: put a copy in its place, or open another file.`,
}

/** https://sqlite.org/rescode.html, seen 2026-11-20 */
const meanings: Readonly<Record<number, Meaning>> = {
  5: locked,
  6: locked,
  8: readOnly,
  10: {
    code: "unavailable",
    retryable: false,
    say: (path) => `The disk of the ledger ${path} cannot be read or written: see to the disk.`,
  },
  11: corrupt,
  13: {
    code: "unavailable",
    retryable: false,
    say: (path) =>
      `The disk of the ledger ${path} is full, or the file has reached its maxBytes: make room, then try again. Nothing was written.`,
  },
  14: {
    code: "invalid_request",
    retryable: false,
    say: (path) =>
      `The ledger ${path} cannot be opened: create its folder and see that this user may write there.`,
  },
  19: {
    code: "invalid_request",
    retryable: false,
    say: (path) =>
      `The tables of the ledger ${path} refuse a value; the cause says which. Nothing was written.`,
  },
  26: corrupt,
}

const unknown: Meaning = {
  code: "unavailable",
  retryable: false,
  say: (path) =>
    `The ledger ${path} could not be read or written; the cause says why. Nothing was written.`,
}

const noTables: Meaning = {
  code: "invalid_request",
  retryable: false,
  say: (path) =>
    `The tables of the ledger ${path} are missing or not its own: open another file, or put back a copy of this one.`,
}

/** The primary result code. */
const resultOf = (error: unknown): number | undefined => {
  const { errcode } = error as { readonly errcode?: unknown }
  return typeof errcode === "number" ? errcode & 0xff : undefined
}

export const isBusy = (error: unknown): boolean => [5, 6].includes(resultOf(error) ?? 0)

export const sqliteError = (cause: unknown, path: string): ImageError => {
  const { say, ...rest } = /no such (table|column)/.test(String(cause))
    ? noTables
    : (meanings[resultOf(cause) ?? 0] ?? unknown)
  return new ImageError({ ...rest, message: say(path), cause })
}
