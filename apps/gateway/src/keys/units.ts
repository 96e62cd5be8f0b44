import type { Window } from "@pictor/core"

export const dayMs = 86_400_000

export const iso = (timeMs: number): string => new Date(timeMs).toISOString()

/** US dollars as whole micro-USD; undefined if negative, too precise or not a safe integer. */
export const toMicroUsd = (usd: number): number | undefined => {
  const text = usd.toFixed(6)
  const microUsd = Number(text.replace(".", ""))
  return usd >= 0 && Number(text) === usd && Number.isSafeInteger(microUsd) ? microUsd : undefined
}

/** The same, rounded down to whole micro-USD. */
export const floorMicroUsd = (usd: number): number | undefined => {
  const exact = toMicroUsd(usd)
  if (exact !== undefined) return exact
  const floor = Math.floor(usd * 1_000_000)
  return usd >= 0 && Number.isSafeInteger(floor) ? floor : undefined
}

export const toUsd = (microUsd: number): number => microUsd / 1_000_000

/** LiteLLM's durations: "30s", "30m", "30h", "30d", "2w", "1mo". */
const pattern = /^([1-9]\d{0,8})(s|m|h|d|w|mo)$/

export const unitMs = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: dayMs,
  w: 7 * dayMs,
  mo: 31 * dayMs,
} as const

export interface Duration {
  readonly count: number
  readonly unit: keyof typeof unitMs
}

/** Longer durations end after the last date that JavaScript can represent. */
const longestMs = 1e13

/** A month counts as 31 days. */
const lengthMs = ({ count, unit }: Duration): number => count * unitMs[unit]

export const parseDuration = (text: string): Duration | undefined => {
  const [, digits, unit] = pattern.exec(text) ?? []
  if (digits === undefined) return undefined
  const duration = { count: Number(digits), unit: unit as Duration["unit"] }
  return lengthMs(duration) <= longestMs ? duration : undefined
}

/** A month ends on the same day of a later month, or on that month's last day. */
export const endMs = (duration: Duration, nowMs: number): number => {
  if (duration.unit !== "mo") return nowMs + lengthMs(duration)
  const now = new Date(nowMs)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + duration.count]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(now.getUTCDate(), lastDay)) + (nowMs % dayMs)
}

/**
 * The ledger window of a `budget_duration`. A day, a week and one month are calendar periods in
 * UTC, other durations roll, and no duration means all time. Undefined if there is no such window.
 */
export const parseWindow = (text: string | undefined): Window | undefined => {
  if (text === undefined) return "total"
  const duration = parseDuration(text)
  if (!duration) return undefined
  if (duration.unit === "mo") return duration.count === 1 ? "month" : undefined
  const rollingMs = lengthMs(duration)
  if (rollingMs === dayMs) return "day"
  return rollingMs === 7 * dayMs ? "week" : { rollingMs }
}
