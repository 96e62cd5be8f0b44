import { createMemory } from "./memory.ts"

/** Replies without a picture are not worth it. */
const leastBytes = 16_384

const allocate = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer

/** What 64 large pictures at once take, for as long as it takes until the next ones come. */
const memory = createMemory({ idleBytes: 256 * 1024 * 1024, idleMs: 10_000, allocate })

const own = new WeakSet<ArrayBufferLike>()

/** Memory for one reply, which nobody else has. What an earlier one left in it is still there. */
export const reserve = (length: number): Uint8Array<ArrayBuffer> => {
  if (length < leastBytes) return Buffer.allocUnsafeSlow(length)
  const buffer = memory.take(length)
  own.add(buffer)
  return Buffer.from(buffer, 0, length)
}

/**
 * Gives the memory of replies back at once, for the next ones, not when the garbage collector finds it: for servers, whose collector would else run for
 * every few pictures. Of the parts only those that lie in a picture's reply that `bedrock()` read are given back; whoever still holds a view on one, such as an
 * image of the same result, finds it empty. So call it when the last byte is written and nobody else has the result.
 */
export const giveBack = (parts: Iterable<Uint8Array>): void => {
  for (const { buffer } of parts)
    if (buffer instanceof ArrayBuffer && own.delete(buffer)) memory.put(buffer)
}
