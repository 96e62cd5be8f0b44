import { within } from "../lib/with-timeout.ts"
import type { Admission } from "./admission.ts"
import type { Listening } from "./listen.ts"

export interface DrainOptions {
  readonly listening: Listening
  readonly admission: Pick<Admission, "idle">
  /** How long requests under way are waited for. */
  readonly drainMs: number
  /** Ends the requests that are still under way. */
  readonly cut: () => void
}

/** How long requests that were cut off have to say so, and connections that nobody needs to close. */
const graceMs = 5_000

/**
 * Lets requests under way end, within limits. Until they have, it listens on, so that readiness and refusals can still be told. What is cut off then has
 * been sent to a provider: its ledger rows say so.
 */
export const drain = async ({
  listening,
  admission,
  drainMs,
  cut,
}: DrainOptions): Promise<void> => {
  if (!(await within(admission.idle(), drainMs))) {
    cut()
    await within(admission.idle(), graceMs)
  }
  await listening.closed(graceMs)
}
