import type { ErrorCode } from "./errors.ts"
import type { FilterStage } from "./image.ts"

/** How an API that answers with a job is polled. */
export interface HttpJobs {
  /** Body path of the job's id in the answer to a submit. */
  readonly id: string
  /** Body path of the URL to poll, where the answer has one. */
  readonly url?: string
  /** The path to poll, where the answer has no URL; `{id}` stands for the job's id. */
  readonly endpoint?: string
  /** Body path of the job's state in the answer to a poll. Absent: `running` is an HTTP status. */
  readonly state?: string
  /** States of a job that has not ended, or the HTTP status that says so. */
  readonly running: readonly string[] | { readonly status: number }
  /** States of a job that the provider does not know any more. */
  readonly lost?: readonly string[]
  /** How a job is cancelled, where the API can. `{id}` stands for the job's id. */
  readonly cancel?: { readonly method: "DELETE" | "POST"; readonly endpoint: string }
  /** Between the submit and the first poll. Later waits grow to `longestWaitMs`. */
  readonly firstWaitMs: number
  readonly longestWaitMs: number
  /** After this time a job counts as neither ended nor lost; it can be resumed. */
  readonly timeoutMs: number
}

/** What a reply of an error status means. */
export interface HttpFailure {
  readonly code: ErrorCode
  /** Without a prompt, image bytes or a credential. */
  readonly message: string
  readonly retryable?: boolean
  /** From the body. A header comes first. */
  readonly retryAfterMs?: number
  /** Of `content_filtered`. */
  readonly stage?: FilterStage
}

/** What of a wire belongs to the family: data for an HTTP transport, and one pure function. */
export interface HttpFamily {
  /** The vendor, as ledgers and reports name it. */
  readonly provider: string
  /** `{model}` and `{region}` are placeholders. */
  readonly baseUrl: string
  /** Base URLs by region name, for `{ region }` of the transport. */
  readonly regions?: Readonly<Record<string, string>>
  /** The header of the key; the prefix stands before it: `"Bearer "`. */
  readonly auth: { readonly header: string; readonly prefix?: string }
  /** Sent with every call. The transport's own `headers` come after them. */
  readonly headers?: Readonly<Record<string, string>>
  /** The reply's header that has the provider's id of the request. Default `x-request-id`. */
  readonly requestId?: string
  readonly jobs?: HttpJobs
  /**
   * Body path of each result URL in a reply: `"data.#.url"`. A file that is gone has no entry in
   * `Reply.files`, so `decode` reads its URL: that picture is failed and billed.
   */
  readonly file?: string
  /** Hosts of result files, subdomains included. A key is never sent to them. */
  readonly hosts?: readonly string[]
  /** Hosts that may be polled with the key, subdomains included, besides the base URL's. */
  readonly pollHosts?: readonly string[]
  /**
   * Reads a reply whose status is an error, or a stream's last event if it is named `error`;
   * undefined for one that it does not know. `body`: JSON, or the text of a reply that is none.
   */
  failure?(status: number, body: unknown): HttpFailure | undefined
}
