import type { IncomingMessage, ServerResponse } from "node:http"
import type { ServerParts } from "../dependencies.ts"
import { logVisit } from "./log.ts"
import { type Visit, visitId } from "./request-record.ts"
import type { Trace } from "./tracing.ts"

/** A request that is followed from its first byte to its end. */
export interface Followed {
  readonly visit: Visit
  readonly trace: Trace | undefined
}

export const follow = (
  { now, randomId, tracing }: ServerParts,
  { headers }: IncomingMessage,
  method: string,
  route: string,
): Followed => {
  const id = visitId(headers["x-litellm-call-id"], randomId)
  const isRepeatable = headers["idempotency-key"] !== undefined
  const visit: Visit = {
    id,
    method,
    route,
    startedMs: now(),
    isRepeatable,
    bytesIn: 0,
    bytesOut: 0,
  }
  return { visit, trace: tracing?.begin(visit, headers) }
}

/** Tells log, metrics and traces of a request that has ended. */
export const tell = (
  { now, log, metrics }: ServerParts,
  { visit, trace }: Followed,
  outgoing: ServerResponse,
  status: number,
): void => {
  const gone = outgoing.destroyed && !outgoing.writableFinished
  const end = { status: gone ? 499 : status, durationMs: now() - visit.startedMs }
  trace?.end(visit, end)
  metrics.ended(visit, end)
  logVisit(log, visit, end)
}
