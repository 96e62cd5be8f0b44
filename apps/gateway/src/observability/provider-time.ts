import type { Middleware } from "@pictor/core"
import { calls } from "../request-context.ts"

/**
 * Sums the time that a request waits for providers, and before it repeats a call. Concurrent calls
 * count once.
 */
export const providerTime = (now: () => number): Middleware => ({
  name: "provider-time",
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
      return await next(attempt)
    } finally {
      span.inFlight -= 1
      if (span.inFlight === 0) {
        span.endedMs = now()
        call.providerMs = (call.providerMs ?? 0) + span.endedMs - span.sinceMs
      }
    }
  },
})
