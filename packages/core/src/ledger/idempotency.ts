import type { Cost } from "../contract/cost.ts"
import { type ImageError, imageError } from "../contract/errors.ts"
import type { Recalled, ReservationKey } from "../contract/ledger.ts"
import { defined } from "../lib/object.ts"
import { dayMs } from "./budget.ts"
import { plus, type Row, type Run, type Sums, zero } from "./row.ts"

/** Runs by idempotency key, the oldest first. */
export type Runs = Map<string, Run>

const retryAfterMs = 5000

/** Throws if the key is in use, or if its run was charged. */
export const checkKey = (
  runs: Runs,
  { key, hash, lapsed }: ReservationKey,
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
  if (run.rows.some(({ state }) => state === "reserved"))
    throw imageError(
      "idempotency_in_progress",
      "The request of this idempotency key is still running. Try again later.",
      { retryable: true, retryAfterMs },
    )
  const unresolved = unresolvedOf(run)
  if (unresolved.length > 0) {
    if (lapsed === "retry") return
    throw unresolvedError(unresolved.map(({ id }) => id))
  }
  const recalled = recallRun(run, nowMs)
  if (recalled)
    throw imageError(
      "idempotency_replayed",
      "The request of this idempotency key was charged, and its images are not stored. Use a new key.",
      { cost: recalled.cost },
    )
}

/** The rows of a run that were sent and got no verdict. */
export const unresolvedOf = (run: Run | undefined): readonly Row[] =>
  (run?.rows ?? []).filter(({ state }) => state === "held" || state === "lapsed")

/** Ids in a message; the ledger lists the others. */
const namedIds = 5

const unresolvedError = (ids: readonly string[]): ImageError => {
  const others = ids.length > namedIds ? ` and ${ids.length - namedIds} others` : ""
  const named = `${ids.slice(0, namedIds).join(", ")}${others}`
  return imageError(
    "idempotency_unresolved",
    `A call of this idempotency key was sent and got no verdict, so it may have been charged. Use a new key to request and pay for the images again, or end the ledger's rows first: ${named}. createPictor({ lapsed: "retry" }) counts such rows as spent, pictor.resume(id) fetches the images of a row that has a job, and ledger.resolve(id, "spent" | "unspent") ends any other.`,
    { rows: ids },
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
        ...defined({ seed, requestId: settlement?.requestId, usage: settlement?.usage }),
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
