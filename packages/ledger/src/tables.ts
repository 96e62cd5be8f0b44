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

/** A provider call: what was ordered, which never changes, and where it stands. */
export interface CallTable extends SumColumns {
  id: string
  time_ms: number
  day: string
  model: string
  task: string
  account_key: string | null
  account_user: string | null
  account_team: string | null
  /** JSON. */
  tags: string
  size: string | null
  quality: string | null
  /** The price row's source. */
  price: string | null
  seed: number | null
  run_id: string | null
  ordered: number
  estimate_micro_usd: number
  estimate_maybe_micro_usd: number
  estimate_unknown_images: number
  /** Entries written so far. */
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
}

/** What became of a call, one entry after the other; none is ever changed. */
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

/** What a budget's calls of one bucket of time add up to. */
export interface TallyTable extends SumColumns {
  budget_id: number
  bucket: number
  calls: number
}

/** Idempotency keys. */
export interface KeyTable {
  key: string
  hash: string
  started_ms: number
  run_id: string
}

export interface Tables {
  pictor_ledger: { version: number }
  pictor_call: CallTable
  pictor_entry: EntryTable
  pictor_budget: BudgetTable
  pictor_tally: TallyTable
  pictor_key: KeyTable
}
