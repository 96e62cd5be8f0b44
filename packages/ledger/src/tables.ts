import type { RowState } from "@pictor/core/ledger"

/** What rows add up to, in a call and in a tally alike. */
export interface SumColumns {
  images: number
  micro_usd: number
  maybe_micro_usd: number
  unknown_images: number
  reserved_micro_usd: number
  reserved_images: number
}

/** The part of a call that changes. */
export interface CallProgress extends SumColumns {
  entries: number
  state: RowState
  sent: number
  lease_ends_ms: number
  delivered: number | null
  settled_micro_usd: number | null
  settled_maybe_micro_usd: number | null
  settled_unknown_images: number | null
  request_id: string | null
  verdict: "spent" | "unspent" | null
  /** Time of the last entry. */
  ended_ms: number | null
  /** What the provider counted, as JSON. */
  usage: string | null
  /** 1 if the upper bound was charged for want of a count. */
  estimated: number | null
  /** The provider's job as JSON. */
  job: string | null
}

/** A provider call: the order, which never changes, and its progress. */
export interface CallTable extends CallProgress {
  id: string
  time_ms: number
  day: string
  model: string
  provider: string | null
  task: string
  account_key: string | null
  account_user: string | null
  account_team: string | null
  end_user: string | null
  /** JSON. */
  tags: string
  /** JSON, or null: the tags that no budget counts. */
  client_tags: string | null
  size: string | null
  quality: string | null
  /** Source of the price row. */
  price: string | null
  seed: number | null
  run_id: string | null
  ordered: number
  estimate_micro_usd: number
  estimate_maybe_micro_usd: number
  estimate_unknown_images: number
}

/** A change of a call's state; never updated. */
export interface EntryTable {
  call_id: string
  /** From 1. */
  entry: number
  time_ms: number
  state: RowState
  delivered: number | null
  micro_usd: number | null
  maybe_micro_usd: number | null
  unknown_images: number | null
  request_id: string | null
  verdict: "spent" | "unspent" | null
}

export interface BudgetTable {
  id: number
  scope: string
  window_name: string
  rolling_ms: number | null
  /** The budget as JSON. */
  definition: string
}

/** The sums of a budget's calls in one bucket of time. */
export interface TallyTable extends SumColumns {
  budget_id: number
  bucket: number
  calls: number
}

export interface KeyTable {
  key: string
  hash: string
  started_ms: number
  /** The id of the run's first call; empty while the key only holds a lock. */
  run_id: string
}
