import type { Cost, ImageError, ImageResult, Slot } from "@pictor/core"
import type { HttpResponse } from "@pictor/openai-http"
import type { GatewayCall } from "../types.ts"

/** One HTTP request as logs, metrics and traces report it. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  /** The label of the matched route. */
  readonly route: string
  readonly startedMs: number
  /** It has an idempotency key, so that other requests may share its result. */
  readonly isRepeatable: boolean
  /** Set once the caller is authenticated and the body is read. */
  call?: GatewayCall
  answer?: HttpResponse
  /** Bytes of the bodies. */
  bytesIn: number
  bytesOut: number
}

export interface RequestEnd {
  /** 499 if the client disconnected before its answer was complete. */
  readonly status: number
  readonly durationMs: number
}

/** The gateway's own share of a request's duration, without the time of provider calls. */
export const overheadMs = ({ call }: RequestRecord, durationMs: number): number =>
  Math.max(0, durationMs - (call?.providerMs ?? 0))

/** A request's images and their cost. */
interface Charge {
  readonly slots: readonly Slot[]
  readonly cost: Cost | undefined
}

const nothing: Charge = { slots: [], cost: undefined }

/** Concurrent requests with one idempotency key share a result; the first answer is charged. */
const charged = new WeakMap<ImageResult | ImageError, HttpResponse>()

/** What to count for an answer: nothing if an earlier one with the same key has been counted. */
export const chargeOf = ({
  answer,
  isRepeatable,
}: Pick<RequestRecord, "answer" | "isRepeatable">): Charge => {
  const outcome = answer?.result ?? answer?.error
  if (!answer || !outcome) return nothing
  if (isRepeatable && !charged.has(outcome)) charged.set(outcome, answer)
  const isRepeated =
    (isRepeatable && charged.get(outcome) !== answer) ||
    answer.result?.replayed === true ||
    answer.error?.code === "idempotency_replayed"
  return isRepeated ? nothing : { slots: outcome.slots ?? [], cost: outcome.cost }
}
