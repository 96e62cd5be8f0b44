import type { Budget } from "@pictor/core"
import {
  factsOf,
  invalid,
  type Reservation,
  type Reserved,
  type RowAction,
  scopesOf,
  whole,
} from "@pictor/core/ledger"

/** What waits for its batch. */
export type Operation =
  | {
      readonly kind: "reserve"
      readonly reservation: Reservation
      readonly scopes: readonly string[]
      readonly ids: readonly string[]
    }
  /** `scopes`: those of the row, where they are known before it is read. */
  | {
      readonly kind: "act"
      readonly id: string
      readonly action: RowAction
      readonly scopes: readonly string[]
    }
  | { readonly kind: "sweep" }

/** What came of one. */
export type Outcome = { readonly reserved: Reserved | undefined } | { readonly error: unknown }

/** Throws `invalid_request` where neither database holds a text as it is. */
export const checkTexts = (...texts: readonly (string | undefined)[]): void => {
  for (const text of texts)
    if (text !== undefined && (text.includes("\0") || !text.isWellFormed()))
      throw invalid(
        "A text for the ledger has a NUL character or half a surrogate pair; leave it out.",
      )
}

/** The scopes of all rows that a budget can have. */
export const scopesFor = (
  entries: readonly Parameters<typeof scopesOf>[0][],
): readonly string[] => [...new Set(entries.flatMap(scopesOf))]

const copyOf = ({ rows, account, tags, idempotency, ...rest }: Reservation): Reservation => ({
  ...rest,
  rows: rows.map((row) => ({ ...row, cost: { ...row.cost } })),
  ...(account && { account: { ...account } }),
  ...(tags && { tags: { ...tags } }),
  ...(idempotency && { idempotency: { ...idempotency } }),
})

/** A reservation as it is now, whatever its maker does to it later. */
export const reserveOperation = (
  given: Reservation,
  nextId: () => string,
): Extract<Operation, { kind: "reserve" }> => {
  const reservation = copyOf(given)
  const { rows, account, tags, idempotency, retryOf } = reservation
  checkTexts(
    ...Object.values({ ...account }),
    ...Object.entries({ ...tags }).flat(),
    idempotency?.key,
    idempotency?.hash,
    retryOf,
  )
  for (const { model, task, size, quality, price, seed = 0 } of rows) {
    checkTexts(model, task, size, quality, price)
    whole({ seed })
  }
  return {
    kind: "reserve",
    reservation,
    scopes: scopesFor(rows.map((row) => ({ facts: factsOf(reservation, row, 0) }))),
    ids: rows.map(nextId),
  }
}

/** A budget as it is now. */
export const copyBudget = (budget: Budget): Budget => {
  checkTexts(...Object.values(budget.scope).filter((value) => typeof value === "string"))
  return structuredClone(budget)
}
