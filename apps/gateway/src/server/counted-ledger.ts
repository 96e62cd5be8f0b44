import { isImageError, type Ledger } from "@pictor/core"

/** What a ledger refuses for good reason; the rest is a ledger that does not work. */
const verdicts: ReadonlySet<string> = new Set(["budget_exceeded", "idempotency_in_progress", "idempotency_replayed", "idempotency_mismatch"])

const watch =
  <Args extends readonly unknown[], Out>(
    operation: string,
    work: (...args: Args) => Promise<Out>,
    failed: (operation: string, thrown: unknown) => void,
  ) =>
  async (...args: Args): Promise<Out> => {
    try {
      return await work(...args)
    } catch (thrown) {
      if (!isImageError(thrown) || !verdicts.has(thrown.code)) failed(operation, thrown)
      throw thrown
    }
  }

/** The same ledger; `failed` is told of each operation that went wrong. */
export const countedLedger = <L extends Ledger>(ledger: L, failed: (operation: string, thrown: unknown) => void): L => ({
  ...ledger,
  reserve: watch("reserve", ledger.reserve, failed),
  sent: watch("sent", ledger.sent, failed),
  renew: watch("renew", ledger.renew, failed),
  settle: watch("settle", ledger.settle, failed),
  release: watch("release", ledger.release, failed),
  hold: watch("hold", ledger.hold, failed),
})
