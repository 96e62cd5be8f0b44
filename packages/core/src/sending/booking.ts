import { ImageError, isImageError } from "../contract/errors.ts"
import type { Ledger, Reservation, ReservationRow, Settlement } from "../contract/ledger.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Planned } from "../planning/planner.ts"
import { costOf, type Rate } from "../planning/price.ts"
import { foreignRate } from "../planning/rates.ts"
import { sizeText } from "../planning/sizes.ts"
import { defined } from "../tools/defined.ts"
import type { Keyed } from "./idempotency.ts"

/** One call's row in the ledger. */
export interface Booking {
  /** Of its row; without a ledger it has none. */
  readonly id: () => string | undefined
  sent(): Promise<void>
  /** Holds what may have been charged and reserves the price once more. */
  again(maybe: Settlement): Promise<void>
  settle(settlement: Settlement): Promise<void>
  release(): Promise<void>
}

const renewMs = 20_000

/** A price that is in no sum is named. */
const nameOf = (row: Rate | undefined): string | undefined => {
  const foreign = foreignRate(row)
  return foreign === undefined ? row?.source : `${row?.source} (${foreign})`
}

const rowOf = ({ plan: { model, task, outputSize, resolved }, price, row }: Planned, { slots, seed }: PlannedCall): ReservationRow => ({
  model,
  task,
  images: slots.length,
  cost: costOf(price, slots.length),
  ...defined({ size: outputSize && sizeText(outputSize), quality: resolved.quality, price: nameOf(row), seed }),
})

const payer = ({ request: { account, tags } }: Planned): Pick<Reservation, "account" | "tags"> => defined({ account, tags })

const isMaybe = ({ cost, delivered }: Settlement): boolean => cost.maybeMicroUsd > 0 || cost.unknownImages > delivered

const unwritten = (cause: unknown): ImageError =>
  new ImageError({ code: "unavailable", message: "The ledger could not be written; nothing was sent.", retryable: false, cause })

/** What a ledger throws unawares says at least that nothing was sent. */
const written = async <Out>(write: () => Promise<Out>): Promise<Out> => {
  try {
    return await write()
  } catch (cause) {
    throw isImageError(cause) ? cause : unwritten(cause)
  }
}

/** `sent`: it is marked so already. */
interface BookedRow {
  readonly id: string
  readonly sent: boolean
}

const bookCall = (ledger: Ledger, planned: Planned, call: PlannedCall, row: BookedRow, warn: (warning: string) => void): Booking => {
  let { id, sent } = row
  const renewal = setInterval(() => ledger.renew(id).catch(() => {}), renewMs)
  // A host with timers that keep a process alive offers unref; waiting for a lease must not.
  if (typeof renewal === "object") (renewal as { unref?: () => void }).unref?.()
  const end = async (write: () => Promise<void>): Promise<void> => {
    clearInterval(renewal)
    try {
      await write()
    } catch (error) {
      // The pictures are paid for and here: a ledger that cannot be written must not lose them too.
      warn(`The ledger could not write the end of row ${id}: ${isImageError(error) ? error.message : "an unexpected error"}.`)
    }
  }
  return {
    id: () => id,
    sent: async () => {
      if (!sent) await written(() => ledger.sent(id))
      // Each further attempt starts the lease again.
      sent = false
    },
    again: async (maybe) => {
      const { ids } = await ledger.reserve({ rows: [rowOf(planned, call)], ...payer(planned), retryOf: id })
      await ledger.hold(id, maybe)
      id = ids[0] as string
    },
    settle: (settlement) => end(() => (isMaybe(settlement) ? ledger.hold(id, settlement) : ledger.settle(id, settlement))),
    release: () => end(() => ledger.release(id)),
  }
}

const keyOf = (idempotency: Keyed | undefined): Pick<Reservation, "idempotency" | "retryOf"> => {
  if (!idempotency) return {}
  const { key, hash, turns } = idempotency
  return turns.firstRow === undefined ? { idempotency: { key, hash } } : { retryOf: turns.firstRow }
}

/** Reserves every call of a plan, all or none. */
export const book = async (
  ledger: Ledger,
  planned: Planned,
  idempotency: Keyed | undefined,
  warn: (warning: string) => void,
): Promise<readonly Booking[]> => {
  const { calls } = planned.plan
  const rows = calls.map((call) => rowOf(planned, call))
  // A single call goes out as soon as it is reserved; of several, some wait for others.
  const once = calls.length === 1 ? { sent: true as const } : {}
  const { ids, warnings, sent = false } = await written(() => ledger.reserve({ rows, ...payer(planned), ...keyOf(idempotency), ...once }))
  if (ids.length < calls.length) throw unwritten(`it reserved ${ids.length} rows for ${calls.length} calls`)
  if (idempotency) idempotency.turns.firstRow ??= ids[0]
  for (const warning of warnings ?? []) warn(warning)
  return calls.map((call, index) => bookCall(ledger, planned, call, { id: ids[index] as string, sent }, warn))
}
