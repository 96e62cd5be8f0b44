import { formatUsd, ImageError, isImageError, type Ledger } from "@pictor/core"

const decisions: ReadonlySet<string> = new Set([
  "budget_exceeded",
  "idempotency_in_progress",
  "idempotency_replayed",
  "idempotency_unresolved",
  "idempotency_mismatch",
])

/** A decision of a ledger that works. An `invalid_request` with a cause comes from the database. */
const isDecision = (thrown: unknown): thrown is ImageError =>
  isImageError(thrown) &&
  (decisions.has(thrown.code) || (thrown.code === "invalid_request" && thrown.cause === undefined))

/** "0.10". */
const amount = (microUsd: number): string =>
  formatUsd({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 }).replace(/[$,]/g, "")

/** LiteLLM's clients look for its sentence, so it comes first. */
const withLitellmSentence = (error: ImageError): ImageError => {
  const { code, message, budget, retryAfterMs } = error
  if (code !== "budget_exceeded" || budget?.unit !== "microUsd") return error
  const sentence = `Budget has been exceeded! Current cost: ${amount(budget.spent)}, Max budget: ${amount(budget.limit)}.`
  return new ImageError({
    code,
    message: `${sentence} ${message}`,
    budget,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** Hides where the database is and what it lacks; that is for the operator only. */
const toPublicError = (thrown: unknown): unknown => {
  if (!isImageError(thrown) || thrown.cause === undefined) return thrown
  const { retryable, retryAfterMs, cause } = thrown
  return new ImageError({
    code: "unavailable",
    message: "The gateway's ledger is unavailable. Retry later, or contact the gateway's operator.",
    retryable,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** The same ledger, which reports each failed operation to `onFailure` and hides its reason. */
export const instrumentLedger = <L extends Ledger>(
  ledger: L,
  onFailure: (operation: string, thrown: unknown) => void,
): L => {
  const instrument =
    <Args extends readonly unknown[], Out>(
      operation: string,
      work: (...args: Args) => Promise<Out>,
    ) =>
    async (...args: Args): Promise<Out> => {
      try {
        return await work(...args)
      } catch (thrown) {
        if (isDecision(thrown)) throw withLitellmSentence(thrown)
        onFailure(operation, thrown)
        throw toPublicError(thrown)
      }
    }
  return {
    ...ledger,
    reserve: instrument("reserve", ledger.reserve),
    sent: instrument("sent", ledger.sent),
    submitted: instrument("submitted", ledger.submitted),
    renew: instrument("renew", ledger.renew),
    settle: instrument("settle", ledger.settle),
    release: instrument("release", ledger.release),
    hold: instrument("hold", ledger.hold),
  }
}
