type Transferable = ArrayBufferLike & { readonly transfer?: (length: number) => unknown }

const own = new WeakSet<ArrayBufferLike>()

/** Marks memory that `bedrock()` took for one reply and nobody else has. */
export const owned = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
  own.add(bytes.buffer)
  return bytes
}

/** Frees memory at once. */
export const free = (buffer: Transferable): void => void buffer.transfer?.(0)

/**
 * Gives the memory of replies back at once, not when the garbage collector finds it: for servers, whose collector would else run for every few
 * pictures. Of the parts only those that lie in a reply that `bedrock()` read are given back; whoever still holds a view on one, such as an
 * image of the same result, finds it empty. So call it when the last byte is written and nobody else has the result.
 */
export const giveBack = (parts: Iterable<Uint8Array>): void => {
  for (const { buffer } of parts) if (own.delete(buffer)) free(buffer)
}
