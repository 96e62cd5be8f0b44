import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import type { ServerDependencies } from "../dependencies.ts"
import { type ApiError, isExpected, toApiError } from "../http/errors.ts"
import { logRequest, stackOf } from "./log.ts"
import { chargeOf, overheadMs, type RequestEnd, type RequestRecord } from "./request-record.ts"
import type { Trace } from "./tracing.ts"

export interface ObservedRequest {
  readonly record: RequestRecord
  readonly trace: Trace | undefined
}

const callId = /^[\w.:-]{1,128}$/

/** The caller's own id for the request, if it can be written into headers and logs. */
const readCallId = (headers: IncomingHttpHeaders): string | undefined => {
  const id = headers["x-litellm-call-id"]
  return typeof id === "string" && callId.test(id) ? id : undefined
}

export const beginRequest = (
  { now, randomId, tracing }: ServerDependencies,
  { headers }: IncomingMessage,
  method: string,
  route: string,
): ObservedRequest => {
  const record: RequestRecord = {
    id: readCallId(headers) ?? randomId(),
    method,
    route,
    startedMs: now(),
    isRepeatable: headers["idempotency-key"] !== undefined,
    bytesIn: 0,
    bytesOut: 0,
  }
  return { record, trace: tracing?.begin(record, headers) }
}

/** Reports a finished request to the trace, the metrics and the log. */
export const endRequest = (
  { now, log, metrics }: ServerDependencies,
  { record, trace }: ObservedRequest,
  outgoing: ServerResponse,
  status: number,
): void => {
  const disconnected = outgoing.destroyed && !outgoing.writableFinished
  const durationMs = now() - record.startedMs
  const end: RequestEnd = {
    status: disconnected ? 499 : status,
    durationMs,
    overheadMs: overheadMs(record, durationMs),
    ...chargeOf(record),
  }
  trace?.end(record, end)
  metrics.ended(record, end)
  logRequest(log, record, end)
}

/** The error for the client. Logs the stack of an unexpected one. */
export const reportError = (
  { log }: ServerDependencies,
  { id }: RequestRecord,
  thrown: unknown,
): ApiError => {
  if (!isExpected(thrown)) log.error({ id, ...stackOf(thrown) }, "unexpected error")
  return toApiError(thrown)
}
