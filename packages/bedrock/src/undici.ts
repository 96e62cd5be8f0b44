import { ImageError } from "@pictor/core"
import { buildQueryString, type HttpHandler, type HttpRequest } from "@smithy/core/protocols"
import type { Dispatcher } from "undici"
import { flatHeaders, readWhole } from "./undici-reply.ts"
import type { Answer, WitnessedHandler, WitnessedSettings } from "./witness.ts"

/** Options of `undiciHandler()`. */
export interface UndiciOptions {
  /** Connections to one host at a time; further calls wait for one. Default 128. */
  readonly connections?: number | undefined
  /** In place of the handler's own `Agent`, for example a `ProxyAgent`; its timeouts should be off, and closing it is yours. */
  readonly dispatcher?: Dispatcher | undefined
}

const connectTimeoutMs = 10_000
// Most servers keep an idle connection for 60 s or longer; one that is dropped unheard makes a call fail in doubt.
const idleMs = 20_000

/**
 * HTTP/1.1 over undici, for `bedrock({ requestHandler })`: keeps connections, limits their number, and reads a reply into one array with one copy. Its
 * clock is the attempt's, `bedrock({ timeoutMs })`. Needs `npm install undici`, which is loaded at the first call.
 *
 * @example
 * createPictor({ adapters: [sd3(bedrock({ requestHandler: undiciHandler() }))] })
 */
export const undiciHandler = ({
  connections = 128,
  dispatcher,
}: UndiciOptions = {}): HttpHandler => {
  if (!Number.isInteger(connections) || connections < 1)
    throw new ImageError({
      code: "invalid_request",
      message: "undiciHandler(): connections must be a whole number from 1",
    })
  let opened: Promise<Dispatcher> | undefined
  const open = (): Promise<Dispatcher> => {
    opened = dispatcher ? Promise.resolve(dispatcher) : createAgent(connections)
    opened.catch(() => {
      opened = undefined
    })
    return opened
  }
  const handler: WitnessedHandler = {
    tellsWitness: true,
    metadata: { handlerProtocol: "http/1.1" },
    // What is under way ends by itself.
    destroy: () => {
      if (!dispatcher) void opened?.then((agent) => agent.close()).catch(() => {})
      opened = undefined
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    handle: async (request, settings = {}) => ({
      response: await send(await (opened ?? open()), toOrder(request), settings),
    }),
  }
  return handler
}

const createAgent = async (connections: number): Promise<Dispatcher> => {
  const { Agent } = await import("undici").catch((cause: unknown) => {
    throw new ImageError({
      code: "unsupported",
      message: "undiciHandler() needs a package that is not installed; run npm install undici",
      cause,
    })
  })
  return new Agent({
    connections,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    connect: { timeout: connectTimeoutMs },
  })
}

const send = (
  dispatcher: Dispatcher,
  order: Order,
  { abortSignal, isEventStream, witness }: WitnessedSettings,
): Promise<Answer> => {
  const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined
  if (!isEventStream) return readWhole(dispatcher, order, signal, witness)
  // The events are the SDK's to read.
  witness?.sent()
  return dispatcher
    .request({ ...order, signal: signal ?? null })
    .then(({ statusCode, headers, body }) => ({ statusCode, headers: flatHeaders(headers), body }))
}

type Order = Dispatcher.DispatchOptions & { readonly origin: string }

const toOrder = ({
  protocol,
  hostname,
  port,
  method,
  path,
  query,
  headers,
  ...request
}: HttpRequest): Order => {
  const search = buildQueryString(query)
  const body: unknown = request.body
  return {
    origin: `${protocol}//${hostname}${port ? `:${port}` : ""}`,
    path: search ? `${path}?${search}` : path,
    method,
    headers,
    // The SDK sends Bedrock and STS nothing else.
    body: typeof body === "string" || body instanceof Uint8Array ? body : null,
  }
}
