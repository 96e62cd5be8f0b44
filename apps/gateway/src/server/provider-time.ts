import type { Middleware } from "@pictor/core"
import { calls } from "../call.ts"
import type { GatewayCall } from "../types.ts"

interface Span {
  underWay: number
  sinceMs: number
}

/** Adds up how long a request waited for providers; calls side by side count once. */
export const providerTime = (now: () => number): Middleware => {
  const spans = new WeakMap<GatewayCall, Span>()
  const begin = (call: GatewayCall): Span => {
    const span = spans.get(call) ?? { underWay: 0, sinceMs: 0 }
    spans.set(call, span)
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
