import { ImageError, isImageError, type Ledger } from "@pictor/core"

/** What a ledger refuses for good reason; the rest is a ledger that does not work. */
const verdicts: ReadonlySet<string> = new Set([
  "budget_exceeded",
  "idempotency_in_progress",
  "idempotency_replayed",
  "idempotency_mismatch",
])

/** Also of a request that no ledger could take in, such as one with half a character; a database that refuses has its own words as the cause. */
const isVerdict = ({ code, cause }: ImageError): boolean =>
  verdicts.has(code) || (code === "invalid_request" && cause === undefined)

/** As callers are told of a database that does not work: it is not their fault, and where it is and what it lacks are not their affairs. */
const hidden = (thrown: unknown): unknown => {
  if (!isImageError(thrown) || thrown.cause === undefined || isVerdict(thrown)) return thrown
  const { retryable, retryAfterMs, cause } = thrown
  const message =
    "The gateway's ledger does not work just now. Try again later, or tell whoever runs this gateway."
  return new ImageError({
    code: "unavailable",
    message,
    retryable,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

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
      if (!isImageError(thrown) || !isVerdict(thrown)) failed(operation, thrown)
      throw hidden(thrown)
    }
  }

/** The same ledger; `failed` is told of each operation that went wrong, and why, which nobody outside is. */
export const countedLedger = <L extends Ledger>(
  ledger: L,
  failed: (operation: string, thrown: unknown) => void,
): L => ({
  ...ledger,
  reserve: watch("reserve", ledger.reserve, failed),
  sent: watch("sent", ledger.sent, failed),
  renew: watch("renew", ledger.renew, failed),
  settle: watch("settle", ledger.settle, failed),
  release: watch("release", ledger.release, failed),
  hold: watch("hold", ledger.hold, failed),
})
