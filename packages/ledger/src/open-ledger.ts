import type { Account, Budget, Ledger, Scope, SpendQuery, SpendRow } from "@pictor/core"
import {
  actIn,
  bucketOf,
  checkOptionNames,
  checkTexts,
  copyJob,
  copySettlement,
  dayMs,
  factsOf,
  invalid,
  type Moment,
  type Recalled,
  type Reservation,
  type Reserved,
  type RowAction,
  type Run,
  recallRun,
  reserveIn,
  scopesOf,
  sweep,
  ulids,
  whole,
} from "@pictor/core/ledger"
import { sql } from "kysely"
import { createBatchQueue } from "./batch-queue.ts"
import {
  type DatabaseOptions,
  databaseOptionNames,
  defaultWaitMs,
  engineOf,
  type OpenDatabase,
} from "./database.ts"
import type { Engine } from "./engine.ts"
import { type BudgetState, listBudgets } from "./list-budgets.ts"
import { type CallQuery, type LedgerCall, listCalls } from "./list-calls.ts"
import { listUnresolved } from "./list-unresolved.ts"
import { type Loaded, load, type Needs, toRow } from "./load.ts"
import { migrate } from "./migrate.ts"
import { ledgerSchema } from "./migrations.ts"
import { changesToWrite } from "./save.ts"
import { saveBudget } from "./set-budget.ts"
import { querySpend, timeOf } from "./spend.ts"
import type { CallTable, KeyTable } from "./tables.ts"
import { createMutex, retry, transact } from "./transactions.ts"

/** `connections` and `maxBytes` only apply to a URL. */
export interface LedgerOptions extends DatabaseOptions {
  /** Create or upgrade the tables; true by default. */
  readonly migrate?: boolean
  /**
   * Lifetime of a reservation that is not renewed; 60,000 by default. All processes that share a
   * database need the same value, and clocks that agree.
   */
  readonly leaseMs?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
}

export interface DurableLedger extends Ledger {
  /**
   * Sets a budget. `from` (an ISO time) says that no earlier call belongs to its scope, such as a
   * new key's, so that earlier calls are not searched.
   */
  setBudget(budget: Budget, known?: { readonly from?: string }): Promise<void>
  /** Optionally of one key, user, team or end user. */
  spend(query?: SpendQuery & Account): Promise<readonly SpendRow[]>
  recall: NonNullable<Ledger["recall"]>
  /** The calls that match a query, earliest first, read in pages. Default: all until now. */
  calls(query?: CallQuery): AsyncIterable<LedgerCall>
  /** The budgets of a scope, or all, with what was spent. */
  budgets(scope?: Scope): Promise<readonly BudgetState[]>
}

const ledgerOptionNames = {
  ...databaseOptionNames,
  migrate: true,
  leaseMs: true,
  now: true,
  random: true,
} as const

const hourMs = 3_600_000

/**
 * Opens the ledger in a file (`file:./pictor.db`, or `file:./pictor.db?mode=ro` for reading), in a
 * PostgreSQL database (`postgres://…`) or in an open database, which it leaves open on close.
 * Creates the tables. Any number of processes may share a ledger. A method resolves after its
 * change is on the disk. Throws an `ImageError` that says what to do (`unavailable`, `forbidden` or
 * `invalid_request`) if the database cannot be opened or written.
 *
 * @example
 * const ledger = await openLedger("file:./pictor.db")
 * await ledger.setBudget({ scope: { team: "red" }, window: "month", hard: { images: 1000 } })
 * const pictor = createPictor({ adapters, ledger })
 */
export const openLedger = async (
  place: string | OpenDatabase,
  options: LedgerOptions = {},
): Promise<DurableLedger> => {
  checkOptionNames("openLedger", options, ledgerOptionNames)
  const { waitMs = defaultWaitMs, leaseMs = 60_000, now = Date.now, random = Math.random } = options
  const openedMs = performance.now()
  const { engine, release } = await engineOf(place, options)
  const withRetry = <Out>(work: () => Promise<Out>, sinceMs = performance.now()): Promise<Out> =>
    retry(engine, sinceMs + waitMs, work)
  const queue = createBatchQueue<Operation, Reserved | undefined>(
    engine.batchSize,
    (operations, sinceMs) =>
      retry(engine, sinceMs + waitMs, (attempt) =>
        runBatch(engine, () => ({ nowMs: now(), leaseMs }), operations, attempt > 1),
      ),
  )
  try {
    const schema = ledgerSchema(engine.dialect)
    await withRetry(() => migrate(engine, schema, options.migrate ?? true), openedMs)
    if (!engine.readOnly) {
      await withRetry(() => prune(engine, now()), openedMs)
      await queue.push({ kind: "sweep" })
    }
  } catch (error) {
    await release()
    throw error
  }
  const exclusively = createMutex()
  let prunedMs = now()
  let closed: Promise<void> | undefined
  const push: Push = async (operation) => {
    if (closed) throw invalid("This ledger is closed; open it again.")
    if (now() - prunedMs > hourMs) {
      prunedMs = now()
      exclusively(() => withRetry(() => prune(engine, now()))).catch(() => {})
    }
    return queue.push(operation)
  }
  return {
    ...rowMethods(push, ulids(now, random)),
    ...reportMethods(engine, push, now, waitMs),
    setBudget: async (budget, { from } = {}) => {
      if (closed) throw invalid("This ledger is closed; open it again.")
      checkStorable(...Object.values(budget.scope).filter((value) => typeof value === "string"))
      const copy = structuredClone(budget)
      const sinceMs = from === undefined ? 0 : timeOf(from)
      await exclusively(() => withRetry(() => saveBudget(engine, copy, now(), sinceMs)))
    },
    close: () => {
      closed ??= Promise.all([queue.idle(), exclusively(async () => {})]).then(release)
      return closed
    },
  }
}

type Operation =
  | {
      readonly kind: "reserve"
      readonly reservation: Reservation
      readonly ids: readonly string[]
      /** The scopes of the budgets that it is checked against. */
      readonly scopes: readonly string[]
    }
  | { readonly kind: "act"; readonly id: string; readonly action: RowAction }
  /** Ends expired leases; every batch does. */
  | { readonly kind: "sweep" }

type Push = (operation: Operation) => Promise<Reserved | undefined>

const rowMethods = (
  push: Push,
  nextId: () => string,
): Omit<Ledger, "setBudget" | "recall" | "unresolved" | "spend" | "close"> => {
  const act = async (id: string, action: RowAction): Promise<void> => {
    checkStorable(id)
    await push({ kind: "act", id, action })
  }
  return {
    reserve: async (given) => {
      // The caller may change its object before the batch runs.
      const reservation = structuredClone(given)
      checkReservation(reservation)
      const { rows } = reservation
      const scopes = rows.flatMap((row) => scopesOf({ facts: factsOf(reservation, row, 0) }))
      const ids = rows.map(nextId)
      return (await push({ kind: "reserve", reservation, ids, scopes })) ?? { ids: [] }
    },
    sent: (id) => act(id, { kind: "sent" }),
    submitted: async (id, job) => act(id, { kind: "submitted", job: copyJob(job) }),
    renew: (id) => act(id, { kind: "renew" }),
    settle: async (id, settlement) => {
      checkStorable(settlement.requestId)
      await act(id, { kind: "settle", settlement: copySettlement(settlement) })
    },
    release: (id) => act(id, { kind: "release" }),
    hold: async (id, settlement) => {
      checkStorable(settlement?.requestId)
      await act(id, { kind: "hold", settlement: settlement && copySettlement(settlement) })
    },
    resolve: (id, verdict) => act(id, { kind: "resolve", verdict }),
  }
}

/** The methods that read. All but `recall` end expired leases first. */
const reportMethods = (
  engine: Engine,
  push: Push,
  now: () => number,
  waitMs: number,
): Pick<DurableLedger, "recall" | "unresolved" | "spend" | "budgets" | "calls"> => {
  const read = <Out>(work: () => Promise<Out>): Promise<Out> =>
    retry(engine, performance.now() + waitMs, work)
  const endExpired = async (): Promise<void> => {
    if (!engine.readOnly) await push({ kind: "sweep" })
  }
  return {
    recall: async ({ key, hash }) => {
      checkStorable(key, hash)
      return read(() => findByKey(engine, { key, hash }, now()))
    },
    unresolved: async (query = {}) => {
      checkStorable(query.id, query.after)
      await endExpired()
      return read(() => listUnresolved(engine, query))
    },
    spend: async (query = {}) => {
      checkStorable(...(query.by ?? []), query.key, query.user, query.team, query.endUser)
      await endExpired()
      return read(() => querySpend(engine, query))
    },
    budgets: async (scope) => {
      await endExpired()
      return read(() => listBudgets(engine, scope, now()))
    },
    calls: async function* (query = {}) {
      const { id, key, user, team, endUser, tags = {} } = query
      checkStorable(id, key, user, team, endUser, ...Object.entries(tags).flat())
      await endExpired()
      yield* listCalls(engine, { to: new Date(now() + 1).toISOString(), ...query }, waitMs)
    },
  }
}

/** Throws `invalid_request` for a text that SQLite or PostgreSQL would not store unchanged. */
const checkStorable = (...texts: readonly (string | undefined)[]): void => {
  for (const text of texts)
    if (text !== undefined && (text.includes("\0") || !text.isWellFormed()))
      throw invalid(
        "A text for the ledger contains a NUL character or half a surrogate pair; remove it.",
      )
}

const checkReservation = (reservation: Reservation): void => {
  const { rows, account, tags, idempotency, retryOf } = reservation
  checkTexts(reservation)
  checkStorable(
    ...Object.values({ ...account }),
    ...Object.entries({ ...tags }).flat(),
    idempotency?.key,
    idempotency?.hash,
    retryOf,
  )
  for (const { model, provider, task, size, quality, price, seed = 0 } of rows) {
    checkStorable(model, provider, task, size, quality, price)
    whole({ seed })
  }
}

type Result = PromiseSettledResult<Reserved | undefined>

/**
 * Runs operations one after the other in one transaction; a failed one changes nothing. `again`: an
 * earlier attempt may have been committed although its answer was lost. It is not repeated then.
 */
const runBatch = async (
  engine: Engine,
  clock: () => Moment,
  operations: readonly Operation[],
  again: boolean,
): Promise<readonly Result[]> => {
  const needs = needsOf(operations, again)
  for (;;) {
    const results = await transact(engine, "calls", async (connection) => {
      const moment = clock()
      const loaded = await load(connection, engine, needs, moment.nowMs)
      sweep(loaded.books, moment.nowMs)
      const out = loaded.hasMoreExpired
        ? undefined
        : operations.map((operation) => perform(loaded, operation, moment))
      return { out, writes: changesToWrite(connection, engine, loaded, moment.nowMs) }
    })
    if (results) return results
  }
}

const needsOf = (operations: readonly Operation[], again: boolean): Needs => {
  const ids = new Set<string>()
  const keys = new Set<string>()
  const scopes = new Set<string>()
  for (const operation of operations) {
    if (operation.kind === "act") ids.add(operation.id)
    if (operation.kind !== "reserve") continue
    const { retryOf, idempotency } = operation.reservation
    if (retryOf !== undefined) ids.add(retryOf)
    if (idempotency) keys.add(idempotency.key)
    for (const scope of operation.scopes) scopes.add(scope)
    if (again) for (const id of operation.ids) ids.add(id)
  }
  return { ids: [...ids], keys: [...keys], scopes: [...scopes] }
}

const perform = (loaded: Loaded, operation: Operation, moment: Moment): Result => {
  try {
    if (operation.kind === "act") actIn(loaded.books, operation.id, operation.action, moment)
    const value = operation.kind === "reserve" ? reserve(loaded, operation, moment) : undefined
    return { status: "fulfilled", value }
  } catch (reason) {
    return { status: "rejected", reason }
  }
}

const reserve = (
  { books, runIds, orders }: Loaded,
  { reservation, ids }: Extract<Operation, { kind: "reserve" }>,
  moment: Moment,
): Reserved => {
  const [first = ""] = ids
  // An earlier attempt was committed.
  if (books.rows.has(first)) return reservation.sent ? { ids, sent: true } : { ids }
  let next = 0
  const reserved = reserveIn(books, reservation, moment, () => ids[next++] ?? "")
  for (const [index, order] of reservation.rows.entries()) orders.set(ids[index] ?? "", order)
  const run = books.rows.get(first)?.run
  if (run && !runIds.has(run)) runIds.set(run, first)
  return reserved
}

/** The calls of an idempotency key whose request has ended and was charged. */
const findByKey = async (
  { reader }: Engine,
  { key, hash }: NonNullable<Reservation["idempotency"]>,
  nowMs: number,
): Promise<Recalled | undefined> => {
  const { rows: calls } = await sql<CallTable & Pick<KeyTable, "started_ms">>`
    select pictor_call.*, started_ms from pictor_key
    join pictor_call on pictor_call.run_id = pictor_key.run_id
    where key = ${key} and hash = ${hash} and pictor_key.run_id <> ''
    order by id`.execute(reader)
  const [first] = calls
  if (!first) return undefined
  const run: Run = { hash, startedMs: first.started_ms, rows: [] }
  run.rows.push(...calls.map((call) => toRow(call, run)))
  return recallRun(run, nowMs)
}

/** Buckets of a rolling window that stay: twice the window, for processes whose clocks differ. */
const keptBuckets = 120

/** Deletes idempotency keys after 24 h and the tallies that rolling windows have left behind. */
const prune = (engine: Engine, nowMs: number): Promise<void> =>
  transact(engine, "calls", async (connection) => {
    await sql`
      delete from pictor_key where key in (
        select key from pictor_key where started_ms <= ${nowMs - dayMs}
        ${engine.shared ? sql`for update skip locked` : sql``}
      )`.execute(connection)
    const { rows } = await sql<{ readonly id: number; readonly rolling_ms: number }>`
      select id, rolling_ms from pictor_budget where rolling_ms is not null`.execute(connection)
    for (const { id, rolling_ms: rollingMs } of rows)
      await sql`
        delete from pictor_tally
        where budget_id = ${id} and bucket < ${bucketOf({ rollingMs }, nowMs) - keptBuckets}`.execute(
        connection,
      )
    return { out: undefined, writes: [] }
  })
