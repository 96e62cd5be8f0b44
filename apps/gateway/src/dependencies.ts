import type { HttpBindings } from "@hono/node-server"
import type { OpenaiHttp } from "@pictor/openai-http"
import type { Context, Hono } from "hono"
import type { Logger } from "pino"
import type { Admission } from "./http/admission.ts"
import type { KeySpend } from "./http/key-spend.ts"
import type { ServerSettings } from "./http/settings.ts"
import type { ImageFolder } from "./image-store/image-folder.ts"
import type { Metrics } from "./observability/metrics.ts"
import type { RequestRecord } from "./observability/request-record.ts"
import type { Trace, Tracing } from "./observability/tracing.ts"
import type { Caller, Health } from "./types.ts"

/** Everything that the server's routes use. */
export interface ServerDependencies {
  readonly settings: ServerSettings
  readonly version: string
  readonly bridge: OpenaiHttp
  /** Throws an `ImageError` of code `unauthenticated` or `forbidden`. */
  readonly authenticate: (bearer: string | undefined) => Promise<Caller>
  /** Routes of keys, budgets and reports, which authorize their callers themselves. */
  readonly admin?: Hono
  readonly spend?: KeySpend
  readonly admission: Admission
  readonly health: Health
  readonly files?: ImageFolder
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly log: Logger
  /** Milliseconds since 1970, with fractions. */
  readonly now: () => number
  readonly randomId: () => string
  /** Aborts the requests that outlast the drain period. */
  readonly cutOff: AbortSignal
  readonly draining: () => boolean
}

/** Hono's environment of every handler. */
export interface WebEnv {
  Bindings: HttpBindings
  Variables: { record: RequestRecord; trace: Trace | undefined }
}

export type RouteHandler = (context: Context<WebEnv>) => Response | Promise<Response>
