import type { Middleware } from "@pictor/core"
import { calls } from "../request-context.ts"

/**
 * Records on the request what its provider calls take: the bytes of each reply as soon as it has
 * arrived, and the time of calls and of waits between them. Concurrent calls count once.
 */
export const providerCalls = (now: () => number): Middleware => ({
  name: "provider-calls",
  call: async (attempt, next) => {
    const call = calls.getStore()
    if (!call) return next(attempt)
    call.providerSpan ??= { inFlight: 0, sinceMs: 0 }
    const span = call.providerSpan
    if (span.inFlight === 0) {
      span.sinceMs = now()
      if (attempt.attempt > 1 && span.endedMs !== undefined)
        call.providerMs = (call.providerMs ?? 0) + span.sinceMs - span.endedMs
    }
    span.inFlight += 1
    try {
      const answer = await next(attempt)
      call.addReplyBytes?.(answer.bytes)
      return answer
    } finally {
      span.inFlight -= 1
      if (span.inFlight === 0) {
        span.endedMs = now()
        call.providerMs = (call.providerMs ?? 0) + span.endedMs - span.sinceMs
      }
    }
  },
})
