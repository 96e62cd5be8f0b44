import { minuteMs } from "../keys/time.ts"

const secondMs = 1000

/** What was used in one second, and when the last of it. */
type Use = readonly [atMs: number, used: number]

/** What was used of a limit in the last minute. */
export interface Window {
  /** By the latest clock of all processes. */
  readonly nowMs: number
  /** The earliest first, one for a second at most. */
  readonly uses: readonly Use[]
  /** All of them together. */
  readonly used: number
}

const isUse = (value: unknown): value is Use =>
  Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number"

const parse = (text: string): readonly Use[] => {
  const saved: unknown = JSON.parse(text)
  return Array.isArray(saved) ? saved.filter(isUse) : []
}

const sumOf = (uses: readonly Use[]): number => uses.reduce((sum, [, used]) => sum + used, 0)

const secondOf = ([atMs]: Use): number => Math.floor(atMs / secondMs)

/** `text`: as `writeWindow` wrote it. A process whose clock is behind goes by the time of the last use. */
export const readWindow = (text: string, clockMs: number): Window => {
  const all = parse(text)
  const nowMs = Math.max(clockMs, all.at(-1)?.[0] ?? clockMs)
  const uses = all.filter(([atMs]) => atMs > nowMs - minuteMs)
  return { nowMs, uses, used: sumOf(uses) }
}

export const writeWindow = ({ uses }: Window): string => JSON.stringify(uses)

/** When so much of it is a minute old. */
export const freeAtMs = ({ uses, nowMs }: Window, amount: number): number => {
  let left = amount
  for (const [atMs, used] of uses) {
    left -= used
    if (left <= 0) return atMs + minuteMs
  }
  return nowMs
}

/** With so much more used now; what one second has used leaves together, a minute after the last of it. */
export const use = ({ nowMs, uses, used }: Window, amount: number): Window => {
  const last = uses.at(-1)
  const same = last && secondOf(last) === secondOf([nowMs, amount])
  const rest = same ? uses.slice(0, -1) : uses
  return { nowMs, uses: [...rest, [nowMs, same ? last[1] + amount : amount]], used: used + amount }
}

/** Without so much of what was used at that time, where it still counts. */
export const giveBack = ({ nowMs, uses }: Window, usedAtMs: number, amount: number): Window => {
  const second = secondOf([usedAtMs, 0])
  const less = uses
    .map(
      (each): Use => (secondOf(each) === second ? [each[0], Math.max(0, each[1] - amount)] : each),
    )
    .filter(([, used]) => used > 0)
  return { nowMs, uses: less, used: sumOf(less) }
}
