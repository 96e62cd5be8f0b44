import type { IncomingMessage } from "node:http"
import type { Ticket } from "./admission.ts"
import { bodyTooLarge, incompleteBody, overloaded, shuttingDown } from "./errors.ts"

const noBody = Buffer.alloc(0)

export interface BodyLimits {
  readonly bodyBytes: number
  readonly ticket: Pick<Ticket, "reserve">
  /** Ends the wait for a body that is not whole. */
  readonly stopReceiving: AbortSignal
  /** The error if the ticket counts no more. Default: `overloaded`. */
  readonly full?: (bytes: number) => Error
}

const expectsBody = ({ method, headers }: IncomingMessage, declaredBytes: number): boolean =>
  method !== "GET" &&
  method !== "HEAD" &&
  (declaredBytes > 0 || headers["transfer-encoding"] !== undefined)

/**
 * Reads a whole body within its limit and within what admission allows. Bytes are counted as they
 * arrive: a declared length holds nothing. Throws an `ApiError`.
 */
export const readBody = async (
  incoming: IncomingMessage,
  { bodyBytes, ticket, stopReceiving, full = overloaded }: BodyLimits,
): Promise<Buffer<ArrayBuffer>> => {
  const declaredBytes = Number(incoming.headers["content-length"] ?? 0)
  if (!expectsBody(incoming, declaredBytes)) return noBody
  // A client that left during authentication causes no further event, not even "end".
  if (incoming.destroyed || incoming.readableEnded) throw incompleteBody()
  if (declaredBytes > bodyBytes) throw bodyTooLarge(bodyBytes)
  if (stopReceiving.aborted) throw shuttingDown()
  return new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = []
    let bytes = 0
    const stop = (): void => {
      stopReceiving.removeEventListener("abort", onStop)
      incoming.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken)
    }
    const fail = (error: Error): void => {
      stop()
      incoming.pause()
      reject(error)
    }
    const onData = (chunk: Buffer<ArrayBuffer>): void => {
      bytes += chunk.length
      if (bytes > bodyBytes) fail(bodyTooLarge(bodyBytes))
      else if (!ticket.reserve(chunk.length)) fail(full(chunk.length))
      else chunks.push(chunk)
    }
    const onBroken = (): void => fail(incompleteBody())
    const onStop = (): void => fail(shuttingDown())
    const onEnd = (): void => {
      // The client already got a timeout response. The request is dropped, because its images would
      // be charged and not delivered.
      if (incoming.socket.writableEnded) {
        onBroken()
        return
      }
      stop()
      resolve(chunks.length === 1 ? (chunks[0] ?? noBody) : Buffer.concat(chunks, bytes))
    }
    stopReceiving.addEventListener("abort", onStop)
    incoming.on("data", onData).on("end", onEnd).on("error", onBroken).on("close", onBroken)
  })
}
