import type { Cost } from "./price.ts"
import type { Account, Task } from "./request.ts"

/** Whose spending a budget limits. A tag is `"name=value"`, or `"name"` for any value. */
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
  /** `hash` is that of the request; the request itself is never kept. */
  readonly idempotency?: { readonly key: string; readonly hash: string }
}

export interface Reserved {
  /** One per row. */
  readonly ids: readonly string[]
  /** Soft limits that are now passed. */
  readonly warnings?: readonly string[]
}

export interface Settlement {
  readonly cost: Cost
  readonly delivered: number
  readonly requestId?: string
}

export type RowState = "reserved" | "settled" | "released" | "held" | "lapsed"

export type SpendKey = "model" | "task" | "day" | "month" | "key" | "user" | "team" | "state" | `tag:${string}`

export interface SpendQuery {
  readonly by?: readonly SpendKey[]
  /** ISO times; `from` inclusive, `to` exclusive. */
  readonly from?: string
  readonly to?: string
}

export interface SpendRow {
  readonly group: Readonly<Record<string, string>>
  readonly calls: number
  readonly images: number
  readonly microUsd: number
  /** Held and lapsed rows: charged or not. */
  readonly maybeMicroUsd: number
  readonly unknownImages: number
}

/**
 * Keeps budgets and what was spent. A row is reserved before its call, marked sent before its first byte leaves, and ends settled, released,
 * held or lapsed. A reservation lives 60 s unless it is renewed; at its end a row never sent is released, a sent one lapses.
 */
export interface Ledger {
  setBudget(budget: Budget): Promise<void>
  /** All rows or none. Throws `budget_exceeded`, or an idempotency code. */
  reserve(reservation: Reservation): Promise<Reserved>
  sent(id: string): Promise<void>
  renew(id: string): Promise<void>
  settle(id: string, settlement: Settlement): Promise<void>
  release(id: string): Promise<void>
  hold(id: string, settlement?: Settlement): Promise<void>
  /** Ends a held or lapsed row. */
  resolve(id: string, verdict: "spent" | "unspent"): Promise<void>
  spend(query?: SpendQuery): Promise<readonly SpendRow[]>
  close(): Promise<void>
}
