import type { ConfiguredPrice, PriceRow, Units } from "./card.ts"
import type { Cost } from "./cost.ts"
import type { Account, Task } from "./request.ts"

/**
 * Whose spending a budget limits, by id, never by secret: messages name the scope. A tag is
 * `"name=value"`, or `"name"` for any value.
 */
export type Scope =
  | { readonly everything: true }
  | { readonly key: string }
  | { readonly user: string }
  | { readonly team: string }
  /** In the caller's words: a budget of a `user` never counts it. */
  | { readonly endUser: string }
  | { readonly tag: string }
  | { readonly model: string }

/** UTC days, weeks (from Monday) and months, or the last `rollingMs`, counted in 60 buckets. */
export type Window = "total" | "day" | "week" | "month" | { readonly rollingMs: number }

export interface Limit {
  readonly microUsd?: number
  readonly images?: number
}

export interface Budget {
  readonly scope: Scope
  readonly window: Window
  /** What would exceed it is rejected with `budget_exceeded`. */
  readonly hard?: Limit
  /** Exceeding it is a warning. */
  readonly soft?: Limit
  /** Admits images of unknown price under a hard limit in money. */
  readonly allowUnknown?: boolean
}

/**
 * The idempotency key of a reservation. `hash` is the request's; the request itself is never
 * stored. A key is stored for 24 h and is shared by all callers: `createPictor` adds the account to
 * it.
 */
export interface ReservationKey {
  readonly key: string
  readonly hash: string
  /**
   * What to do if an earlier run of this key has rows that are held or lapsed. `retry` counts them
   * as spent and starts a new run. Default `refuse`: throws `idempotency_unresolved`.
   */
  readonly lapsed?: "refuse" | "retry"
}

/** One provider call, before it is made. */
export interface ReservationRow {
  readonly model: string
  readonly task: Task
  readonly images: number
  /** The price if every image is delivered. */
  readonly cost: Cost
  readonly size?: string
  readonly quality?: string
  /** The price row's source. */
  readonly price?: string
  readonly seed?: number
  /** The vendor that is called. */
  readonly provider?: string
}

/** What a job needs to be resumed by any process: never the prompt. */
export interface SubmittedJob {
  readonly id: string
  /** The URL to poll. */
  readonly url?: string
  /** The adapter's alias or name. */
  readonly adapter: string
  readonly modelId: string
  readonly region?: string
  /** The row that prices the call. */
  readonly price?: PriceRow & Pick<ConfiguredPrice, "currency">
  /** The provider does not know the job any more: the row can only be resolved. */
  readonly lost?: true
}

export interface Reservation {
  readonly rows: readonly ReservationRow[]
  readonly account?: Account
  readonly tags?: Readonly<Record<string, string>>
  /** Names of `tags` that no budget counts, because the caller chose them. */
  readonly clientTags?: readonly string[]
  readonly idempotency?: ReservationKey
  /** Instead of `idempotency`: a row whose run these rows belong to, for retries and fallbacks. */
  readonly retryOf?: string
  /** The calls are sent immediately: reserves the rows and marks them sent in one write. */
  readonly sent?: true
}

export interface Reserved {
  /** One per row. */
  readonly ids: readonly string[]
  /** Soft limits that are now exceeded. */
  readonly warnings?: readonly string[]
  /** The rows are already marked sent. Without it `sent` is called for each. */
  readonly sent?: true
}

export interface Settlement {
  readonly cost: Cost
  readonly delivered: number
  readonly requestId?: string
  /** What the provider counted. */
  readonly usage?: Units
  /** No price of the reply is known: the upper bound is charged. */
  readonly estimated?: true
}

export interface RecalledCall {
  readonly id: string
  readonly model: string
  /** Requested. */
  readonly images: number
  readonly delivered: number
  readonly cost: Cost
  readonly seed?: number
  /** The provider's id of a charged call. */
  readonly requestId?: string
  /** It was settled by `resolve`. */
  readonly resolved?: true
  readonly usage?: Units
}

/** The ended run of an idempotency key. */
export interface Recalled {
  readonly cost: Cost
  /** In the order of their reservation; retries come last. */
  readonly calls: readonly RecalledCall[]
}

export type RowState = "reserved" | "settled" | "released" | "held" | "lapsed"

export type SpendKey =
  | "model"
  | "provider"
  | "task"
  | "day"
  | "month"
  | "key"
  | "user"
  | "team"
  | "endUser"
  | "state"
  | `tag:${string}`

export interface SpendQuery {
  /** Default: one row for everything. */
  readonly by?: readonly SpendKey[]
  /** ISO times of the reservation; `from` inclusive, `to` exclusive. */
  readonly from?: string
  readonly to?: string
}

export interface SpendRow {
  /** A key is absent if the rows have no such provider, account or tag. */
  readonly group: Readonly<Record<string, string>>
  /** Rows in every state; reserved and released ones add nothing else. */
  readonly calls: number
  /** Delivered by settled rows, requested by held and lapsed ones. */
  readonly images: number
  readonly microUsd: number
  /** Maybe charged, by held and lapsed rows. */
  readonly maybeMicroUsd: number
  /** Charged, or maybe charged, at an unknown price. */
  readonly unpricedImages: number
}

/** A row whose call was sent, and whose charge is still unknown. */
export interface UnresolvedRow {
  readonly id: string
  /** ISO time of the reservation. */
  readonly time: string
  /** `reserved`: its lease has not ended, so that its call may still be running. */
  readonly state: "reserved" | "held" | "lapsed"
  readonly model: string
  readonly provider?: string
  readonly task: Task
  readonly account: Account
  /** Absent if there are none. */
  readonly tags?: Readonly<Record<string, string>>
  readonly images: number
  /** What is certain, and what may have been charged. */
  readonly cost: Cost
  /** The provider's id of the call, if it answered. */
  readonly requestId?: string
  readonly seed?: number
  /** The provider's job, which may still have the images. */
  readonly job?: SubmittedJob
}

export interface UnresolvedQuery {
  /** Also lists rows that are reserved and were sent: their jobs can be resumed after a crash. */
  readonly jobs?: boolean
  /** Only this row. */
  readonly id?: string
  /** Only rows whose id comes after this one. */
  readonly after?: string
}

/**
 * Stores budgets and spending. A row is reserved before its call and marked sent before the first
 * byte leaves; it ends settled, released, held or lapsed. A reservation expires after 60 s unless
 * it is renewed: a row that was never sent is released, a sent one lapses. Held and lapsed rows
 * count against budgets until they are settled, released or resolved. An action throws
 * `invalid_request` if its id is unknown or the row's state forbids it; repeating an action changes
 * nothing.
 */
export interface Ledger {
  /** Sets a budget, or replaces the one of the same scope and window. Earlier spending counts. */
  setBudget(budget: Budget): Promise<void>
  /** Reserves all rows or none. Throws `budget_exceeded`, or an idempotency code. */
  reserve(reservation: Reservation): Promise<Reserved>
  /** Marks a row sent. Throws unless the row is still reserved: its call must not be sent then. */
  sent(id: string): Promise<void>
  /**
   * Keeps the provider's job beside a reserved, held or lapsed row, so that any process can resume
   * it. Replaces an earlier one. Changes no state.
   */
  submitted(id: string, job: SubmittedJob): Promise<void>
  /** Restarts the lease. Changes nothing if the row is no longer reserved. */
  renew(id: string): Promise<void>
  /** Records the charge, even above the reservation. Also ends held and lapsed rows. */
  settle(id: string, settlement: Settlement): Promise<void>
  release(id: string): Promise<void>
  /** For a call that was sent without a verdict; `settlement` has the part that is certain. */
  hold(id: string, settlement?: Settlement): Promise<void>
  /** Ends a held or lapsed row: all of it is `spent`, or only the certain part (`unspent`). */
  resolve(id: string, verdict: "spent" | "unspent"): Promise<void>
  /** A page of the held and lapsed rows in the order of their ids. */
  unresolved(query?: UnresolvedQuery): Promise<readonly UnresolvedRow[]>
  /**
   * The run for which `reserve` throws `idempotency_replayed`; else undefined. Without this method
   * a repeated request gets the error, with the cost.
   */
  recall?(idempotency: Pick<ReservationKey, "key" | "hash">): Promise<Recalled | undefined>
  spend(query?: SpendQuery): Promise<readonly SpendRow[]>
  close(): Promise<void>
}
