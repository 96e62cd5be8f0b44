import type { HttpBindings } from "@hono/node-server"
import type { OpenaiHttp } from "@pictor/openai-http"
import type { Logger } from "pino"
import type { Admission } from "./http/admission.ts"
import type { Health } from "./http/health.ts"
import type { Spend } from "./http/key-spend.ts"
import type { ServerSettings } from "./http/settings.ts"
import type { ImageFolder } from "./image-store/image-folder.ts"
import type { Keys } from "./keys/open-keys.ts"
import type { Metrics } from "./observability/metrics.ts"
import type { Visit } from "./observability/request-record.ts"
import type { Trace, Tracing } from "./observability/tracing.ts"
import type { Caller } from "./types.ts"

/** What the server is made of. */
export interface ServerParts {
  readonly settings: ServerSettings
  readonly version: string
  readonly bridge: OpenaiHttp
  /** Throws an `ImageError` of code `unauthenticated` or `forbidden` where somebody may not come in. */
  readonly authenticate: (bearer: string | undefined) => Promise<Caller>
  /** Routes for keys, budgets and reports; they see to who may use them. */
  readonly routes?: Keys["routes"]
  readonly spend?: Spend
  readonly admission: Admission
  readonly health: Health
  readonly files?: ImageFolder
  readonly metrics: Metrics
  readonly tracing: Tracing | undefined
  readonly log: Logger
  /** Milliseconds since 1970, with fractions. */
  readonly now: () => number
  readonly randomId: () => string
  /** Fires when requests under way have been waited for long enough. */
  readonly cutOff: AbortSignal
  /** Is the server on its way out? */
  readonly draining: () => boolean
}

/** What Hono's handlers have at hand. */
export interface WebEnv {
  Bindings: HttpBindings
  Variables: { visit: Visit; trace: Trace | undefined }
}
