import { z } from "zod"
import { minuteMs } from "./time.ts"

const secondMs = 1000

/** What was used in one second, and when the last of it. */
type Use = readonly [atMs: number, used: number]

/** What was used of a limit in the last minute. */
export interface Window {
  /** By the latest clock of all processes. */
  readonly nowMs: number
  /** The earliest first, one for a second at most. */
  readonly uses: readonly Use[]
}

const saved = z.array(z.tuple([z.number(), z.number()]))

const secondOf = ([atMs]: Use): number => Math.floor(atMs / secondMs)

/** `text`: as `writeWindow` wrote it. A process whose clock is behind goes by the time of the last use. */
export const readWindow = (text: string, clockMs: number): Window => {
  const uses = saved.parse(JSON.parse(text))
  const nowMs = Math.max(clockMs, uses.at(-1)?.[0] ?? clockMs)
  return { nowMs, uses: uses.filter(([atMs]) => atMs > nowMs - minuteMs) }
}

export const writeWindow = ({ uses }: Window): string => JSON.stringify(uses)

export const usedIn = ({ uses }: Window): number => uses.reduce((sum, [, used]) => sum + used, 0)

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
export const use = ({ nowMs, uses }: Window, amount: number): Window => {
  const last = uses.at(-1)
  const now: Use = [nowMs, amount]
  return { nowMs, uses: last && secondOf(last) === secondOf(now) ? [...uses.slice(0, -1), [nowMs, last[1] + amount]] : [...uses, now] }
}

/** Without so much of what was used at that time, where it still counts. */
export const giveBack = ({ nowMs, uses }: Window, usedAtMs: number, amount: number): Window => {
  const second = secondOf([usedAtMs, 0])
  const less = uses.map((each): Use => (secondOf(each) === second ? [each[0], Math.max(0, each[1] - amount)] : each))
  return { nowMs, uses: less.filter(([, used]) => used > 0) }
}
