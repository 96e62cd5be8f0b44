import type { Window } from "../contract/ledger.ts"
import { plus, type Sums, zero } from "./row.ts"

/** Sums by bucket. Only a rolling window counts more than one bucket at a time. */
export type Tallies = Map<number, Sums>

export const dayMs = 86_400_000

const buckets = 60

/** The most days that a window has. */
const longestDays = { total: Number.NaN, day: 1, week: 7, month: 31 }

/** Dates end at 8.64e15 ms; every window must end before. */
const longestRollingMs = 1e13

export const isWindow = (window: Window): boolean =>
  typeof window === "object"
    ? window.rollingMs >= buckets && window.rollingMs <= longestRollingMs
    : window in longestDays

/**
 * The bucket of a time: the UTC start of its window. In a rolling window it is a number that grows
 * by 1 every 60th part of the window.
 */
export const bucketOf = (window: Window, timeMs: number): number => {
  if (typeof window === "object") return Math.floor((timeMs * buckets) / window.rollingMs)
  if (window === "total") return 0
  const date = new Date(timeMs)
  const day =
    window === "month"
      ? 1
      : date.getUTCDate() - (window === "week" ? (date.getUTCDay() + 6) % 7 : 0)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)
}

/** The sums of the current window. Deletes the buckets that a rolling window has left. */
export const sumIn = (window: Window, tallies: Tallies, nowMs: number): Sums => {
  const current = bucketOf(window, nowMs)
  if (typeof window === "string") return tallies.get(current) ?? zero
  for (const bucket of tallies.keys()) if (bucket <= current - buckets) tallies.delete(bucket)
  return [...tallies.values()].reduce((sum, tally) => plus(sum, tally), zero)
}

/**
 * The start of the next window, or when the oldest bucket leaves a rolling one. Not finite if the
 * window never resets.
 */
export const resetMs = (window: Window, tallies: Tallies, nowMs: number): number =>
  typeof window === "object"
    ? Math.ceil(((Math.min(...tallies.keys()) + buckets) * window.rollingMs) / buckets)
    : window === "total"
      ? Number.NaN
      : bucketOf(window, bucketOf(window, nowMs) + longestDays[window] * dayMs)
