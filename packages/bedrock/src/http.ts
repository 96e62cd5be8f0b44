import type { IncomingHttpHeaders } from "node:http"
import { Readable } from "node:stream"
import type { HttpRequest } from "@smithy/core/protocols"
import type { Dispatcher } from "undici"
import { createCollector } from "./reply-buffers.ts"
import type { HttpAnswer, SendObserver } from "./types.ts"

/** How requests reach the server. */
export interface HttpOptions {
  /** Connections to one host at a time. Further calls wait for a free one. Default 128. */
  readonly connections?: number | undefined
  /**
   * An undici `Dispatcher`, such as a `ProxyAgent`, to use instead of an `Agent`. Switch off its
   * timeouts. `close()` leaves it open.
   */
  readonly dispatcher?: Pick<Dispatcher, "dispatch"> | undefined
}

interface SendSettings {
  readonly abortSignal?: unknown
  /** The SDK sets it for a reply that it reads as events. */
  readonly isEventStream?: boolean
}

/** Sends requests over HTTP/1.1 and reads each reply as a whole. */
export interface HttpSender {
  send(request: HttpRequest, settings: SendSettings, observer?: SendObserver): Promise<HttpAnswer>
  /** Closes the connections once the requests in progress have ended. `send` opens new ones. */
  close(): void
}

const connectTimeoutMs = 10_000
/**
 * Most servers close an idle connection after 60 s or later. A request on a connection that the
 * server is closing fails, and may have been billed.
 */
const idleMs = 20_000

export const createHttpSender = ({ connections = 128, dispatcher }: HttpOptions): HttpSender => {
  let agent: Promise<Dispatcher> | undefined
  const getAgent = (): Promise<Dispatcher> => {
    agent ??= createAgent(connections)
    return agent
  }
  return {
    send: async (request, { abortSignal, isEventStream }, observer) => {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined
      const target = dispatcher ?? (await getAgent())
      const answer = await exchange(target, await toDispatch(request), signal, observer)
      return isEventStream && answer.statusCode === 200
        ? { ...answer, body: Readable.from([answer.body]) }
        : answer
    },
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

const toDispatch = async (request: HttpRequest): Promise<Dispatcher.DispatchOptions> => {
  const { protocol, hostname, port, method, path, headers } = request
  const query = await queryOf(request)
  const body: unknown = request.body
  return {
    origin: `${protocol}//${hostname}${port ? `:${port}` : ""}`,
    path: query ? `${path}?${query}` : path,
    method,
    headers,
    // The SDK sends no other kinds of body to Bedrock and STS.
    body: typeof body === "string" || body instanceof Uint8Array ? body : null,
  }
}

/** Only requests for credentials have one. */
const queryOf = async ({ query }: HttpRequest): Promise<string> => {
  if (Object.keys(query).length === 0) return ""
  const { buildQueryString } = await import("@smithy/core/protocols")
  return buildQueryString(query)
}

/** Sends a request and reads its reply into one array. Rejects on the signal at any time. */
const exchange = (
  dispatcher: Pick<Dispatcher, "dispatch">,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
  observer: SendObserver | undefined,
): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let head: Pick<HttpAnswer, "statusCode" | "headers"> = { statusCode: 0, headers: {} }
    let collector = createCollector(undefined)
    const abort = (): void => {
      controller?.abort(abortError())
      reject(abortError())
    }
    const finish = (): void => signal?.removeEventListener("abort", abort)
    if (signal?.aborted) return abort()
    signal?.addEventListener("abort", abort, { once: true })
    dispatcher.dispatch(options, {
      onRequestStart: (started) => {
        // Thrown here, an error ends this request and keeps the connection.
        if (signal?.aborted) throw abortError()
        controller = started
        observer?.sent()
      },
      onResponseStart: (_, statusCode, headers) => {
        head = { statusCode, headers: flatten(headers) }
        observer?.answered(head)
        collector = createCollector(contentLength(head.headers))
      },
      onResponseData: (_, chunk) => collector.add(chunk),
      onResponseEnd: () => {
        finish()
        resolve({ ...head, body: collector.bytes() })
      },
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

const contentLength = (headers: Readonly<Record<string, string>>): number | undefined => {
  const length = headers["content-length"]
  return length && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

const abortError = (): DOMException => new DOMException("The call was aborted", "AbortError")
