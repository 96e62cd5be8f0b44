import type { Cost } from "../contract/cost.ts"
import { imageError } from "../contract/errors.ts"
import type { Recalled, Reservation } from "../contract/ledger.ts"
import { defined } from "../lib/object.ts"
import { plus, type Row, type Run, type Sums, zero } from "./row.ts"
import { dayMs } from "./window.ts"

/** Runs by idempotency key, the oldest first. */
export type Runs = Map<string, Run>

const retryAfterMs = 5000

/** Throws if the key is in use, or if its run was charged. */
export const checkKey = (
  runs: Runs,
  { key, hash }: NonNullable<Reservation["idempotency"]>,
  nowMs: number,
): void => {
  for (const [oldest, { startedMs }] of runs) {
    if (nowMs - startedMs < dayMs) break
    runs.delete(oldest)
  }
  const run = runs.get(key)
  if (!run) return
  if (run.hash !== hash)
    throw imageError(
      "idempotency_mismatch",
      "This idempotency key belongs to another request. Use a new key.",
    )
  if (!hasEnded(run))
    throw imageError(
      "idempotency_in_progress",
      "The request of this idempotency key is still running. Try again later.",
      { retryable: true, retryAfterMs },
    )
  const recalled = recallRun(run, nowMs)
  if (recalled)
    throw imageError(
      "idempotency_replayed",
      "The request of this idempotency key was charged, and its images are not stored. Use a new key.",
      { cost: recalled.cost },
    )
}

/** The cost and calls of a run; undefined if it still runs, was free of charge, or is too old. */
export const recallRun = (run: Run, nowMs: number): Recalled | undefined => {
  if (nowMs - run.startedMs >= dayMs || !hasEnded(run)) return undefined
  const sums = run.rows.reduce((sum, row) => plus(sum, row.sums), zero)
  if (sums.images + sums.microUsd + sums.maybeMicroUsd + sums.unpricedImages === 0) return undefined
  return {
    cost: costOf(sums),
    calls: run.rows.map(
      ({ id, facts: { model = "" }, ordered, sums: own, seed, settlement, verdict }) => ({
        id,
        model,
        images: ordered,
        delivered: own.images,
        cost: costOf(own),
        ...defined({ seed, requestId: settlement?.requestId }),
        ...(verdict && { resolved: true as const }),
      }),
    ),
  }
}

const hasEnded = ({ rows }: Run): boolean =>
  rows.every(({ state }: Row) => state === "settled" || state === "released")

const costOf = ({ microUsd, maybeMicroUsd, unpricedImages }: Sums): Cost => ({
  microUsd,
  maybeMicroUsd,
  unpricedImages,
})
