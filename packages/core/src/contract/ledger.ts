import type { Cost } from "./cost.ts"
import type { Account, Task } from "./request.ts"

/** Whose spending a budget limits, by ids and never by secrets: messages name them. A tag is `"name=value"`, or `"name"` for any value. */
export type Scope =
  | { readonly everything: true }
  | { readonly key: string }
  | { readonly user: string }
  | { readonly team: string }
  | { readonly tag: string }
  | { readonly model: string }

/** UTC days, weeks (from Monday) and months, or the last so many milliseconds, counted in 60 buckets. */
export type Window = "total" | "day" | "week" | "month" | { readonly rollingMs: number }

export interface Limit {
  readonly microUsd?: number
  readonly images?: number
}

export interface Budget {
  readonly scope: Scope
  readonly window: Window
  /** Never passed: what would pass it is refused with `budget_exceeded`. */
  readonly hard?: Limit
  /** Passing it is a warning. */
  readonly soft?: Limit
  /** Admit images whose price is unknown under a hard limit in money. */
  readonly allowUnknown?: boolean
}

/** One provider call, before it is made. */
export interface ReservationRow {
  readonly model: string
  readonly task: Task
  readonly images: number
  /** The whole price if every image is delivered. */
  readonly cost: Cost
  readonly size?: string
  readonly quality?: string
  /** The price row's source. */
  readonly price?: string
  readonly seed?: number
}

export interface Reservation {
  readonly rows: readonly ReservationRow[]
  readonly account?: Account
  readonly tags?: Readonly<Record<string, string>>
  /** `hash` is that of the request; the request itself is never kept. A key is kept 24 h, whoever uses it: `createPictor` makes it the account's own. */
  readonly idempotency?: { readonly key: string; readonly hash: string }
  /** In place of `idempotency`: the row that these repeat, so that they belong to what its idempotency key started. */
  readonly retryOf?: string
  /** Their calls go out at once: the rows are marked sent as they are reserved, in one write instead of two. */
  readonly sent?: true
}

export interface Reserved {
  /** One per row. */
  readonly ids: readonly string[]
  /** Soft limits that are now passed. */
  readonly warnings?: readonly string[]
  /** The rows are marked sent already; a ledger that leaves it out is told of each by `sent`. */
  readonly sent?: true
}

export interface Settlement {
  readonly cost: Cost
  readonly delivered: number
  readonly requestId?: string
}

/** A row of what an idempotency key stands for. */
export interface RecalledCall {
  readonly id: string
  readonly model: string
  /** Ordered. */
  readonly images: number
  readonly delivered: number
  readonly cost: Cost
  readonly seed?: number
  /** The provider's, of a call that was charged. */
  readonly requestId?: string
  /** What it came to was told by `resolve`. */
  readonly resolved?: true
}

/** What an idempotency key stands for: a request that has ended. */
export interface Recalled {
  readonly cost: Cost
  /** In the order of their reservation; what repeated one of them comes last. */
  readonly calls: readonly RecalledCall[]
}

export type RowState = "reserved" | "settled" | "released" | "held" | "lapsed"

export type SpendKey =
  | "model"
  | "task"
  | "day"
  | "month"
  | "key"
  | "user"
  | "team"
  | "state"
  | `tag:${string}`

export interface SpendQuery {
  /** Default: one row for all. */
  readonly by?: readonly SpendKey[]
  /** ISO times of the reservation; `from` inclusive, `to` exclusive. */
  readonly from?: string
  readonly to?: string
}

export interface SpendRow {
  /** Without a property where the rows have no such account or tag. */
  readonly group: Readonly<Record<string, string>>
  /** Of every state; reserved and released ones add nothing else. */
  readonly calls: number
  /** Delivered by settled rows, ordered by held and lapsed ones. */
  readonly images: number
  readonly microUsd: number
  /** Of held and lapsed rows: charged or not. */
  readonly maybeMicroUsd: number
  /** Charged, or maybe charged, at a price that nobody knows. */
  readonly unpricedImages: number
}

/**
 * Keeps budgets and what was spent. A row is reserved before its call, marked sent before its first byte leaves, and comes to be settled, released,
 * held or lapsed. A reservation lives 60 s unless it is renewed; at its end a row never sent is released, a sent one lapses. Held and lapsed rows
 * count against budgets until they are settled, released or resolved. What acts on an id throws `invalid_request` where the id is unknown or its
 * row's state does not allow it; the same again changes nothing.
 */
export interface Ledger {
  /** In place of the budget with the same scope and window, if there is one. What was spent before counts. */
  setBudget(budget: Budget): Promise<void>
  /** All rows or none. Throws `budget_exceeded`, or an idempotency code. */
  reserve(reservation: Reservation): Promise<Reserved>
  /** Throws unless the row is still reserved: then its call must not be made. */
  sent(id: string): Promise<void>
  /** The lease starts again; nothing happens to a row that is no longer reserved. */
  renew(id: string): Promise<void>
  /** Books what was charged, be it more than was reserved, and frees the rest. A late verdict also ends a held or lapsed row. */
  settle(id: string, settlement: Settlement): Promise<void>
  release(id: string): Promise<void>
  /** Sent without a verdict; `settlement` says how much of it is sure. */
  hold(id: string, settlement?: Settlement): Promise<void>
  /** Ends a held or lapsed row: `spent` all of it, or (`unspent`) only what is sure. */
  resolve(id: string, verdict: "spent" | "unspent"): Promise<void>
  /** What `reserve` refuses with `idempotency_replayed`; undefined where it would say something else. A ledger without it keeps the cost alone. */
  recall?(idempotency: NonNullable<Reservation["idempotency"]>): Promise<Recalled | undefined>
  spend(query?: SpendQuery): Promise<readonly SpendRow[]>
  close(): Promise<void>
}
