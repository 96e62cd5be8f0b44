import { type ImageError, imageError, isImageError, type Slot } from "../contract/errors.ts"
import type {
  Ledger,
  Reservation,
  ReservationRow,
  Settlement,
  SubmittedJob,
} from "../contract/ledger.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Job } from "../contract/transport.ts"
import { defined } from "../lib/object.ts"
import { sizeText } from "../models/size.ts"
import { addCosts, costOfCall, foreignRate, type Rate } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import { storeImages } from "./stored-result.ts"
import type { IdempotentRun, PlanRun } from "./types.ts"

/** The ledger row of an attempt. */
export interface SentRow {
  /** Keeps the provider's job beside the row. A failure becomes a warning. */
  submitted(job: Job): Promise<void>
  /** Releases the row, once the call has ended: the provider has cancelled its job. */
  cancelled(): Promise<void>
}

export interface CallReservation {
  /** Marks the row sent. Throws if the call must not be sent. */
  sent(): Promise<SentRow>
  /** Holds what may have been charged and reserves the price again. */
  again(maybe: Settlement): Promise<void>
  /** Stores the images, then settles, holds or releases the row. */
  end(slots: readonly Slot[], facts: ReplyFacts): Promise<void>
}

/** What a row keeps of the replies. */
type ReplyFacts = Omit<Settlement, "cost" | "delivered">

/** Reserves all calls of a plan or none. */
export const reserve = async (
  ledger: Ledger,
  run: PlanRun,
  idempotent: IdempotentRun | undefined,
): Promise<readonly CallReservation[]> => {
  const { planned, warnings } = run
  const { calls } = planned.plan
  // A single call is sent at once; with several, some wait for others.
  const single = calls.length === 1 ? { sent: true as const } : {}
  const reserved = await write(() =>
    ledger.reserve({
      rows: calls.map((call) => rowOf(planned, call)),
      ...accountOf(planned),
      ...runOf(idempotent),
      ...single,
    }),
  )
  const { ids, sent = false } = reserved
  if (ids.length < calls.length)
    throw notWritten(`it reserved ${ids.length} rows for ${calls.length} calls`)
  if (idempotent) idempotent.rows.firstRow ??= ids[0]
  warnings.push(...(reserved.warnings ?? []))
  return calls.map((call, index) =>
    callReservation(ledger, run, call, { id: ids[index] as string, sent }, idempotent),
  )
}

const renewMs = 20_000

const callReservation = (
  ledger: Ledger,
  { planned, rules, warnings }: PlanRun,
  call: PlannedCall,
  row: { readonly id: string; readonly sent: boolean },
  idempotent: IdempotentRun | undefined,
): CallReservation => {
  let { id, sent: isSent } = row
  let unwritten: SubmittedJob | undefined
  let endCall = (): void => {}
  const callEnded = new Promise<void>((resolve) => {
    endCall = resolve
  })
  const sentRow = (sentId: string): SentRow => ({
    submitted: async (submitted) => {
      const job = jobOf(planned, call, submitted)
      try {
        await ledger.submitted(sentId, job)
      } catch (error) {
        unwritten = job
        warnings.push(
          `The ledger could not record the job of row ${sentId}: ${whyOf(error)}. If this process ends first, its images are lost.`,
        )
      }
    },
    cancelled: async () => {
      await callEnded
      await ledger.release(sentId).catch(() => {})
    },
  })
  const renewal = setInterval(() => ledger.renew(id).catch(() => {}), renewMs)
  // Renewing a lease must not keep the process alive. Only some hosts have unref.
  if (typeof renewal === "object") (renewal as { unref?: () => void }).unref?.()
  return {
    sent: async () => {
      if (!isSent) await write(() => ledger.sent(id))
      // Every further attempt restarts the lease.
      isSent = false
      return sentRow(id)
    },
    again: async (maybe) => {
      const { ids } = await ledger.reserve({
        rows: [rowOf(planned, call)],
        ...accountOf(planned),
        retryOf: id,
      })
      await ledger.hold(id, maybe)
      id = ids[0] as string
    },
    end: async (slots, facts) => {
      // Before the row settles, so that a settled row has its images.
      if (idempotent && rules.imageStore) {
        const { plan, request } = planned
        const day = new Date(rules.runtime.now()).toISOString().slice(0, 10)
        const about = {
          model: plan.model,
          day,
          tags: request.tags ?? {},
          account: request.account ?? {},
        }
        await storeImages(rules.imageStore, id, slots, about, warnings)
      }
      clearInterval(renewal)
      const settlement = settlementOf(slots, facts)
      await writeEnd(ledger, id, settlement, warnings)
      if (unwritten && isUncertain(settlement))
        await ledger.submitted(id, unwritten).catch(() => {})
      endCall()
    },
  }
}

const runOf = (
  idempotent: IdempotentRun | undefined,
): Pick<Reservation, "idempotency" | "retryOf"> => {
  if (!idempotent) return {}
  const { key, hash, lapsed, rows } = idempotent
  return rows.firstRow === undefined
    ? { idempotency: { key, hash, lapsed } }
    : { retryOf: rows.firstRow }
}

const accountOf = ({
  request: { account, tags, clientTags },
}: Planned): Pick<Reservation, "account" | "tags" | "clientTags"> =>
  defined({ account, tags, clientTags })

const rowOf = (
  { plan: { model, task, outputSize, resolved }, price, target: { adapter } }: Planned,
  { slots, seed }: PlannedCall,
): ReservationRow => ({
  model,
  task,
  images: slots.length,
  cost: costOfCall(price, slots.length),
  ...defined({
    provider: adapter.transport.provider ?? adapter.http?.provider,
    size: outputSize && sizeText(outputSize),
    quality: resolved.quality,
    price: priceName(price.row),
    seed,
  }),
})

/** What any process needs to resume a job: never the prompt. */
const jobOf = (
  { target: { adapter }, price }: Planned,
  { modelId, region }: PlannedCall,
  { id, url }: Job,
): SubmittedJob => ({
  id,
  adapter: adapter.alias ?? adapter.name,
  modelId,
  ...defined({ url, region, price: price.row }),
})

/** Names a rate in another currency, which is in no sum. */
const priceName = (row: Rate | undefined): string | undefined => {
  const foreign = foreignRate(row)
  return foreign === undefined ? row?.source : `${row?.source} (${foreign})`
}

const notWritten = (cause: unknown): ImageError =>
  imageError("unavailable", "The ledger could not be written. Nothing was sent.", {
    retryable: false,
    cause,
  })

const write = async <Out>(operation: () => Promise<Out>): Promise<Out> => {
  try {
    return await operation()
  } catch (cause) {
    throw isImageError(cause) ? cause : notWritten(cause)
  }
}

const whyOf = (error: unknown): string =>
  isImageError(error) ? error.message : "an unexpected error"

export const settlementOf = (slots: readonly Slot[], facts: ReplyFacts): Settlement => ({
  cost: addCosts(slots.map(({ cost }) => cost)),
  delivered: slots.filter(({ status }) => status === "delivered").length,
  ...facts,
})

/** A free call whose usage was counted is settled at $0, so that the usage is kept. */
const isFree = ({ cost, delivered, usage }: Settlement): boolean =>
  delivered + cost.microUsd + cost.maybeMicroUsd + cost.unpricedImages === 0 && usage === undefined

/** May some of it be charged? */
export const isUncertain = ({ cost, delivered }: Settlement): boolean =>
  cost.maybeMicroUsd > 0 || cost.unpricedImages > delivered

/** Settles, holds or releases a row. A failure becomes a warning. */
export const writeEnd = async (
  ledger: Ledger,
  id: string,
  settlement: Settlement,
  warnings: string[],
): Promise<void> => {
  try {
    if (isFree(settlement)) await ledger.release(id)
    else if (isUncertain(settlement)) await ledger.hold(id, settlement)
    else await ledger.settle(id, settlement)
  } catch (error) {
    // The images are paid for: a ledger that cannot be written must not lose them too.
    warnings.push(`The ledger could not write the end of row ${id}: ${whyOf(error)}.`)
  }
}
