import { isImageError, type Slot } from "@pictor/core"
import { type DestinationStream, type Logger, pino } from "pino"
import { completesWithin } from "../lib/with-timeout.ts"
import type { RequestEnd, RequestRecord } from "./request-record.ts"

/** A second line of defence: no code logs these fields. */
const redacted = [
  "headers",
  "body",
  "authorization",
  "prompt",
  "image",
  "mask",
  "b64_json",
  "key",
  "master_key",
  "password",
]

/** The longest delay of a buffered line. */
const flushMs = 250

export interface LogOptions {
  /** `LOG_LEVEL`: trace, debug, info, warn, error, silent. Default info. */
  readonly level?: string | undefined
  /** Default: standard output. */
  readonly to?: DestinationStream | undefined
}

export const createLog = ({ level = "info", to }: LogOptions): Logger => {
  const options = {
    level,
    base: { service: "pictor-gateway" },
    redact: { paths: redacted, censor: "[redacted]" },
  }
  // Buffered, so that a request does not wait for the log.
  return pino(
    options,
    to ?? pino.destination({ sync: false, minLength: 15_000, periodicFlush: flushMs }),
  )
}

/** The longest wait for a log reader that has stopped reading. */
const maxFlushMs = 1_000

/** Writes what is buffered; a process that exits earlier loses it. */
export const flushLog = async (log: Logger): Promise<void> => {
  const flushed = new Promise<void>((resolve) => {
    log.flush(() => resolve())
  })
  await completesWithin(flushed, maxFlushMs)
}

/** The stack of an unexpected error, without its message, which may quote the request. */
export const stackOf = (thrown: unknown): Readonly<Record<string, unknown>> => {
  if (!(thrown instanceof Error)) return { thrown: typeof thrown }
  const frames = thrown.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? []
  return { thrown: thrown.name, frames: frames.slice(0, 8).map((line) => line.trim()) }
}

/** The reason of a failure. Pictor's own messages quote no request. */
export const reasonOf = (thrown: unknown): Readonly<Record<string, unknown>> =>
  isImageError(thrown) ? { code: thrown.code, why: thrown.message } : stackOf(thrown)

const debugRoutes: ReadonlySet<string> = new Set(["health", "metrics", "docs"])

const levelOf = ({ route }: RequestRecord, status: number): "debug" | "info" | "error" => {
  if (status >= 500) return "error"
  return debugRoutes.has(route) ? "debug" : "info"
}

const countOutcomes = (slots: readonly Slot[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { status } of slots) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The library's settings in the configuration's words. */
const settings = [
  ["http({ key })", "api_key"],
  ["http({ baseUrl })", "api_base"],
  ["vertexGemini({ token })", "vertex_credentials"],
] as const

const whyOf = ({ message }: { readonly message: string }): string =>
  settings.reduce((text, [name, configured]) => text.replaceAll(name, configured), message)

/** Every line has the same fields, as V8 is slow with many shapes. Pino omits undefined ones. */
const lineOf = (record: RequestRecord, end: RequestEnd) => {
  const { id, method, route, bytesIn, bytesOut, call, answer } = record
  const { status, durationMs, overheadMs, slots, cost } = end
  const { result, error } = answer ?? {}
  const { caller, deployment } = call ?? {}
  return {
    id,
    method,
    route,
    status,
    durationMs: Math.round(durationMs),
    overheadMs: Math.round(overheadMs * 100) / 100,
    bytesIn,
    bytesOut,
    caller: caller?.kind,
    keyId: caller?.keyId,
    team: caller?.account.team,
    group: deployment?.group,
    deployment: deployment?.id,
    model: deployment?.model,
    retries: call?.retries || undefined,
    fallbacks: call?.fallbacks || undefined,
    images: slots.length > 0 ? countOutcomes(slots) : undefined,
    replayed: result?.replayed || undefined,
    cost,
    // The answer hides the reason of a failure of the gateway, and the operator's remedy.
    why: error && (status >= 500 || error.status !== undefined) ? whyOf(error) : undefined,
    error: error?.code,
    providerRequest: error?.requestId,
    changes: result?.changes.length,
    providerRequests: result?.requestIds,
  }
}

export const logRequest = (log: Logger, record: RequestRecord, end: RequestEnd): void =>
  log[levelOf(record, end.status)](lineOf(record, end), "request")
