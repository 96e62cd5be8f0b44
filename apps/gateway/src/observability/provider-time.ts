import type { Middleware } from "@pictor/core"
import { calls } from "../request-context.ts"
import type { GatewayCall, ProviderSpan } from "../types.ts"

/** Adds up how long a request waited for providers; calls side by side count once. */
export const providerTime = (now: () => number): Middleware => {
  const begin = (call: GatewayCall): ProviderSpan => {
    call.providerSpan ??= { underWay: 0, sinceMs: 0 }
    const span = call.providerSpan
    if (span.underWay === 0) span.sinceMs = now()
    span.underWay += 1
    return span
  }
  return {
    name: "provider-time",
    call: async (attempt, next) => {
      const call = calls.getStore()
      if (!call) return next(attempt)
      const span = begin(call)
      try {
        return await next(attempt)
      } finally {
        span.underWay -= 1
        if (span.underWay === 0) call.providerMs = (call.providerMs ?? 0) + now() - span.sinceMs
      }
    },
  }
}
