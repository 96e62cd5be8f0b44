/** How the server listens, and what it bounds. */
export interface ServerSettings {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Requests under way at once; above it a request is refused with 503. */
  readonly maxRequests: number
  /** Bytes of requests and answers held at once; above it a request is refused with 503. */
  readonly maxBytes: number
  /** Bytes of one request's body. */
  readonly bodyBytes: number
  /** From a request's first byte to its last. */
  readonly receiveMs: number
  /** A whole request, unless it names a shorter time. */
  readonly requestMs: number
  /** How long an answer may take to be read, beside what its bytes take at {@link slowestBytesPerSecond}. */
  readonly sendMs: number
  /** How long requests under way are waited for at the end. */
  readonly drainMs: number
  /** A proxy in front says where the outside found the gateway. */
  readonly trustProxy: boolean
}

/** A client that reads slower than this for longer than `sendMs` is cut off. */
export const slowestBytesPerSecond = 32_768

export const defaultSettings: ServerSettings = {
  host: "127.0.0.1",
  port: 4000,
  maxRequests: 1024,
  maxBytes: 1_073_741_824,
  bodyBytes: 67_108_864,
  receiveMs: 120_000,
  requestMs: 600_000,
  sendMs: 30_000,
  drainMs: 120_000,
  trustProxy: false,
}
