import type { IncomingMessage } from "node:http"
import type { Ticket } from "./admission.ts"
import { bodyTooLarge, incompleteBody, overloaded } from "./errors.ts"

const noBody = Buffer.alloc(0)

/**
 * Reads a whole body within its limit and within what admission allows. A declared length is
 * counted before the body arrives. Throws an `ApiError`.
 */
export const readBody = async (
  incoming: IncomingMessage,
  limitBytes: number,
  ticket: Ticket,
): Promise<Buffer<ArrayBuffer>> => {
  const { method, headers } = incoming
  const declaredBytes = Number(headers["content-length"] ?? 0)
  const hasBody = declaredBytes > 0 || headers["transfer-encoding"] !== undefined
  if (method === "GET" || method === "HEAD" || !hasBody) return noBody
  // A client that left during authentication causes no further event, not even "end".
  if (incoming.destroyed || incoming.readableEnded) throw incompleteBody()
  if (declaredBytes > limitBytes) throw bodyTooLarge(limitBytes)
  if (!ticket.reserve(declaredBytes)) throw overloaded()
  return new Promise((resolve, reject) => {
    const chunks: Buffer<ArrayBuffer>[] = []
    let bytes = 0
    const stop = (): void => {
      incoming.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken)
    }
    const fail = (error: Error): void => {
      stop()
      incoming.pause()
      reject(error)
    }
    const onData = (chunk: Buffer<ArrayBuffer>): void => {
      bytes += chunk.length
      if (bytes > limitBytes) fail(bodyTooLarge(limitBytes))
      else if (declaredBytes === 0 && !ticket.reserve(chunk.length)) fail(overloaded())
      else chunks.push(chunk)
    }
    const onBroken = (): void => fail(incompleteBody())
    const onEnd = (): void => {
      // The client already got a timeout response. Drop the request so that nobody pays for an
      // image nobody sees.
      if (incoming.socket.writableEnded) {
        onBroken()
        return
      }
      stop()
      resolve(chunks.length === 1 ? (chunks[0] ?? noBody) : Buffer.concat(chunks, bytes))
    }
    incoming.on("data", onData).on("end", onEnd).on("error", onBroken).on("close", onBroken)
  })
}
