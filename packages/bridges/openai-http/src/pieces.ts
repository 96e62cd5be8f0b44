/** Pieces of an answer that come one after the other; whoever stops taking them says so at once. */
export const createPieces = (left: () => void) => {
  const waiting: Uint8Array[] = []
  let closed = false
  let wake = (): void => undefined
  const mustWait = (): boolean => waiting.length === 0 && !closed
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    while (mustWait())
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    const value = waiting.shift()
    return value ? { value, done: false } : { value: undefined, done: true }
  }
  const end = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    closed = true
    waiting.length = 0
    wake()
    left()
    return { value: undefined, done: true }
  }
  // A generator would not hear of the end while it waits for a piece.
  const parts: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next, return: end }) }
  return {
    parts,
    add: (pieces: readonly Uint8Array[]): void => {
      if (closed) return
      waiting.push(...pieces)
      wake()
    },
    /** No more will come. */
    close: (): void => {
      closed = true
      wake()
    },
  }
}
