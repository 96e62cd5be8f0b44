import type { JsonObject } from "@pictor/core"
import type { Transport, TransportCall } from "@pictor/core/adapter"
import type { ExpectStatic } from "vitest"
import type { TransportClauseId } from "./sentences.ts"
import type { KitServer, Respond } from "./server.ts"

/** The settings of a transport that the kit asks for. */
export interface TransportSetup {
  /** The address of the kit's server on loopback. */
  readonly url: string
  /** The time limit of one attempt. Absent: the transport's default. */
  readonly timeoutMs?: number
  /** The largest reply that is read. Absent: the transport's default. */
  readonly maxReplyBytes?: number
}

/** What the kit's server answers: JSON with status 200, or another status. */
export interface JobAnswer {
  readonly status?: number
  readonly body: JsonObject
}

/** Of a transport whose calls are jobs. The call's family polls them without long waits. */
export interface JobContract {
  /** A call that submits a job. */
  readonly call: TransportCall
  /** The answer to a submit; the job is polled by GET at `url`. */
  readonly submitted: (url: string) => JsonObject
  readonly running: JobAnswer
  readonly ended: JobAnswer
  readonly lost: JobAnswer
}

/** Of a transport that fetches result files. */
export interface FileContract {
  /** A call whose results are files. */
  readonly call: TransportCall
  /** The reply whose results are at these URLs. */
  readonly reply: (urls: readonly string[]) => JsonObject
  /** The body path of result `index`. */
  readonly path: (index: number) => string
}

/** The input of {@link describeTransport}. */
export interface TransportContract {
  /** Makes a transport that sends its calls to `url`. The kit closes it. */
  readonly create: (setup: TransportSetup) => Transport
  /** A call of one request and one reply. Its prompt is a text of at least 8 characters. */
  readonly call: TransportCall
  /** Credentials that `create` uses: no error may contain them. */
  readonly secrets: readonly string[]
  /** The reply's header that has the provider's id of the request. */
  readonly requestId?: string
  readonly jobs?: JobContract
  readonly files?: FileContract
  /** Clauses that do not apply to this transport, each with the reason. */
  readonly skip?: { readonly [Id in TransportClauseId]?: string }
}

/** The input of a clause. What it opens is closed after it. */
export interface TransportContext {
  readonly contract: TransportContract
  readonly expect: ExpectStatic
  readonly serve: (respond: Respond) => Promise<KitServer>
  readonly connect: (setup: TransportSetup) => Transport
}

/** Throws if the transport breaks the clause. */
export type TransportClause = (context: TransportContext) => Promise<void>
