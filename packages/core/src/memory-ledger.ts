import type { Ledger, Reservation, Reserved, RowState, Settlement } from "./ledger.ts"
import { type Books, draftsOf, emptyBooks, entriesOf, move, rowOf, sweep } from "./ledger-books.ts"
import { admit, placeBudget } from "./ledger-budget.ts"
import { checkKey } from "./ledger-idempotency.ts"
import { report } from "./ledger-report.ts"
import { copySettlement, exact, invalid, plus, type Row, type Run, resolved, zero } from "./ledger-row.ts"
import { ulids } from "./ulid.ts"

export interface MemoryLedgerOptions {
  /** Rows kept, 10,000 by default: beyond it those that ended first are forgotten, their ids too. Others always stay, idempotency keys 24 h. */
  readonly maxRows?: number
  /** How long a reservation lives, 60,000 by default. */
  readonly leaseMs?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
}

/**
 * A ledger that ends with the process. Sums and budgets stay exact when rows are forgotten: those alike in UTC day, model, task, account, tags and
 * state are kept as one, which `spend` counts at the start of their day, and a rolling budget set afterwards at the time of the last of them.
 */
export const memoryLedger = ({ maxRows = 10_000, leaseMs = 60_000, now = Date.now, random = Math.random }: MemoryLedgerOptions = {}): Ledger => {
  const books = emptyBooks(maxRows)
  const nextId = ulids(now, random)
  const find = (id: string) => rowOf(books, id, now())
  const end = (id: string, state: RowState, settlement?: Settlement, from: readonly RowState[] = ["reserved", "held", "lapsed"]): void => {
    const row = find(id)
    if (row.state === state && JSON.stringify(row.settlement) === JSON.stringify(settlement)) return
    if (!from.includes(row.state)) throw invalid(`Ledger row ${id} is ${row.state} already and cannot become ${state}.`)
    move(books, row, state, settlement)
  }
  const renew = (id: string): Row => Object.assign(find(id), { leaseEndsMs: now() + leaseMs })
  return {
    setBudget: async (budget) => placeBudget(books.budgets, structuredClone(budget), entriesOf(books)),
    reserve: async (reservation) => reserve(books, reservation, now(), leaseMs, nextId),
    sent: async (id) => {
      const row = renew(id)
      if (row.state !== "reserved") throw invalid(`Ledger row ${id} is ${row.state}; do not send its call, reserve again.`)
      row.sent = true
    },
    renew: async (id) => void renew(id),
    settle: async (id, settlement) => end(id, "settled", copySettlement(settlement)),
    release: async (id) => end(id, "released"),
    hold: async (id, settlement) => end(id, "held", settlement && copySettlement(settlement), ["reserved", "lapsed"]),
    resolve: async (id, verdict) => {
      const row = find(id)
      if (row.verdict === verdict) return
      if (row.state !== "held" && row.state !== "lapsed") throw invalid(`Ledger row ${id} is ${row.state}; only held and lapsed ones are resolved.`)
      const settlement = resolved(row, verdict)
      move(books, row, settlement ? "settled" : "released", settlement)
      row.verdict = verdict
    },
    spend: async (query = {}) => {
      sweep(books, now())
      return report(entriesOf(books), query)
    },
    close: async () => {},
  }
}

const reserve = (books: Books, reservation: Reservation, nowMs: number, leaseMs: number, nextId: () => string): Reserved => {
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
  return { ids, ...(warnings.length > 0 && { warnings }) }
}
