import { isImageError } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import type { Answer, Provider } from "./contract.ts"

export const replyOf = (body: Reply["body"]): Reply => ({
  status: 200,
  headers: {},
  body,
  requestId: "contract",
})

const toReply = (answer: Answer): Reply => {
  if (isImageError(answer)) throw answer
  return "status" in answer ? answer : replyOf(answer)
}

/** Calls the provider once for each different call, for all clauses. */
export const cached = (provider: Provider): ((call: TransportCall) => Promise<Reply>) => {
  const replies = new Map<string, Promise<Reply>>()
  return (call) => {
    // The abort of one clause must not affect the others.
    const { signal: _signal, ...request } = call
    const key = JSON.stringify(request)
    const known = replies.get(key) ?? Promise.resolve(request).then(provider).then(toReply)
    replies.set(key, known)
    return known
  }
}

/** The bytes of a reply in one array. */
export const bytesOf = ({ body }: Reply): Uint8Array => {
  const chunks = ArrayBuffer.isView(body) ? [body] : body
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

export const textOf = (reply: Reply): string => new TextDecoder().decode(bytesOf(reply))

export const jsonReply = (value: unknown): Reply =>
  replyOf(new TextEncoder().encode(JSON.stringify(value)))
