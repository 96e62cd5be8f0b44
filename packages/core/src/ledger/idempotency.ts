import type { Cost } from "../contract/cost.ts"
import { type ErrorCode, ImageError, type ImageErrorOptions } from "../contract/errors.ts"
import type { Recalled, Reservation } from "../contract/ledger.ts"
import { defined } from "../lib/object.ts"
import { plus, type Row, type Run, type Sums, zero } from "./row.ts"
import { dayMs } from "./window.ts"

/** Idempotency key → what was done under it, the oldest first. */
export type Runs = Map<string, Run>

const askAgainMs = 5000

/** Checks what an idempotency key stands for; throws where it began before and was not free of charge. */
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
  if (run.hash !== hash) refuse("idempotency_mismatch", "belongs to another request; use a new one")
  if (!hasEnded(run))
    refuse("idempotency_in_progress", "belongs to a request that has not ended; ask again later", {
      retryable: true,
      retryAfterMs: askAgainMs,
    })
  const recalled = recallRun(run, nowMs)
  if (recalled)
    refuse(
      "idempotency_replayed",
      "belongs to a request that was charged and whose images are not kept; use a new one",
      { cost: recalled.cost },
    )
}

/** What a run came to; undefined where it goes on, was free of charge, or is too old. */
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

const refuse = (code: ErrorCode, why: string, more?: Partial<ImageErrorOptions>): never => {
  throw new ImageError({ code, message: `This idempotency key ${why}.`, ...more })
}
