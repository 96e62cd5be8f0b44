type Headers = Readonly<Record<string, string>>

const dayMs = 86_400_000

/**
 * How long the reply asks to wait, in milliseconds and at most a day: by `retry-after-ms`, by
 * `retry-after` (seconds or an HTTP date), or else, with status 429, by the limits of a period that
 * are used up.
 */
export const retryAfterOf = (status: number, headers: Headers, now: number): number | undefined => {
  const asked =
    numberOf(headers["retry-after-ms"]) ??
    retryAfter(headers["retry-after"], now) ??
    (status === 429 ? limitReset(headers, now) : undefined)
  return asked === undefined ? undefined : Math.min(Math.ceil(Math.max(0, asked)), dayMs)
}

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d{1,15}(?:\.\d{1,9})?\s*$/.test(text) ? Number(text) : undefined

const retryAfter = (text: string | undefined, now: number): number | undefined => {
  const seconds = numberOf(text)
  if (seconds !== undefined) return seconds * 1000
  const date = text?.trim().endsWith("GMT") ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date - now
}

const resetHeader = /^x-ratelimit-reset(-[\w-]+)?$/

/**
 * Of the limits with nothing left, the one that is reset last. If none says what is left, the one
 * that is reset first.
 */
const limitReset = (headers: Headers, now: number): number | undefined => {
  const resets = Object.entries(headers).flatMap(([name, value]) => {
    const [matched, suffix = ""] = resetHeader.exec(name) ?? []
    const milliseconds = matched === undefined ? undefined : durationOf(value, now)
    return milliseconds === undefined
      ? []
      : [{ milliseconds, left: numberOf(headers[`x-ratelimit-remaining${suffix}`]) }]
  })
  const used = resets.filter(({ left }) => left === 0).map(({ milliseconds }) => milliseconds)
  if (used.length > 0) return Math.max(...used)
  const unknown = resets.filter(({ left }) => left === undefined)
  return unknown.length > 0
    ? Math.min(...unknown.map(({ milliseconds }) => milliseconds))
    : undefined
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
/** Seconds that are no duration but a time: from September 2001 on. */
const firstEpochSeconds = 1_000_000_000

/** `1s`, `6m0s`, `20ms`, seconds, a Unix time in seconds, or an ISO date. */
const durationOf = (text: string, now: number): number | undefined => {
  const seconds = numberOf(text)
  if (seconds !== undefined)
    return seconds >= firstEpochSeconds ? seconds * 1000 - now : seconds * 1000
  if (/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+$/.test(text))
    return [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
      (sum, [, count, unit = ""]) => sum + Number(count) * (unitMs[unit] ?? 0),
      0,
    )
  const date = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : date - now
}
