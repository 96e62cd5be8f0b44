/** For transports: an HTTP/1.1 client that knows whether a request was sent. */

import type { IncomingHttpHeaders } from "node:http"
import { ImageError } from "@pictor/core"
import type { Dispatcher } from "undici"
import { type Collector, createCollector } from "./reply-buffers.ts"

export { type Collector, createCollector, giveBack } from "./reply-buffers.ts"

export interface ClientOptions {
  /** Connections to one host at a time. Further calls wait for a free one. Default 128. */
  readonly connections?: number | undefined
  /**
   * An undici `Dispatcher`, such as a `ProxyAgent`, to use instead of an `Agent`. Switch off its
   * timeouts. `close()` leaves it open.
   */
  readonly dispatcher?: Pick<Dispatcher, "dispatch"> | undefined
  /** The largest reply that is read. Default 268,435,456. */
  readonly maxReplyBytes?: number | undefined
}

export type HttpRequest = Pick<Dispatcher.DispatchOptions, "headers" | "method" | "path"> & {
  readonly origin: string
  readonly body?: string | Uint8Array | null
}

export interface HttpHead {
  readonly statusCode: number
  readonly headers: Record<string, string>
}

export interface HttpReply extends HttpHead {
  readonly body: Uint8Array
}

/** Is called while a request is sent. */
export interface SendObserver {
  /** The request is about to be written to a connected socket. */
  sent(): void
  /** Status and headers have arrived. The body may follow. */
  answered(head: HttpHead): void
}

export interface SendSettings {
  readonly signal?: AbortSignal | undefined
  readonly observer?: SendObserver | undefined
  /** What the ordered images can take. The client's own limit applies if it is smaller. */
  readonly maxReplyBytes?: number | undefined
  /** Reads the body. Default: all bytes in one array. */
  readonly collect?: ((head: HttpHead) => Collector | undefined) | undefined
}

/** Sends requests over HTTP/1.1. Does not follow redirects. */
export interface HttpClient {
  send(request: HttpRequest, settings?: SendSettings): Promise<HttpReply>
  /** Closes the connections once the requests in progress have ended. `send` opens new ones. */
  close(): void
}

export const defaultMaxReplyBytes = 256 * 1024 * 1024
/** The rest of an error's body is not read. Its status decides what it means. */
export const maxErrorBytes = 1024 * 1024
const connectTimeoutMs = 10_000
/**
 * Most servers close an idle connection after 60 s or later. A request on a connection that the
 * server is closing fails, and may have been billed.
 */
const idleMs = 20_000

export const createHttpClient = (options: ClientOptions = {}): HttpClient => {
  const { connections = 128, dispatcher, maxReplyBytes = defaultMaxReplyBytes } = options
  let agent: Promise<Dispatcher> | undefined
  const getAgent = (): Promise<Dispatcher> => {
    agent ??= createAgent(connections)
    return agent
  }
  return {
    send: async (request, settings = {}) =>
      exchange(dispatcher ?? (await getAgent()), request, settings, maxReplyBytes),
    close: () => {
      void agent?.then((open) => open.close())
      agent = undefined
    },
  }
}

const createAgent = async (connections: number): Promise<Dispatcher> => {
  const { Agent } = await import("undici")
  return new Agent({
    connections,
    allowH2: false,
    // The attempt has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    connect: { timeout: connectTimeoutMs },
  })
}

/**
 * Sends a request and reads its reply. Rejects on the signal at any time, and ends the connection
 * of a reply that is too large.
 */
const exchange = (
  dispatcher: Pick<Dispatcher, "dispatch">,
  request: HttpRequest,
  { signal, observer, collect, maxReplyBytes: ordered }: SendSettings,
  maxReplyBytes: number,
): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let head: HttpHead = { statusCode: 0, headers: {} }
    let collector: Collector | undefined
    let received = 0
    const abort = (): void => {
      controller?.abort(abortError())
      reject(abortError())
    }
    const finish = (): void => signal?.removeEventListener("abort", abort)
    const resolveReply = (): void => {
      finish()
      resolve({ ...head, body: collector?.bytes() ?? new Uint8Array() })
    }
    const limit = (bytes: number): void => {
      if (bytes <= limitOf(head, maxReplyBytes, ordered)) return
      if (isError(head)) resolveReply()
      throw replyTooLarge(head, maxReplyBytes, ordered)
    }
    if (signal?.aborted) return abort()
    signal?.addEventListener("abort", abort, { once: true })
    // An error thrown in a handler ends the request.
    dispatcher.dispatch(request, {
      onRequestStart: (started) => {
        if (signal?.aborted) throw abortError()
        controller = started
        observer?.sent()
      },
      onResponseStart: (_, statusCode, headers) => {
        head = { statusCode, headers: flatten(headers) }
        observer?.answered(head)
        if (!isError(head)) limit(contentLength(head) ?? 0)
        collector = collect?.(head) ?? createCollector(contentLength(head))
      },
      onResponseData: (_, chunk) => {
        received += chunk.length
        limit(received)
        collector?.add(chunk)
      },
      onResponseEnd: resolveReply,
      onResponseError: (_, error) => {
        finish()
        reject(error)
      },
    })
  })

const flatten = (headers: IncomingHttpHeaders): Record<string, string> => {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers))
    flat[name] = Array.isArray(value) ? value.join(", ") : (value ?? "")
  return flat
}

export const contentLength = ({ headers }: Pick<HttpHead, "headers">): number | undefined => {
  const length = headers["content-length"]
  return length && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

export const isError = ({ statusCode }: Pick<HttpHead, "statusCode">): boolean => statusCode >= 300

/** The most bytes of a body that are read. `ordered`: what the ordered images can take. */
export const limitOf = (
  head: Pick<HttpHead, "statusCode">,
  maxReplyBytes: number,
  ordered = Number.POSITIVE_INFINITY,
): number => Math.min(maxReplyBytes, isError(head) ? maxErrorBytes : ordered)

export const replyTooLarge = (
  { statusCode }: Pick<HttpHead, "statusCode">,
  maxReplyBytes: number,
  ordered = Number.POSITIVE_INFINITY,
): ImageError => {
  const limit = Math.min(maxReplyBytes, ordered).toLocaleString("en-US")
  return new ImageError({
    code: "invalid_response",
    maybeBilled: true,
    status: statusCode,
    message:
      ordered < maxReplyBytes
        ? `The reply has more than ${limit} bytes, far more than the ordered images take; it was not read to its end and may have been billed`
        : `The reply has more than ${limit} bytes; set a larger maxReplyBytes, or request fewer or smaller images`,
  })
}

const abortError = (): DOMException => new DOMException("The call was aborted", "AbortError")
