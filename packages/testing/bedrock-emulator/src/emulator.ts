import { checkNames, type Delivery, deliver, never, pause } from "@pictor/emulator-kit"
import { type Answer, unknownOperation } from "./answer.ts"
import {
  type Backend,
  type BackendOptions,
  createBackend,
  maxBodyBytes,
  type RecordedRequest,
} from "./backend.ts"
import type { BillEntry } from "./bill.ts"
import { backendOptions } from "./option-names.ts"
import { routeOf } from "./route.ts"
import { listen, type ServerReply, type ServerRequest } from "./server.ts"

export type EmulatorOptions = BackendOptions & {
  /** Default 0, a free port. */
  readonly port?: number
}

export const emulatorOptions = { ...backendOptions, port: true } as const

export type BedrockEmulator = {
  /** The URL for the SDK's `endpoint`. */
  readonly url: string
  /** All invocations received, in order. */
  readonly requests: readonly RecordedRequest[]
  /** The calls that are charged by tokens, in order. */
  readonly bill: readonly BillEntry[]
  /** Stops the emulator at once, with all connections and answers in progress. */
  readonly close: () => Promise<void>
}

/**
 * Starts an emulator of Bedrock Runtime's image models on the loopback interface, HTTP/1.1 and
 * HTTP/2 on one port.
 *
 * @example
 * const emulator = await createBedrockEmulator({ seed: 1 }) const client = new
 * BedrockRuntimeClient({ region: "us-east-1", endpoint: emulator.url, token: { token: "any" } })
 */
export const createBedrockEmulator = async (
  options: EmulatorOptions = {},
): Promise<BedrockEmulator> => {
  checkNames("createBedrockEmulator", options, emulatorOptions)
  const { requests = [], bill = [] } = options
  const backend = createBackend({ ...options, requests, bill })
  const closing = new AbortController()
  const { url, close } = await listen(options.port ?? 0, (request, reply) => {
    const gone = new AbortController()
    reply.on("close", () => gone.abort())
    reply.on("error", () => gone.abort())
    // An error here means that the client disconnected or the emulator is closing.
    serve(backend, request, reply, AbortSignal.any([closing.signal, gone.signal])).catch(() =>
      destroy(reply),
    )
  })
  return {
    url,
    requests,
    bill,
    close: async () => {
      closing.abort()
      await close()
    },
  }
}

const serve = async (
  backend: Backend,
  request: ServerRequest,
  reply: ServerReply,
  signal: AbortSignal,
): Promise<void> => {
  const body = await readBody(request)
  const route = request.method === "POST" ? routeOf(request.url ?? "") : undefined
  if (route === undefined)
    return write(reply, unknownOperation, { kind: "whole", waitMs: 0, pauseMs: 0 }, signal)
  const { answer, delivery } = await backend({ ...route, headers: headersOf(request), body })
  await write(reply, answer, delivery, signal)
}

const write = async (
  reply: ServerReply,
  answer: Answer,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> => {
  await pause(delivery.waitMs, signal)
  if (delivery.kind === "never") await never(signal)
  reply.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) reply.setHeader(name, value)
  if (delivery.kind === "cut") {
    await send(reply, answer.body.subarray(0, Math.ceil(answer.body.length / 2)))
    destroy(reply)
    return
  }
  for await (const piece of deliver(answer.body, delivery, signal)) await send(reply, piece)
  reply.end()
}

/** Closes the connection, like a network failure. */
const destroy = (reply: ServerReply): void => {
  if ("stream" in reply) reply.stream.session?.destroy()
  else reply.socket?.destroy()
}

/** Resolves when the bytes are written. */
const send = (reply: ServerReply, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve())
    if ("stream" in reply) reply.write(bytes, done)
    else reply.write(bytes, done)
  })

/** Reads the whole body, but keeps only enough to see that it is too large. */
const readBody = async (request: ServerRequest): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of request) {
    if (!(piece instanceof Uint8Array)) continue
    if (length <= maxBodyBytes) pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces)
}

const headersOf = (request: ServerRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith(":")
        ? []
        : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  )
