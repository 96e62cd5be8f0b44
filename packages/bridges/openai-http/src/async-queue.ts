/** A queue of chunks with one consumer, which calls `onReturn` when it stops before the end. */
export const createAsyncQueue = (onReturn: () => void) => {
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
  const stop = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    closed = true
    waiting.length = 0
    wake()
    onReturn()
    return { value: undefined, done: true }
  }
  // A generator cannot react to `return()` while it awaits the next chunk.
  const parts: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next, return: stop }),
  }
  return {
    parts,
    push: (chunks: readonly Uint8Array[]): void => {
      if (closed) return
      waiting.push(...chunks)
      wake()
    },
    close: (): void => {
      closed = true
      wake()
    },
  }
}
