import type { Cost } from "../contract/cost.ts"
import type { Ledger, Reservation, ReservationRow } from "../contract/ledger.ts"

/** A fresh ledger with this clock. */
export type CreateLedger = (options: { readonly now: () => number }) => Ledger | Promise<Ledger>

export const known = (microUsd: number): Cost => ({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

export const maybe = (maybeMicroUsd: number): Cost => ({
  microUsd: 0,
  maybeMicroUsd,
  unpricedImages: 0,
})

export const unknown = (images: number): Cost => ({
  microUsd: 0,
  maybeMicroUsd: 0,
  unpricedImages: images,
})

/** One row of one image per cost. */
export const rowsOf = (...costs: readonly Cost[]): readonly ReservationRow[] =>
  costs.map((cost) => ({ model: "model-a", task: "text-to-image", images: 1, cost }))

/** One row of `images` images at 10 micro-USD each. */
export const order = (images: number, rest: Omit<Reservation, "rows"> = {}): Reservation => ({
  ...rest,
  rows: rowsOf(known(10 * images)).map((row) => ({ ...row, images })),
})

/** Reserves one row and returns its id. */
export const reserveOne = async (
  ledger: Ledger,
  reservation: Reservation = order(1),
): Promise<string> => String((await ledger.reserve(reservation)).ids[0])
