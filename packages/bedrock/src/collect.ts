import type { Readable } from "node:stream"
import { isMarkedAsUntransferable } from "node:worker_threads"
import { reserve } from "./give-back.ts"
import { free } from "./memory.ts"

// A length that the other side merely claims is not worth more memory than the largest reply could need.
const longestTrustedLength = 64 * 1024 * 1024

/** All bytes of a body in one array, copied once where its length was announced. Throws if the body was cut short. */
export const collect = async (
  body: AsyncIterable<Uint8Array>,
  announced?: number,
  spent = false,
): Promise<Uint8Array> => {
  const flows = announced !== undefined && isOpen(body)
  const collector = createCollector(announced, spent && flows)
  if (flows) await flow(body, collector.take)
  else for await (const chunk of body) collector.take(chunk)
  const bytes = collector.bytes()
  if (isCut(body) || bytes.length < (announced ?? 0)) throw cutShort()
  return bytes
}

export interface Collector {
  readonly take: (chunk: Uint8Array) => void
  readonly bytes: () => Uint8Array
}

/** Puts chunks into one array. `spent`: they are the socket's own buffers, which nobody else reads, so that each is given back once it is copied. */
export const createCollector = (announced: number | undefined, spent = false): Collector => {
  const length = announced !== undefined && announced <= longestTrustedLength ? announced : 0
  const whole = reserve(length)
  const beyond: Uint8Array[] = []
  const giveBack = spent ? createReturns() : undefined
  let filled = 0
  const take = (chunk: Uint8Array): void => {
    if (beyond.length > 0 || filled + chunk.length > length) return void beyond.push(chunk)
    whole.set(chunk, filled)
    filled += chunk.length
    giveBack?.(chunk.buffer)
  }
  const bytes = (): Uint8Array =>
    beyond.length === 0
      ? whole.subarray(0, filled)
      : join(filled === 0 ? beyond : [whole.subarray(0, filled), ...beyond])
  return { take, bytes }
}

/** Iterating over an HTTP/2 body whose connection broke ends without an error in Node 24; only this mark tells. */
export const isCut = (body: unknown): boolean =>
  (body as { readonly readableEnded?: boolean } | undefined)?.readableEnded === false

export const cutShort = (): Error =>
  Object.assign(new Error("the body was cut short"), { code: "ERR_STREAM_PREMATURE_CLOSE" })

/** The parts as one array; a single part is not copied. */
export const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const [first] = parts
  return parts.length === 1 && first ? first : Buffer.concat(parts)
}

/**
 * Gives a buffer back when the next one comes: before, the connection may still be reading on in it. Left to the collector, 3 MB of them make it run
 * a third more often. Small ones may lie in Node's pool, which is everybody's.
 */
const createReturns = (): ((buffer: ArrayBufferLike) => void) => {
  let before: ArrayBuffer | undefined
  return (buffer) => {
    if (before && before !== buffer && !isMarkedAsUntransferable(before)) free(before)
    before = buffer instanceof ArrayBuffer ? buffer : undefined
  }
}

const isOpen = (body: object): body is Readable =>
  "on" in body &&
  "destroyed" in body &&
  !body.destroyed &&
  "readableEnded" in body &&
  !body.readableEnded

/**
 * Takes what comes as it comes: iterating joins what has piled up first, a tenth more CPU for a reply of 3 MB. A body that was cut short may end here
 * without a mark, so that its length must be known.
 */
const flow = (body: Readable, take: (chunk: Uint8Array) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    body.on("error", reject).once("end", resolve).once("close", resolve).on("data", take).resume()
  })
