import { type ErrorCode, ImageError, type ImageErrorOptions } from "./errors.ts"
import type { Reservation } from "./ledger.ts"
import { plus, type Run, zero } from "./ledger-row.ts"
import { dayMs } from "./ledger-window.ts"

/** Idempotency key → what was done under it, the oldest first. */
export type Runs = Map<string, Run>

const askAgainMs = 5000

/** Checks what an idempotency key stands for; throws where it began before and was not free of charge. */
export const checkKey = (runs: Runs, { key, hash }: NonNullable<Reservation["idempotency"]>, nowMs: number): void => {
  for (const [oldest, { startedMs }] of runs) {
    if (nowMs - startedMs < dayMs) break
    runs.delete(oldest)
  }
  const run = runs.get(key)
  if (!run) return
  if (run.hash !== hash) refuse("idempotency_mismatch", "belongs to another request; use a new one")
  if (run.rows.some(({ state }) => state !== "settled" && state !== "released"))
    refuse("idempotency_in_progress", "belongs to a request that has not ended; ask again later", { retryable: true, retryAfterMs: askAgainMs })
  const { images, microUsd, maybeMicroUsd, unknownImages } = run.rows.reduce((sum, row) => plus(sum, row.sums), zero)
  if (images + microUsd + maybeMicroUsd + unknownImages > 0)
    refuse("idempotency_replayed", "belongs to a request that was charged and whose images are not kept; use a new one", {
      cost: { microUsd, maybeMicroUsd, unknownImages },
    })
}

const refuse = (code: ErrorCode, why: string, more?: Partial<ImageErrorOptions>): never => {
  throw new ImageError({ code, message: `This idempotency key ${why}.`, ...more })
}
