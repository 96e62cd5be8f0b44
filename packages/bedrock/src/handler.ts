import type { ClientHttp2Stream } from "node:http2"
import type { HttpHandler } from "@smithy/core/protocols"
import type { NodeHttp2Handler } from "@smithy/node-http-handler"
import type { Attempt, Attempts } from "./attempt.ts"
import { collect } from "./collect.ts"
import { connector, type Sockets } from "./connection.ts"

export interface HandlerParts extends Sockets {
  readonly NodeHttp2Handler: typeof NodeHttp2Handler
}

// HTTP/2 starts with 64 KiB under way at a time: with 80 ms to the region and back, 3 MB took 3.8 s, and 0.2 s with this.
const receiveWindowBytes = 8 * 1024 * 1024

/**
 * Wraps the handler that was given, or else the SDK's HTTP/2 handler: notes on the attempt what was sent and answered, and reads the body into one
 * array. Requests that belong to no attempt (those to STS) pass.
 */
export const observe = (given: HttpHandler | undefined, parts: HandlerParts, attempts: Attempts, timeoutMs: number): HttpHandler => ({
  metadata: given?.metadata ?? { handlerProtocol: "h2" },
  destroy: () => given?.destroy?.(),
  updateHttpClientConfig: (key, value) => given?.updateHttpClientConfig?.(key, value),
  httpHandlerConfigs: () => given?.httpHandlerConfigs?.() ?? {},
  handle: async (request, settings) => {
    const signal = settings?.abortSignal as AbortSignal | undefined
    const attempt = signal && attempts.get(signal)
    if (!attempt || signal.aborted) return (given ?? new parts.NodeHttp2Handler()).handle(request, settings)
    attempt.handed = true
    if (given) attempt.sent = true
    const { response } = await (given ?? ownHandler(parts, attempt, timeoutMs)).handle(request, settings)
    noteReply(attempt, response)
    const body: unknown = response.body
    if (!given) widen(body)
    if (attempt.streaming && response.statusCode === 200) attempt.events = body
    else if (isIterable(body)) response.body = await collect(body, lengthOf(attempt.headers))
    return { response }
  },
})

// The SDK opens a connection for every call to Bedrock; a handler for each lets its connection be told from the others'.
const ownHandler = ({ NodeHttp2Handler, ...sockets }: HandlerParts, attempt: Attempt, timeoutMs: number): NodeHttp2Handler =>
  new NodeHttp2Handler({
    disableConcurrentStreams: true,
    // The SDK would end it after 300 s, whatever timeout was asked for; the attempt's own clock comes first.
    sessionTimeout: Math.min(timeoutMs + 1000, 2_147_483_647),
    nodeHttp2ConnectOptions: { createConnection: connector(attempt, sockets), settings: { initialWindowSize: receiveWindowBytes } },
  })

// The stream's window is a setting; the connection's can only be widened once there is a session to be had.
const widen = (body: unknown): void => {
  const session = (body as Partial<ClientHttp2Stream> | undefined)?.session
  if (session && !session.destroyed) session.setLocalWindowSize(receiveWindowBytes)
}

const noteReply = (attempt: Attempt, response: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> }): void => {
  attempt.sent = true
  attempt.status = response.statusCode
  const named = Object.entries(response.headers).filter(([name]) => !name.startsWith(":"))
  attempt.headers = Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value]))
}

// What cannot be iterated over, such as a Blob, is left to the SDK.
const isIterable = (body: unknown): body is AsyncIterable<Uint8Array> => typeof body === "object" && body !== null && Symbol.asyncIterator in body

// fetch unpacks a body but leaves the length of the packed one.
const lengthOf = (headers: Readonly<Record<string, string>>): number | undefined => {
  const length = headers["content-encoding"] ? undefined : headers["content-length"]
  return length && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
