import { Readable } from "node:stream"
import { defaultMaxReplyBytes, isError, limitOf, replyTooLarge } from "@pictor/http/client"
import type { HttpAnswer } from "./types.ts"

export interface ReplyLimits {
  /** Of the options. */
  readonly maxReplyBytes?: number | undefined
  /** What the ordered images can take. */
  readonly ordered?: number | undefined
}

/** Bounds the body of a request handler from the options, as the client bounds its own. */
export const limitBody = (answer: HttpAnswer, limits: ReplyLimits): unknown =>
  isAsyncIterable(answer.body)
    ? Readable.from(limited(answer, answer.body, limits), { objectMode: false })
    : answer.body

const isAsyncIterable = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === "object" && body !== null && Symbol.asyncIterator in body

async function* limited(
  head: HttpAnswer,
  chunks: AsyncIterable<Uint8Array>,
  { maxReplyBytes = defaultMaxReplyBytes, ordered }: ReplyLimits,
): AsyncGenerator<Uint8Array, void> {
  const limit = limitOf(head, maxReplyBytes, ordered)
  let received = 0
  for await (const chunk of chunks) {
    received += chunk.length
    if (received > limit && isError(head)) return
    if (received > limit) throw replyTooLarge(head, maxReplyBytes, ordered)
    yield chunk
  }
}
