const windowMs = 60_000
const secondMs = 1000

/** The use in one second, with the time of the last use. */
type Use = readonly [atMs: number, amount: number]

/** The use of a limit in the last minute. */
export interface Window {
  /** The latest clock of all processes. */
  readonly nowMs: number
  /** At most one for each second, the earliest first. */
  readonly uses: readonly Use[]
  readonly used: number
}

const isUse = (value: unknown): value is Use =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number"

const parse = (text: string): readonly Use[] => {
  const saved: unknown = JSON.parse(text)
  return Array.isArray(saved) ? saved.filter(isUse) : []
}

const sumOf = (uses: readonly Use[]): number => uses.reduce((sum, [, amount]) => sum + amount, 0)

const secondOf = (atMs: number): number => Math.floor(atMs / secondMs)

/** Reads the text of `writeWindow`. A process with a late clock uses the time of the last use. */
export const readWindow = (text: string, clockMs: number): Window => {
  const all = parse(text)
  const nowMs = Math.max(clockMs, all.at(-1)?.[0] ?? clockMs)
  const uses = all.filter(([atMs]) => atMs > nowMs - windowMs)
  return { nowMs, uses, used: sumOf(uses) }
}

export const writeWindow = ({ uses }: Window): string => JSON.stringify(uses)

/** When this amount of the use will be a minute old. */
export const freeAtMs = ({ uses, nowMs }: Window, amount: number): number => {
  let left = amount
  for (const [atMs, used] of uses) {
    left -= used
    if (left <= 0) return atMs + windowMs
  }
  return nowMs
}

/** Adds a use. The uses of one second expire together, a minute after the last of them. */
export const use = ({ nowMs, uses, used }: Window, amount: number): Window => {
  const last = uses.at(-1)
  const same = last && secondOf(last[0]) === secondOf(nowMs)
  const rest = same ? uses.slice(0, -1) : uses
  return { nowMs, uses: [...rest, [nowMs, same ? last[1] + amount : amount]], used: used + amount }
}

/** Removes an amount from the second in which it was used, unless that second has expired. */
export const giveBack = ({ nowMs, uses }: Window, usedAtMs: number, amount: number): Window => {
  const remaining = uses
    .map(
      ([atMs, used]): Use => [
        atMs,
        secondOf(atMs) === secondOf(usedAtMs) ? Math.max(0, used - amount) : used,
      ],
    )
    .filter(([, used]) => used > 0)
  return { nowMs, uses: remaining, used: sumOf(remaining) }
}
