import type { Answer } from "./types.ts"

const iteratorOf = (parts: Answer["parts"]): AsyncIterator<Uint8Array> | Iterator<Uint8Array> =>
  Symbol.asyncIterator in parts ? parts[Symbol.asyncIterator]() : parts[Symbol.iterator]()

const bodyOf = (parts: Answer["parts"]): ReadableStream<Uint8Array> => {
  const chunks = iteratorOf(parts)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    // Nothing is taken ahead of its reader.
    { highWaterMark: 0 },
  )
}

/** An answer as a `Response`, its parts streamed as they are: no byte is copied. */
export const toResponse = ({ status, headers, parts }: Answer): Response => {
  const isEmpty = Array.isArray(parts) && parts.length === 0
  return new Response(isEmpty ? null : bodyOf(parts), { status, headers })
}
