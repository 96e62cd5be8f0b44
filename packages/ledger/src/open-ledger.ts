import type { Account, Budget, Ledger, Scope, SpendQuery, SpendRow } from "@pictor/core"
import {
  copySettlement,
  invalid,
  type Moment,
  type Reserved,
  type RowAction,
  ulids,
} from "@pictor/core/ledger"
import { runBatch } from "./batch.ts"
import { defaultWaitMs, enter, type OpenDatabase } from "./database.ts"
import type { Engine } from "./engine.ts"
import { type BudgetState, listBudgets } from "./list-budgets.ts"
import { type CallQuery, type LedgerCall, listCalls } from "./list-calls.ts"
import { migrate } from "./migrate.ts"
import { ledgerSchema } from "./migrations.ts"
import {
  checkTexts,
  copyBudget,
  type Operation,
  type Outcome,
  reserveOperation,
} from "./operations.ts"
import type { LedgerOptions } from "./options.ts"
import { createQueue, type Settled } from "./queue.ts"
import { recall } from "./recall.ts"
import { saveBudget } from "./set-budget.ts"
import { querySpend, timeOf } from "./spend.ts"
import { tidy } from "./tidy.ts"
import { patiently } from "./transaction.ts"

/** What is done alone, between two batches. */
interface Task {
  readonly kind: "task"
  work(): Promise<void>
}

export interface DurableLedger extends Ledger {
  /** Where no call before the ISO time `from` can fall under a new budget, as under that of a key just drawn, earlier ones are not looked through. */
  setBudget(budget: Budget, known?: { readonly from?: string }): Promise<void>
  /** Also of one key, user or team alone. */
  spend(query?: SpendQuery & Account): Promise<readonly SpendRow[]>
  recall: NonNullable<Ledger["recall"]>
  /** The calls that a query asks for, the earliest first; read a page at a time, however many there are. Default: all until now. */
  calls(query?: CallQuery): AsyncIterable<LedgerCall>
  /** The budgets of a scope, or of all, and where they stand. */
  budgets(scope?: Scope): Promise<readonly BudgetState[]>
}

type Writer = (item: Operation | Task) => Promise<Reserved | undefined>

const hourMs = 3_600_000

/**
 * Opens the ledger in a file (`file:./pictor.db`, or `file:./pictor.db?mode=ro` to read only), in a PostgreSQL database (`postgres://…`) or in a
 * database that is open already and stays so when the ledger is closed, and creates its tables. Any number of processes may share it. What is
 * acknowledged is on the disk. Throws an `ImageError` that says what to do where the database cannot be opened or written: `unavailable`,
 * `forbidden` or `invalid_request`.
 *
 * @example
 * const ledger = await openLedger("file:./pictor.db")
 * await ledger.setBudget({ scope: { everything: true }, window: "month", hard: { microUsd: 50_000_000 } })
 * const pictor = createPictor({ adapters, ledger })
 */
export const openLedger = async (
  place: string | OpenDatabase,
  options: LedgerOptions = {},
): Promise<DurableLedger> => {
  const { waitMs = defaultWaitMs, leaseMs = 60_000, now = Date.now, random = Math.random } = options
  const deadlineMs = performance.now() + waitMs
  const { engine, leave } = await enter(place, options)
  const clock = (): Moment => ({ nowMs: now(), leaseMs })
  const queue = createQueue<Operation | Task, Reserved | undefined>(
    engine.batchSize,
    ({ kind }) => kind === "task",
    (items, sinceMs) => answer(engine, clock, items, sinceMs + waitMs),
  )
  try {
    await patiently(engine, deadlineMs, () =>
      migrate(engine, ledgerSchema(engine.dialect), options.migrate ?? true),
    )
    if (!engine.readOnly) await patiently(engine, deadlineMs, () => tidy(engine, now()))
    if (!engine.readOnly) await queue.push({ kind: "sweep" })
  } catch (error) {
    await leave()
    throw error
  }
  const nextId = ulids(now, random)
  let tidiedMs = now()
  let closed: Promise<void> | undefined
  const write: Writer = async (item) => {
    if (closed) throw invalid("This ledger is closed; open it again.")
    if (now() - tidiedMs > hourMs) {
      tidiedMs = now()
      queue.push({ kind: "task", work: () => tidy(engine, now()) }).catch(() => {})
    }
    return queue.push(item)
  }
  return {
    ...writing(write, nextId),
    ...reading(engine, write, now, waitMs),
    setBudget: async (budget, { from } = {}) => {
      const copy = copyBudget(budget)
      const sinceMs = from === undefined ? 0 : timeOf(from)
      await write({ kind: "task", work: () => saveBudget(engine, copy, now(), sinceMs) })
    },
    close: () => {
      closed ??= queue.idle().then(leave)
      return closed
    },
  }
}

const reading = (
  engine: Engine,
  write: Writer,
  now: () => number,
  waitMs: number,
): Pick<DurableLedger, "recall" | "spend" | "budgets" | "calls"> => {
  const sweep = async (): Promise<void> => {
    if (!engine.readOnly) await write({ kind: "sweep" })
  }
  const read = async <Out>(work: () => Promise<Out>): Promise<Out> => {
    await sweep()
    return patiently(engine, performance.now() + waitMs, work)
  }
  return {
    recall: async ({ key, hash }) => {
      checkTexts(key, hash)
      return patiently(engine, performance.now() + waitMs, () =>
        recall(engine, { key, hash }, now()),
      )
    },
    spend: (query = {}) => read(() => querySpend(engine, query)),
    budgets: (scope) => read(() => listBudgets(engine, scope, now())),
    calls: async function* (query = {}) {
      await sweep()
      yield* listCalls(engine, { to: new Date(now() + 1).toISOString(), ...query }, waitMs)
    },
  }
}

/** Rows whose scopes are remembered until they end, so that budgets are read together with them. */
const mostScopes = 10_000

const ends: ReadonlySet<RowAction["kind"]> = new Set(["settle", "release", "hold"])

const writing = (
  write: Writer,
  nextId: () => string,
): Omit<Ledger, "setBudget" | "recall" | "spend" | "close"> => {
  const scopes = new Map<string, readonly string[]>()
  const act = async (id: string, action: RowAction): Promise<void> => {
    checkTexts(id)
    await write({ kind: "act", id, action, scopes: scopes.get(id) ?? [] })
    if (ends.has(action.kind)) scopes.delete(id)
  }
  return {
    reserve: async (reservation) => {
      const operation = reserveOperation(reservation, nextId)
      const reserved = (await write(operation)) ?? { ids: [] }
      if (scopes.size < mostScopes) for (const id of reserved.ids) scopes.set(id, operation.scopes)
      return reserved
    },
    sent: (id) => act(id, { kind: "sent" }),
    renew: (id) => act(id, { kind: "renew" }),
    settle: async (id, settlement) => {
      checkTexts(settlement.requestId)
      await act(id, { kind: "settle", settlement: copySettlement(settlement) })
    },
    release: (id) => act(id, { kind: "release" }),
    hold: async (id, settlement) => {
      checkTexts(settlement?.requestId)
      await act(id, { kind: "hold", settlement: settlement && copySettlement(settlement) })
    },
    resolve: (id, verdict) => act(id, { kind: "resolve", verdict }),
  }
}

const toSettled = (outcome: Outcome): Settled<Reserved | undefined> =>
  "error" in outcome ? outcome : { result: outcome.reserved }

const answer = async (
  engine: Engine,
  clock: () => Moment,
  items: readonly (Operation | Task)[],
  deadlineMs: number,
): Promise<readonly Settled<Reserved | undefined>[]> => {
  const [first] = items
  if (first?.kind === "task") {
    await patiently(engine, deadlineMs, first.work)
    return [{ result: undefined }]
  }
  const operations = items as readonly Operation[]
  return (
    await patiently(engine, deadlineMs, (attempt) =>
      runBatch(engine, clock, operations, attempt > 1),
    )
  ).map(toSettled)
}
