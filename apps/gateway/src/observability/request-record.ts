import type { Cost, ImageError, ImageResult, Slot } from "@pictor/core"
import type { HttpResponse } from "@pictor/openai-http"
import type { GatewayCall } from "../types.ts"

/** One request from outside, as logs and metrics tell of it. */
export interface Visit {
  readonly id: string
  readonly method: string
  /** Out of a short list. */
  readonly route: string
  readonly startedMs: number
  /** It has an idempotency key: others may be given what was made for it. */
  readonly isRepeatable: boolean
  /** Where the caller was let in. */
  call?: GatewayCall
  answer?: HttpResponse
  /** Bytes of bodies. */
  bytesIn: number
  bytesOut: number
}

/** How it ended. */
export interface VisitEnd {
  /** 499 where the caller went away before its answer. */
  readonly status: number
  readonly durationMs: number
}

const callId = /^[\w.:-]{1,128}$/

/** The id that the caller gave, where it can be written into headers and logs; else a drawn one. */
export const visitId = (given: unknown, draw: () => string): string =>
  typeof given === "string" && callId.test(given) ? given : draw()

/** The part of a visit that was the gateway's own: without the time in which a provider worked. */
export const overheadMs = ({ call }: Visit, durationMs: number): number =>
  Math.max(0, durationMs - (call?.providerMs ?? 0))

/** What became of a request's images, and what that cost. */
export interface Charge {
  readonly slots: readonly Slot[]
  readonly cost: Cost | undefined
}

const nothing: Charge = { slots: [], cost: undefined }

/** Requests that join one under way with their idempotency key get its result, of which the first to be answered is charged. */
const charged = new WeakMap<ImageResult | ImageError, HttpResponse>()

/** What an answer is to be counted for: nothing where an earlier one, with the same idempotency key, has been. */
export const chargeOf = ({
  answer,
  isRepeatable,
}: Pick<Visit, "answer" | "isRepeatable">): Charge => {
  const end = answer?.result ?? answer?.error
  if (!answer || !end) return nothing
  if (isRepeatable && !charged.has(end)) charged.set(end, answer)
  const isRepeated =
    (isRepeatable && charged.get(end) !== answer) ||
    answer.result?.replayed === true ||
    answer.error?.code === "idempotency_replayed"
  return isRepeated ? nothing : { slots: end.slots ?? [], cost: end.cost }
}
