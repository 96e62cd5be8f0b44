import type { Ledger } from "../contract/ledger.ts"
import { checkOptionNames } from "../models/suggest.ts"
import {
  actIn,
  emptyBooks,
  entriesOf,
  type Moment,
  type RowAction,
  reserveIn,
  sweep,
  unresolvedIn,
} from "./books.ts"
import { placeBudget } from "./budget.ts"
import { recallRun } from "./idempotency.ts"
import { report } from "./report.ts"
import { toUnresolved } from "./row.ts"
import { ulids } from "./ulid.ts"

export interface MemoryLedgerOptions {
  /**
   * Default 10,000. Beyond it the rows that ended first are forgotten with their ids. Unsettled
   * rows stay, and idempotency keys stay for 24 h.
   */
  readonly maxRows?: number
  /** How long a reservation lasts without renewal. Default 60,000. */
  readonly leaseMs?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
}

/**
 * A ledger that ends with the process. Sums and budgets stay exact when rows are forgotten: rows of
 * the same UTC day, model, provider, task, account, tags and state are folded into one. `spend`
 * counts it at the start of that day; a rolling budget that is set later counts it at the last
 * row's time.
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
    submitted: (id, job) => act(id, { kind: "submitted", job }),
    renew: (id) => act(id, { kind: "renew" }),
    settle: (id, settlement) => act(id, { kind: "settle", settlement }),
    release: (id) => act(id, { kind: "release" }),
    hold: (id, settlement) => act(id, { kind: "hold", settlement }),
    resolve: (id, verdict) => act(id, { kind: "resolve", verdict }),
    unresolved: async (query = {}) => unresolvedIn(books, query, now()).map(toUnresolved),
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
