import { ImageError, isImageError } from "../contract/errors.ts"
import type { Ledger, Reservation, ReservationRow, Settlement } from "../contract/ledger.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Slot } from "../contract/result.ts"
import { defined } from "../lib/object.ts"
import { sizeText } from "../models/size.ts"
import { addCosts, costOf, foreignRate, type Rate } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import type { Once } from "./generate.ts"
import type { Keyed } from "./idempotency.ts"

/** One call's row in the ledger. */
export interface Booking {
  sent(): Promise<void>
  /** Holds what may have been charged and reserves the price once more. */
  again(maybe: Settlement): Promise<void>
  /** Keeps the images, then settles, holds or releases the row by what the call came to. */
  end(slots: readonly Slot[], requestId: string | undefined): Promise<void>
}

const renewMs = 20_000

/** A price that is in no sum is named. */
const nameOf = (row: Rate | undefined): string | undefined => {
  const foreign = foreignRate(row)
  return foreign === undefined ? row?.source : `${row?.source} (${foreign})`
}

const rowOf = (
  { plan: { model, task, outputSize, resolved }, price, row }: Planned,
  { slots, seed }: PlannedCall,
): ReservationRow => ({
  model,
  task,
  images: slots.length,
  cost: costOf(price, slots.length),
  ...defined({
    size: outputSize && sizeText(outputSize),
    quality: resolved.quality,
    price: nameOf(row),
    seed,
  }),
})

const payer = ({ request: { account, tags } }: Planned): Pick<Reservation, "account" | "tags"> =>
  defined({ account, tags })

const isMaybe = ({ cost, delivered }: Settlement): boolean =>
  cost.maybeMicroUsd > 0 || cost.unpricedImages > delivered

const unwritten = (cause: unknown): ImageError =>
  new ImageError({
    code: "unavailable",
    message: "The ledger could not be written; nothing was sent.",
    retryable: false,
    cause,
  })

/** What a ledger throws unawares says at least that nothing was sent. */
const written = async <Out>(write: () => Promise<Out>): Promise<Out> => {
  try {
    return await write()
  } catch (cause) {
    throw isImageError(cause) ? cause : unwritten(cause)
  }
}

const settlementOf = (slots: readonly Slot[], requestId: string | undefined): Settlement => ({
  cost: addCosts(slots.map(({ cost }) => cost)),
  delivered: slots.filter(({ status }) => status === "delivered").length,
  ...defined({ requestId }),
})

const isFree = ({ cost, delivered }: Settlement): boolean =>
  delivered + cost.microUsd + cost.maybeMicroUsd + cost.unpricedImages === 0

const writeEnd = async (
  ledger: Ledger,
  id: string,
  settlement: Settlement,
  warnings: string[],
): Promise<void> => {
  try {
    if (isFree(settlement)) await ledger.release(id)
    else await (isMaybe(settlement) ? ledger.hold(id, settlement) : ledger.settle(id, settlement))
  } catch (error) {
    // The pictures are paid for and here: a ledger that cannot be written must not lose them too.
    warnings.push(
      `The ledger could not write the end of row ${id}: ${isImageError(error) ? error.message : "an unexpected error"}.`,
    )
  }
}

/** What a request's rows share. */
interface Kept {
  readonly once: Once | undefined
  readonly warnings: string[]
}

/** `sent`: it is marked so already. */
interface BookedRow {
  readonly id: string
  readonly sent: boolean
}

const bookCall = (
  ledger: Ledger,
  planned: Planned,
  call: PlannedCall,
  row: BookedRow,
  kept: Kept,
): Booking => {
  let { id, sent } = row
  const renewal = setInterval(() => ledger.renew(id).catch(() => {}), renewMs)
  // A host with timers that keep a process alive offers unref; waiting for a lease must not.
  if (typeof renewal === "object") (renewal as { unref?: () => void }).unref?.()
  return {
    sent: async () => {
      if (!sent) await written(() => ledger.sent(id))
      // Each further attempt starts the lease again.
      sent = false
    },
    again: async (maybe) => {
      const { ids } = await ledger.reserve({
        rows: [rowOf(planned, call)],
        ...payer(planned),
        retryOf: id,
      })
      await ledger.hold(id, maybe)
      id = ids[0] as string
    },
    end: async (slots, requestId) => {
      // Images are kept before their row settles: one that has settled has its images.
      await kept.once?.keep(id, slots, kept.warnings)
      clearInterval(renewal)
      await writeEnd(ledger, id, settlementOf(slots, requestId), kept.warnings)
    },
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
  once: Once | undefined,
  warnings: string[],
): Promise<readonly Booking[]> => {
  const { calls } = planned.plan
  const { idempotency } = once ?? {}
  const rows = calls.map((call) => rowOf(planned, call))
  // A single call goes out as soon as it is reserved; of several, some wait for others.
  const single = calls.length === 1 ? { sent: true as const } : {}
  const reserved = await written(() =>
    ledger.reserve({ rows, ...payer(planned), ...keyOf(idempotency), ...single }),
  )
  const { ids, sent = false } = reserved
  if (ids.length < calls.length)
    throw unwritten(`it reserved ${ids.length} rows for ${calls.length} calls`)
  if (idempotency) idempotency.turns.firstRow ??= ids[0]
  warnings.push(...(reserved.warnings ?? []))
  return calls.map((call, index) =>
    bookCall(ledger, planned, call, { id: ids[index] as string, sent }, { once, warnings }),
  )
}
