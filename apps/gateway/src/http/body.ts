import type { IncomingMessage } from "node:http"
import type { Ticket } from "./admission.ts"
import { type Problem, problems, tooLarge } from "./errors.ts"

type Read = { readonly body: Buffer<ArrayBuffer> } | { readonly problem: Problem }

const declaredBytes = (incoming: IncomingMessage): number =>
  Number(incoming.headers["content-length"] ?? 0)

const hasBody = (incoming: IncomingMessage): boolean =>
  incoming.method !== "GET" &&
  incoming.method !== "HEAD" &&
  (declaredBytes(incoming) > 0 || incoming.headers["transfer-encoding"] !== undefined)

const none = Buffer.alloc(0)

/** What of the body is to be counted before it comes: its declared length, where it has one. */
const admit = (
  incoming: IncomingMessage,
  limitBytes: number,
  ticket: Ticket,
): Problem | undefined => {
  const declared = declaredBytes(incoming)
  if (declared > limitBytes) return tooLarge(limitBytes)
  return ticket.take(declared) ? undefined : problems.busy
}

/** Reads a whole body within the limit and within what the server holds. Never rejects. */
export const readBody = (
  incoming: IncomingMessage,
  limitBytes: number,
  ticket: Ticket,
): Promise<Read> => {
  if (!hasBody(incoming)) return Promise.resolve({ body: none })
  // Nothing comes of a caller who went away while he was looked up, not even the end.
  if (incoming.destroyed || incoming.readableEnded)
    return Promise.resolve({ problem: problems.incomplete })
  const refused = admit(incoming, limitBytes, ticket)
  if (refused) return Promise.resolve({ problem: refused })
  const declared = declaredBytes(incoming) > 0
  return new Promise((resolve) => {
    const chunks: Buffer<ArrayBuffer>[] = []
    let bytes = 0
    const finish = (read: Read): void => {
      incoming.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken)
      if ("problem" in read) incoming.pause()
      resolve(read)
    }
    const onData = (chunk: Buffer<ArrayBuffer>): void => {
      bytes += chunk.length
      if (bytes > limitBytes) finish({ problem: tooLarge(limitBytes) })
      else if (!declared && !ticket.take(chunk.length)) finish({ problem: problems.busy })
      else chunks.push(chunk)
    }
    // Who was told that it took too long has his answer; what comes of it nobody would see, and somebody would pay for.
    const isAnswered = (): boolean => incoming.socket.writableEnded
    const whole = (): Buffer<ArrayBuffer> =>
      chunks.length === 1 ? (chunks[0] ?? none) : Buffer.concat(chunks, bytes)
    const onEnd = (): void =>
      finish(isAnswered() ? { problem: problems.incomplete } : { body: whole() })
    const onBroken = (): void => finish({ problem: problems.incomplete })
    incoming.on("data", onData).on("end", onEnd).on("error", onBroken).on("close", onBroken)
  })
}
