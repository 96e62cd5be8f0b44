import type { ClientHttp2Stream } from "node:http2"
import type { HttpHandler } from "@smithy/core/protocols"
import type { Attempt, Attempts } from "./attempt.ts"
import { collect } from "./collect.ts"
import { createLines, type LineParts, type Lines, receiveWindowBytes } from "./lines.ts"
import { type Answer, tellsWitness, type Witness } from "./witness.ts"

/**
 * Wraps the handler that was given, or else the SDK's HTTP/2 handler: notes on the attempt what was sent and answered, and reads the body into one
 * array. Requests that belong to no attempt (those to STS) pass.
 */
export const observe = (
  given: HttpHandler | undefined,
  parts: LineParts,
  attempts: Attempts,
  timeoutMs: number,
): HttpHandler => {
  const lines = createLines(parts, timeoutMs)
  return {
    metadata: given?.metadata ?? { handlerProtocol: "h2" },
    destroy: () => {
      lines.close()
      given?.destroy?.()
    },
    updateHttpClientConfig: (key, value) => given?.updateHttpClientConfig?.(key, value),
    httpHandlerConfigs: () => given?.httpHandlerConfigs?.() ?? {},
    handle: async (request, settings) => {
      const signal = settings?.abortSignal as AbortSignal | undefined
      const attempt = signal && attempts.get(signal)
      if (!attempt || signal.aborted)
        return (given ?? new parts.NodeHttp2Handler()).handle(request, settings)
      if (attempt.answer) return { response: attempt.answer }
      attempt.handed = true
      attempt.request = request
      if (!given) return callOn(lines, attempt, request, settings)
      if (tellsWitness(given))
        return readReply(
          attempt,
          await given.handle(request, { ...settings, witness: witnessOf(attempt) }),
        )
      attempt.sent = true
      return readReply(attempt, await given.handle(request, settings))
    },
  }
}

const witnessOf = (attempt: Attempt): Witness => ({
  sent: () => {
    attempt.sent = true
  },
  answered: (head) => noteReply(attempt, head),
})

type Handled = ReturnType<HttpHandler["handle"]>

const callOn = async (
  lines: Lines,
  attempt: Attempt,
  ...order: Parameters<HttpHandler["handle"]>
): Handled => {
  const line = lines.take(attempt)
  try {
    const answer = await line.handler.handle(...order)
    widen(answer.response.body)
    const read = await readReply(attempt, answer, true)
    // The SDK ends the connection of a stream of events itself.
    if (!attempt.events) lines.keep(line)
    return read
  } catch (error) {
    lines.drop(line)
    throw error
  }
}

const readReply = async (
  attempt: Attempt,
  { response }: Awaited<Handled>,
  spent = false,
): Handled => {
  noteReply(attempt, response)
  const body: unknown = response.body
  if (attempt.streaming && response.statusCode === 200) attempt.events = body
  else if (isIterable(body))
    response.body = await collect(body, announcedLength(attempt.headers), spent)
  return { response }
}

// The stream's window is a setting; the connection's can only be widened once there is a session to be had.
const widen = (body: unknown): void => {
  const session = (body as Partial<ClientHttp2Stream> | undefined)?.session
  if (session && !session.destroyed) session.setLocalWindowSize(receiveWindowBytes)
}

const noteReply = (attempt: Attempt, response: Pick<Answer, "statusCode" | "headers">): void => {
  attempt.sent = true
  attempt.status = response.statusCode
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers))
    if (!name.startsWith(":")) headers[name.toLowerCase()] = value
  attempt.headers = headers
}

// What cannot be iterated over, such as a Blob, is left to the SDK.
const isIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === "object" && body !== null && Symbol.asyncIterator in body

// fetch unpacks a body but leaves the length of the packed one.
export const announcedLength = (headers: Readonly<Record<string, string>>): number | undefined => {
  const length = headers["content-encoding"] ? undefined : headers["content-length"]
  return length && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
