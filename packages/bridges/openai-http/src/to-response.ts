import type { Answer } from "./types.ts"

async function* each(parts: Answer["parts"]): AsyncGenerator<Uint8Array, void> {
  yield* parts
}

const bodyOf = (parts: Answer["parts"]): ReadableStream<Uint8Array> => {
  const chunks = each(parts)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        await chunks.return()
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
