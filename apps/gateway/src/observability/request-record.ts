import { randomUUID } from "node:crypto"
import type { Cost, ImageError, ImageResult, Slot } from "@pictor/core"
import type { HttpResponse } from "@pictor/openai-http"
import type { GatewayCall } from "../types.ts"

export interface RequestRecord {
  readonly id: string
  readonly method: string
  readonly route: string
  readonly startedMs: number
  /** It has an idempotency key, so that other requests may share its result. */
  readonly isRepeatable: boolean
  /** Set once the caller is authenticated and the body is read. */
  call?: GatewayCall
  answer?: HttpResponse
  /** LiteLLM's headers of the request that have no effect. */
  ignoredHeaders?: string | undefined
  bytesIn: number
  bytesOut: number
}

/**
 * A UUID of version 7 (RFC 9562). Ids in order of time are added at the end of the ledger's index
 * of requests; each random one would change another page of it.
 */
export const createRequestId = (nowMs: number): string => {
  const time = Math.floor(nowMs).toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** The gateway's own share of a request's duration, without the time of provider calls. */
export const overheadMs = ({ call }: RequestRecord, durationMs: number): number =>
  Math.max(0, durationMs - (call?.providerMs ?? 0))

interface Charge {
  readonly slots: readonly Slot[]
  readonly cost: Cost | undefined
}

export interface RequestEnd extends Charge {
  /** 499 if the client disconnected before its answer was complete. */
  readonly status: number
  readonly durationMs: number
  readonly overheadMs: number
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
