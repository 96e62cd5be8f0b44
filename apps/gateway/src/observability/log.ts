import { isImageError, type Slot } from "@pictor/core"
import { type DestinationStream, type Logger, pino } from "pino"
import { within } from "../lib/with-timeout.ts"
import { chargeOf, overheadMs, type Visit, type VisitEnd } from "./request-record.ts"

/** What is never written, should anybody ever log an object that has it. */
const secret = [
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

/** Lines are written together, this late at most. */
const flushMs = 250

export interface LogOptions {
  /** `LOG_LEVEL`: trace, debug, info, warn, error, silent. Default info. */
  readonly level?: string | undefined
  /** Default: standard output. */
  readonly to?: DestinationStream | undefined
}

/** JSON lines. */
export const createLog = ({ level = "info", to }: LogOptions): Logger => {
  const options = {
    level,
    base: { service: "pictor-gateway" },
    redact: { paths: secret, censor: "[redacted]" },
  }
  // Written beside the requests, not between them; what is left is written at the end.
  return pino(
    options,
    to ?? pino.destination({ sync: false, minLength: 15_000, periodicFlush: flushMs }),
  )
}

/** Nobody waits longer for a reader of the log that has stopped reading. */
const mostMs = 1_000

/** Resolves when all that was logged is written: a process that ends before loses it. */
export const written = async (log: Logger): Promise<void> => {
  const flushed = new Promise<void>((resolve) => {
    log.flush(() => resolve())
  })
  await within(flushed, mostMs)
}

/** Where an unforeseen error was thrown. Its message stays out: it may quote what the caller sent. */
export const traceOf = (thrown: unknown): Readonly<Record<string, unknown>> => {
  if (!(thrown instanceof Error)) return { thrown: typeof thrown }
  const frames = thrown.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? []
  return { thrown: thrown.name, frames: frames.slice(0, 8).map((line) => line.trim()) }
}

/** Why something failed: in words where they are Pictor's own, which quote nothing. */
export const reasonOf = (thrown: unknown): Readonly<Record<string, unknown>> =>
  isImageError(thrown) ? { code: thrown.code, why: thrown.message } : traceOf(thrown)

const quiet: ReadonlySet<string> = new Set(["health", "metrics", "docs"])

const levelOf = ({ route }: Visit, status: number): "debug" | "info" | "error" => {
  if (status >= 500) return "error"
  return quiet.has(route) ? "debug" : "info"
}

const outcomes = (slots: readonly Slot[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { status } of slots) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Pino leaves out what is undefined. All lines have the same fields, and so one shape: V8 is slow with objects of many. */
const lineOf = (visit: Visit, { status, durationMs }: VisitEnd) => {
  const { id, method, route, bytesIn, bytesOut, call, answer } = visit
  const { result, error } = answer ?? {}
  const { slots, cost } = chargeOf(visit)
  const { caller, deployment } = call ?? {}
  return {
    id,
    method,
    route,
    status,
    durationMs: Math.round(durationMs),
    overheadMs: Math.round(overheadMs(visit, durationMs) * 100) / 100,
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
    images: slots.length > 0 ? outcomes(slots) : undefined,
    replayed: result?.replayed || undefined,
    cost,
    // What is the gateway's own affair the caller is not told.
    why: status >= 500 ? error?.message : undefined,
    error: error?.code,
    providerRequest: error?.requestId,
    changes: result?.changes.length,
    providerRequests: result?.requestIds,
  }
}

/** One line per request, with nothing of what was asked for. */
export const logVisit = (log: Logger, visit: Visit, end: VisitEnd): void =>
  log[levelOf(visit, end.status)](lineOf(visit, end), "request")
