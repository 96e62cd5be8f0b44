import type { Ledger } from "../contract/ledger.ts"
import { checkOptionNames } from "../models/suggest.ts"
import { actIn, type Moment, type RowAction, reserveIn } from "./bookkeeping.ts"
import { emptyBooks, entriesOf, sweep } from "./books.ts"
import { placeBudget } from "./budget.ts"
import { recallRun } from "./idempotency.ts"
import { report } from "./report.ts"
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
export const memoryLedger = (options: MemoryLedgerOptions = {}): Ledger => {
  checkOptionNames("memoryLedger", options, {
    maxRows: true,
    leaseMs: true,
    now: true,
    random: true,
  })
  const { maxRows = 10_000, leaseMs = 60_000, now = Date.now, random = Math.random } = options
  const books = emptyBooks(maxRows)
  const nextId = ulids(now, random)
  const moment = (): Moment => ({ nowMs: now(), leaseMs })
  const act = async (id: string, action: RowAction): Promise<void> =>
    actIn(books, id, action, moment())
  return {
    setBudget: async (budget) =>
      placeBudget(books.budgets, structuredClone(budget), entriesOf(books)),
    reserve: async (reservation) => reserveIn(books, reservation, moment(), nextId),
    sent: (id) => act(id, { kind: "sent" }),
    renew: (id) => act(id, { kind: "renew" }),
    settle: (id, settlement) => act(id, { kind: "settle", settlement }),
    release: (id) => act(id, { kind: "release" }),
    hold: (id, settlement) => act(id, { kind: "hold", settlement }),
    resolve: (id, verdict) => act(id, { kind: "resolve", verdict }),
    recall: async ({ key, hash }) => {
      const run = books.runs.get(key)
      return run?.hash === hash ? recallRun(run, now()) : undefined
    },
    spend: async (query = {}) => {
      sweep(books, now())
      return report(entriesOf(books), query)
    },
    close: async () => {},
  }
}
