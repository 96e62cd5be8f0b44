import type { Reservation, Reserved, RowState, Settlement } from "../contract/ledger.ts"
import { type Books, draftsOf, move, rowOf, sweep } from "./books.ts"
import { admit } from "./budget.ts"
import { checkKey } from "./idempotency.ts"
import { copySettlement, exact, invalid, plus, type Row, type Run, resolved, zero } from "./row.ts"

/** When it is done, and how long a reservation lives from then. */
export interface Moment {
  readonly nowMs: number
  readonly leaseMs: number
}

/** What a ledger does to one row. */
export type RowAction =
  | { readonly kind: "sent" | "renew" | "release" }
  | { readonly kind: "settle"; readonly settlement: Settlement }
  | { readonly kind: "hold"; readonly settlement: Settlement | undefined }
  | { readonly kind: "resolve"; readonly verdict: "spent" | "unspent" }

/** `Ledger.reserve` on books; it is done whole, or throws and changes nothing. */
export const reserveIn = (
  books: Books,
  reservation: Reservation,
  { nowMs, leaseMs }: Moment,
  nextId: () => string,
): Reserved => {
  const { retryOf, idempotency } = reservation
  sweep(books, nowMs)
  if (idempotency) checkKey(books.runs, idempotency, nowMs)
  const drafts = draftsOf(reservation, nowMs, nowMs + leaseMs)
  exact(drafts.reduce((sum, { sums }) => plus(sum, sums), books.total))
  let run: Run | undefined = retryOf === undefined ? undefined : rowOf(books, retryOf, nowMs).run
  const warnings = admit(books.budgets, drafts, nowMs)
  if (idempotency) {
    run = { hash: idempotency.hash, startedMs: nowMs, rows: [] }
    books.runs.delete(idempotency.key)
    books.runs.set(idempotency.key, run)
  }
  const ids = drafts.map((draft) => {
    const row = { ...draft, id: nextId(), run, sums: zero }
    run?.rows.push(row)
    books.rows.set(row.id, row)
    move(books, row, "reserved")
    return row.id
  })
  return { ids, ...(warnings.length > 0 && { warnings }), ...(reservation.sent && { sent: true }) }
}

/** The actions of a `Ledger` on one row of the books; each is done whole, or throws and changes nothing but a lease that has ended. */
export const actIn = (
  books: Books,
  id: string,
  action: RowAction,
  { nowMs, leaseMs }: Moment,
): void => {
  const row = rowOf(books, id, nowMs)
  switch (action.kind) {
    case "sent":
      if (row.state !== "reserved")
        throw invalid(`Ledger row ${id} is ${row.state}; do not send its call, reserve again.`)
      Object.assign(row, { sent: true, leaseEndsMs: nowMs + leaseMs })
      break
    case "renew":
      row.leaseEndsMs = nowMs + leaseMs
      break
    case "settle":
      end(books, row, "settled", copySettlement(action.settlement))
      break
    case "release":
      end(books, row, "released")
      break
    case "hold":
      end(books, row, "held", action.settlement && copySettlement(action.settlement), [
        "reserved",
        "lapsed",
      ])
      break
    case "resolve":
      resolve(books, row, action.verdict)
  }
}

const open: readonly RowState[] = ["reserved", "held", "lapsed"]

const end = (
  books: Books,
  row: Row,
  state: RowState,
  settlement?: Settlement,
  from = open,
): void => {
  if (row.state === state && JSON.stringify(row.settlement) === JSON.stringify(settlement)) return
  if (!from.includes(row.state))
    throw invalid(`Ledger row ${row.id} is ${row.state} already and cannot become ${state}.`)
  move(books, row, state, settlement)
}

const resolve = (books: Books, row: Row, verdict: "spent" | "unspent"): void => {
  if (row.verdict === verdict) return
  if (row.state !== "held" && row.state !== "lapsed")
    throw invalid(`Ledger row ${row.id} is ${row.state}; only held and lapsed ones are resolved.`)
  const settlement = resolved(row, verdict)
  move(books, row, settlement ? "settled" : "released", settlement)
  row.verdict = verdict
}
