import type { IncomingMessage } from "node:http"
import { bodyTooLarge, incompleteBody, overloaded, shuttingDown } from "./errors.ts"

/** The share of one request in the admission limits. */
export interface Ticket {
  /** Takes a place once the request's body is whole; false if none is free. */
  begin(): boolean
  /** Counts bytes of the request; false, and not counted, if a limit is reached. */
  reserve(bytes: number): boolean
  /** The same for a while: the result returns the bytes. Undefined if a limit is reached. */
  hold(bytes: number): (() => void) | undefined
  /** Counts bytes of a provider's reply. They are paid for and never rejected. */
  addReply(bytes: number): void
  /** Counts bytes of the answer beyond those of the replies, most of which are the same memory. */
  addAnswer(bytes: number): void
  /** Returns everything; has no effect the second time. */
  release(): void
}

export interface Admission {
  /** The owner's share is one key's. Undefined if a limit is reached. */
  enter(owner?: string): Ticket | undefined
  /** Do the owner's requests hold as much as one key's may? */
  isFull(owner: string, bytes: number): boolean
  readonly requests: () => number
  readonly bytes: () => number
  /** Resolves when no request is in flight. */
  idle(): Promise<void>
}

export interface AdmissionLimits {
  readonly maxRequests: number
  readonly maxBytes: number
  /** Of one owner. Default: `maxBytes`. */
  readonly maxBytesPerKey?: number
}

interface Share {
  /** Requests whose body is not whole. */
  receiving: number
  requests: number
  bytes: number
}

const once = (work: () => void): (() => void) => {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}

/**
 * Limits the number of requests in flight and the bytes that they hold together. A request takes a
 * place when its body is whole, so that slow bodies take none, and an owner has as many slow bodies
 * as there are places.
 */
export const createAdmission = ({
  maxRequests,
  maxBytes,
  maxBytesPerKey = maxBytes,
}: AdmissionLimits): Admission => {
  const all: Share = { receiving: 0, requests: 0, bytes: 0 }
  const shares = new Map<string, Share>()
  const waiting: (() => void)[] = []
  const isFull = (owner: string, bytes: number): boolean =>
    (shares.get(owner)?.bytes ?? 0) + bytes > maxBytesPerKey
  const isBusy = (): boolean => all.requests - all.receiving >= maxRequests

  const enter = (owner = ""): Ticket | undefined => {
    const share = shares.get(owner) ?? { receiving: 0, requests: 0, bytes: 0 }
    if (isBusy() || all.bytes >= maxBytes || share.receiving >= maxRequests) return undefined
    shares.set(owner, share)
    const count = (name: keyof Share, more: number): void => {
      all[name] += more
      share[name] += more
    }
    count("requests", 1)
    count("receiving", 1)
    let isReceiving = true
    let held = 0
    let released = false
    let replyBytes = 0
    const add = (more: number): void => {
      if (released) return
      held += more
      count("bytes", more)
    }
    const reserve = (more: number): boolean => {
      if (all.bytes + more > maxBytes || share.bytes + more > maxBytesPerKey) return false
      add(more)
      return true
    }
    const stopReceiving = once(() => {
      count("receiving", -1)
      isReceiving = false
    })
    return {
      begin: () => {
        if (isReceiving && isBusy()) return false
        stopReceiving()
        return true
      },
      reserve,
      hold: (more) => {
        if (reserve(more)) return once(() => add(-more))
        return undefined
      },
      addReply: (more) => {
        replyBytes += more
        add(more)
      },
      addAnswer: (more) => {
        add(Math.max(0, more - replyBytes))
        replyBytes = Math.max(0, replyBytes - more)
      },
      release: () => {
        if (released) return
        released = true
        stopReceiving()
        count("requests", -1)
        count("bytes", -held)
        if (share.requests === 0) shares.delete(owner)
        if (all.requests === 0) for (const resolve of waiting.splice(0)) resolve()
      },
    }
  }
  return {
    enter,
    isFull,
    requests: () => all.requests,
    bytes: () => all.bytes,
    idle: async () => {
      if (all.requests > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
  }
}

/** Places and bytes of the three kinds of callers, so that none takes those of another. */
export interface Rooms {
  /** For requests with a key. */
  readonly admission: Admission
  /** For the master key's administration. */
  readonly administration: Admission
  /** For stored images, which a link opens without a key. */
  readonly downloads: Admission
}

const administrationLimits = { maxRequests: 64, maxBytes: 67_108_864 }
const maxDownloads = 256

export const createRooms = (limits: AdmissionLimits): Rooms => ({
  admission: createAdmission(limits),
  administration: createAdmission(administrationLimits),
  downloads: createAdmission({
    maxRequests: maxDownloads,
    maxBytes: Math.ceil(limits.maxBytes / 4),
  }),
})

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
