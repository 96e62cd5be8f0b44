import type { Window } from "@pictor/core"
import { dayMs } from "./time.ts"

/** As LiteLLM writes durations: "30s", "30m", "30h", "30d", "2w", "1mo". */
const pattern = /^([1-9]\d{0,8})(s|m|h|d|w|mo)$/

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs } as const

type Unit = keyof typeof unitMs | "mo"

export interface Duration {
  readonly count: number
  readonly unit: Unit
}

/** Longer ones end after the last date that JavaScript knows. */
const longestMs = 1e13

export const allowedDurations =
  'a number and s, m, h, d, w or mo, as "30d" or "1mo", of 300 years at most'

export const readDuration = (text: string): Duration | undefined => {
  const [, digits, unit] = pattern.exec(text) ?? []
  if (digits === undefined) return undefined
  const duration = { count: Number(digits), unit: unit as Unit }
  return lengthMs(duration) <= longestMs ? duration : undefined
}

/** Of a month: 31 days. */
const lengthMs = ({ count, unit }: Duration): number =>
  count * (unit === "mo" ? 31 * dayMs : unitMs[unit])

/** When a duration that begins now ends. A month ends on the same day of a later one, or on that one's last. */
export const endMs = ({ count, unit }: Duration, nowMs: number): number => {
  if (unit !== "mo") return nowMs + count * unitMs[unit]
  const now = new Date(nowMs)
  const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + count, 1)
  const target = new Date(first)
  const lastDay = new Date(
    Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0),
  ).getUTCDate()
  return first + (Math.min(now.getUTCDate(), lastDay) - 1) * dayMs + (nowMs % dayMs)
}

const named: readonly (readonly [ms: number, window: Window])[] = [
  [dayMs, "day"],
  [7 * dayMs, "week"],
]

/** The ledger's window of a `budget_duration`: a day, a week and a month are the calendar's (UTC), others roll. Undefined: there is none like it. */
export const toWindow = (duration: Duration | undefined): Window | undefined => {
  if (!duration) return "total"
  if (duration.unit === "mo") return duration.count === 1 ? "month" : undefined
  const rollingMs = lengthMs(duration)
  return named.find(([ms]) => ms === rollingMs)?.[1] ?? { rollingMs }
}
