export interface ServerSettings {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Requests in flight; more are rejected with 503. */
  readonly maxRequests: number
  /** Bytes of requests and answers in memory; more are rejected with 503. */
  readonly maxBytes: number
  /** The same of one key. */
  readonly maxBytesPerKey: number
  /** Bytes of one request's body. */
  readonly bodyBytes: number
  /** From a request's first byte to its last. */
  readonly receiveMs: number
  /** The whole request; a request may set a shorter time. */
  readonly requestMs: number
  /** For a client to read its answer, plus the time of its bytes at {@link minBytesPerSecond}. */
  readonly sendMs: number
  /** For requests in flight to finish at shutdown. */
  readonly drainMs: number
  /** A trusted proxy sets `X-Forwarded-Proto` and `X-Forwarded-Host`. */
  readonly trustProxy: boolean
  /** The status of `budget_exceeded`. */
  readonly budgetStatus: number
  /** Further headers that name the end user, in lower case. */
  readonly endUserHeaders: readonly string[]
  /** Origins whose pages may read answers; "*" is every origin. */
  readonly allowedOrigins: readonly string[]
}

/** A client that reads slower is disconnected after `sendMs`. */
export const minBytesPerSecond = 32_768

export const defaultSettings: ServerSettings = {
  host: "127.0.0.1",
  port: 4000,
  maxRequests: 1024,
  maxBytes: 1_073_741_824,
  maxBytesPerKey: 536_870_912,
  bodyBytes: 67_108_864,
  receiveMs: 120_000,
  requestMs: 600_000,
  sendMs: 30_000,
  drainMs: 120_000,
  trustProxy: false,
  budgetStatus: 429,
  endUserHeaders: [],
  allowedOrigins: [],
}
