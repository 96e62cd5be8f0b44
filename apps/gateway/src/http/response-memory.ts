import type { Middleware } from "@pictor/core"
import { calls } from "../request-context.ts"

/** Counts a provider's reply in the request's memory as soon as it arrives. */
export const responseMemory: Middleware = {
  name: "response-memory",
  call: async (attempt, next) => {
    const answer = await next(attempt)
    calls.getStore()?.addReplyBytes?.(answer.bytes)
    return answer
  },
}
