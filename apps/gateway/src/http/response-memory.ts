import type { Middleware } from "@pictor/core"
import { calls } from "../request-context.ts"

/** Counts providers' replies as what their requests hold, as soon as they are there: further calls of a request, and its reader, may take their time. */
export const heldReplies: Middleware = {
  name: "held-replies",
  call: async (attempt, next) => {
    const answer = await next(attempt)
    calls.getStore()?.came?.(answer.bytes)
    return answer
  },
}
