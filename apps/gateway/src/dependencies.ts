import type { HttpBindings } from "@hono/node-server"
import type { FileStore } from "@pictor/files"
import type { HttpResponse, OpenaiHttp } from "@pictor/openai-http"
import type { Context, Hono } from "hono"
import type { Logger } from "pino"
import type { Rooms, Ticket } from "./http/admission.ts"
import type { KeySpend } from "./http/key-spend.ts"
import type { ServerSettings } from "./http/settings.ts"
import type { Metrics } from "./observability/metrics.ts"
import type { RequestRecord } from "./observability/request-record.ts"
import type { Trace, Tracing } from "./observability/tracing.ts"
import type { Caller, Health } from "./types.ts"

export interface ServerDependencies extends Rooms {
  readonly settings: ServerSettings
  readonly version: string
  readonly bridge: OpenaiHttp
  /** The model of every request. Default: the requested one. */
  readonly imageModel?: string
  /** There is no master key: requests of this machine need no key, and others are refused. */
  readonly isOpen: boolean
  /** Throws an `ImageError` of code `unauthenticated`. */
  readonly authenticate: (bearer: string | undefined) => Promise<Caller>
  /** Routes of keys, budgets and reports, which authorize their callers themselves. */
  readonly admin?: Hono
  readonly spend?: KeySpend
  readonly health: Health
  readonly files?: FileStore
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly log: Logger
  /** Milliseconds since 1970, with fractions. */
  readonly now: () => number
  readonly randomId: () => string
  /** Aborts the requests that outlast the drain period. */
  readonly cutOff: AbortSignal
  /** Aborts the requests whose body is not whole soon after the drain period has begun. */
  readonly stopReceiving: AbortSignal
  readonly draining: () => boolean
}

export interface WebEnv {
  Bindings: HttpBindings
  Variables: {
    record: RequestRecord
    trace: Trace | undefined
    /** Released when the answer is sent. */
    ticket: Ticket | undefined
  }
}

/** A small answer is a `Response`; bytes that are in memory once are an `HttpResponse`. */
export type Answer = Response | HttpResponse

export type RouteHandler = (context: Context<WebEnv>) => Answer | Promise<Answer>
