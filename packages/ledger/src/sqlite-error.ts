import { ImageError, type ImageErrorOptions } from "@pictor/core"

type Meaning = Pick<ImageErrorOptions, "code" | "retryable"> & {
  readonly message: (path: string) => string
}

const unavailable = (message: Meaning["message"], retryable = false): Meaning => ({
  code: "unavailable",
  retryable,
  message,
})

const forbidden = (message: Meaning["message"]): Meaning => ({ code: "forbidden", message })

const invalid = (message: Meaning["message"]): Meaning => ({ code: "invalid_request", message })

const locked = unavailable(
  (path) =>
    `The ledger ${path} is locked by another program: close the program that writes to it, then try again.`,
  true,
)

const readOnly = forbidden(
  (path) =>
    `The ledger ${path} is read-only: open it without mode=ro, as a user with write access to the file and its folder.`,
)

const corrupt = unavailable(
  (path) =>
    `The ledger ${path} is damaged or is not a SQLite database: restore a backup, or open another file.`,
)

/** https://sqlite.org/rescode.html, seen 2026-11-20 */
const meanings: Readonly<Record<number, Meaning>> = {
  5: locked,
  6: locked,
  8: readOnly,
  10: unavailable(
    (path) => `The disk of the ledger ${path} failed to read or write: check the disk.`,
  ),
  11: corrupt,
  13: unavailable(
    (path) =>
      `The disk of the ledger ${path} is full, or the file has reached maxBytes: free some space or raise maxBytes, then try again. Nothing was written.`,
  ),
  14: invalid(
    (path) =>
      `The ledger ${path} cannot be opened: create its folder, and check that this user has write access to it.`,
  ),
  19: invalid(
    (path) =>
      `The tables of the ledger ${path} rejected a value; the error's cause names it. Nothing was written.`,
  ),
  26: corrupt,
}

const unknown = unavailable(
  (path) =>
    `The ledger ${path} could not be read or written; the error's cause says why. Nothing was written.`,
)

const noTables = invalid(
  (path) =>
    `The tables of the ledger ${path} are missing or belong to another program: open another file, or restore a backup.`,
)

/** SQLite's primary result code. */
const resultCode = (error: unknown): number | undefined => {
  const { errcode } = error as { readonly errcode?: unknown }
  return typeof errcode === "number" ? errcode & 0xff : undefined
}

export const isBusy = (error: unknown): boolean => [5, 6].includes(resultCode(error) ?? 0)

export const sqliteError = (cause: unknown, path: string): ImageError => {
  const { message, ...rest } = /no such (table|column)/.test(String(cause))
    ? noTables
    : (meanings[resultCode(cause) ?? 0] ?? unknown)
  return new ImageError({ ...rest, message: message(path), cause })
}
