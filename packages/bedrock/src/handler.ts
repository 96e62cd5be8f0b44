import type { HttpHandler } from "@smithy/core/protocols"
import type { NodeHttp2Handler } from "@smithy/node-http-handler"
import type { Attempt, Attempts } from "./attempt.ts"
import { collect } from "./collect.ts"
import { connector, type Sockets } from "./connection.ts"

export interface HandlerParts extends Sockets {
  readonly NodeHttp2Handler: typeof NodeHttp2Handler
}

/**
 * Wraps the handler that was given, or else the SDK's HTTP/2 handler: notes on the attempt what was sent and answered, and reads the body into one
 * array. Requests that belong to no attempt (those to STS) pass.
 */
export const observe = (given: HttpHandler | undefined, parts: HandlerParts, attempts: Attempts, timeoutMs: number): HttpHandler => ({
  metadata: given?.metadata ?? { handlerProtocol: "h2" },
  destroy: () => given?.destroy?.(),
  updateHttpClientConfig: (key, value) => given?.updateHttpClientConfig(key, value),
  httpHandlerConfigs: () => given?.httpHandlerConfigs() ?? {},
  handle: async (request, settings) => {
    const signal = settings?.abortSignal as AbortSignal | undefined
    const attempt = signal && attempts.get(signal)
    if (!attempt || signal.aborted) return (given ?? new parts.NodeHttp2Handler()).handle(request, settings)
    attempt.handed = true
    if (given) attempt.sent = true
    const { response } = await (given ?? ownHandler(parts, attempt, timeoutMs)).handle(request, settings)
    noteReply(attempt, response)
    if (leftToSdk(attempt, response.body)) attempt.events = response.body
    else response.body = await collect(response.body, lengthOf(attempt.headers))
    return { response }
  },
})

// The SDK opens a connection for every call to Bedrock; a handler for each lets its connection be told from the others'.
const ownHandler = ({ NodeHttp2Handler, ...sockets }: HandlerParts, attempt: Attempt, timeoutMs: number): NodeHttp2Handler =>
  new NodeHttp2Handler({
    disableConcurrentStreams: true,
    // The SDK would end it after 300 s, whatever timeout was asked for; the attempt's own clock comes first.
    sessionTimeout: Math.min(timeoutMs + 1000, 2_147_483_647),
    nodeHttp2ConnectOptions: { createConnection: connector(attempt, sockets) },
  })

const noteReply = (attempt: Attempt, response: { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> }): void => {
  attempt.sent = true
  attempt.status = response.statusCode
  const named = Object.entries(response.headers).filter(([name]) => !name.startsWith(":"))
  attempt.headers = Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value]))
}

const leftToSdk = (attempt: Attempt, body: unknown): boolean =>
  (attempt.streaming && attempt.status === 200) || typeof body !== "object" || body === null || !(Symbol.asyncIterator in body)

// fetch unpacks a body but leaves the length of the packed one.
const lengthOf = (headers: Readonly<Record<string, string>>): number | undefined => {
  const length = headers["content-encoding"] ? undefined : headers["content-length"]
  return length && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
