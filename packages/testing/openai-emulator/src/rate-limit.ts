import type { Clock } from "@pictor/emulator-kit"

const windowMs = 60_000

export type RateLimit = {
  readonly exceeded: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly retryAfterSeconds: number
}

/** Counts requests in windows of one minute. Without a limit there are no headers. */
export const createRateLimit = (limit: number | undefined, clock: Clock): (() => RateLimit) => {
  let [start, count] = [clock.now(), 0]
  return () => {
    if (limit === undefined) return { exceeded: false, headers: {}, retryAfterSeconds: 0 }
    const now = clock.now()
    if (now - start >= windowMs) [start, count] = [now, 0]
    const exceeded = count >= limit
    if (!exceeded) count += 1
    const seconds = Math.ceil((start + windowMs - now) / 1000)
    return {
      exceeded,
      headers: limitHeaders(limit, limit - count, seconds),
      retryAfterSeconds: seconds,
    }
  }
}

export const limitHeaders = (
  limit: number,
  remaining: number,
  resetSeconds: number,
): Readonly<Record<string, string>> => ({
  "x-ratelimit-limit-requests": String(limit),
  "x-ratelimit-remaining-requests": String(remaining),
  "x-ratelimit-reset-requests": `${resetSeconds}s`,
})
