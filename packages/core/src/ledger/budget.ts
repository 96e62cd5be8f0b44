import { dollars } from "../contract/cost.ts"
import { type ExceededBudget, type ImageError, imageError } from "../contract/errors.ts"
import type { Budget, Scope, Window } from "../contract/ledger.ts"
import { defined } from "../lib/object.ts"
import { type Draft, type Entry, invalid, plus, type Sums, whole, zero } from "./row.ts"

interface Tallied {
  readonly budget: Budget
  readonly name: string
  readonly tallies: Tallies
}

/** Budgets by scope name, then by window. */
export type Budgets = Map<string, Map<string, Tallied>>

/** Sets a budget, or replaces the one of the same scope and window. `entries` were spent before. */
export const placeBudget = (budgets: Budgets, budget: Budget, entries: Iterable<Entry>): void => {
  const { scope, window, hard, soft } = budget
  whole({ ...hard })
  whole({ ...soft })
  if (!isWindow(window))
    throw invalid(
      "A budget's window must be total, day, week, month, or { rollingMs } from 60 to 1e13.",
    )
  const name = scopeName(scope)
  const windowName = typeof window === "string" ? window : `${window.rollingMs} ms`
  const windows = budgets.get(name) ?? new Map<string, Tallied>()
  const earlier = windows.get(windowName)
  const placed = {
    budget,
    name: `${name} (${windowName})`,
    tallies: earlier?.tallies ?? new Map<number, Sums>(),
  }
  if (!earlier)
    for (const entry of entries)
      if (scopesOf(entry).includes(name)) count(placed, entry, entry.sums)
  budgets.set(name, windows.set(windowName, placed))
}

/** Counts a change of an entry's sums in every budget that covers it. */
export const countIn = (budgets: Budgets, entry: Entry, change: Sums): void => {
  for (const each of budgetsOf(budgets, entry)) count(each, entry, change)
}

/** Throws if the rows together exceed a hard limit. Returns the warnings of soft limits. */
export const admit = (
  budgets: Budgets,
  rows: readonly Draft[],
  nowMs: number,
): readonly string[] => {
  const requested = new Map<Tallied, Sums>()
  for (const row of rows)
    for (const budget of budgetsOf(budgets, row))
      requested.set(
        budget,
        plus(requested.get(budget) ?? zero, {
          ...row.sums,
          unpricedImages: row.cost.unpricedImages,
        }),
      )
  return [...requested].flatMap(([budget, sums]) => check(budget, sums, nowMs))
}

/** `on 2026-12-01` for midnight, else the date and time. */
const resetText = (timeMs: number): string => {
  const text = new Date(timeMs).toISOString()
  return text.endsWith("T00:00:00.000Z") ? `on ${text.slice(0, 10)}` : `at ${text}`
}

const exceeded = (
  message: string,
  { budget, endMs = NaN, nowMs = 0 }: ExceededWindow = {},
): ImageError =>
  Number.isFinite(endMs)
    ? imageError("budget_exceeded", `${message} It resets ${resetText(endMs)}.`, {
        retryAfterMs: endMs - nowMs,
        ...defined({ budget }),
      })
    : imageError("budget_exceeded", `${message} It does not reset.`, defined({ budget }))

interface ExceededWindow {
  readonly budget?: ExceededBudget
  readonly endMs?: number
  readonly nowMs?: number
}

const images = (count: number): string =>
  `${count.toLocaleString("en-US")} image${count === 1 ? "" : "s"}`

/** Checks the rows of one budget. */
const check = (
  { budget: { window, hard, soft, allowUnknown }, name, tallies }: Tallied,
  requested: Sums,
  nowMs: number,
): string[] => {
  if (hard?.microUsd !== undefined && requested.unpricedImages > 0 && !allowUnknown)
    throw exceeded(
      `Budget ${name} cannot cover ${images(requested.unpricedImages)} of unknown price. Configure their price, or set allowUnknown on the budget.`,
    )
  const now = sumIn(window, tallies, nowMs)
  const units = [
    {
      field: "microUsd",
      text: dollars,
      spent: now.microUsd + now.maybeMicroUsd,
      reserved: now.reservedMicroUsd,
      more: requested.reservedMicroUsd,
    },
    {
      field: "images",
      text: images,
      spent: now.images,
      reserved: now.reservedImages,
      more: requested.reservedImages,
    },
  ] as const
  return units.flatMap(({ field, text, spent, reserved, more }) => {
    const used = spent + reserved + more
    const limit = hard?.[field] ?? Infinity
    const softLimit = soft?.[field] ?? Infinity
    if (used > limit)
      throw exceeded(
        `Budget ${name} exceeded: limit ${text(limit)}, spent ${text(spent)}, reserved ${text(reserved)}, requested ${text(more)}.`,
        {
          budget: { unit: field, limit, spent, reserved, requested: more },
          endMs: resetMs(window, tallies, nowMs),
          nowMs,
        },
      )
    return used > softLimit
      ? [`Budget ${name} is past its soft limit: ${text(used)} of ${text(softLimit)}.`]
      : []
  })
}

const budgetsOf = (budgets: Budgets, entry: Entry): readonly Tallied[] =>
  budgets.size === 0
    ? []
    : scopesOf(entry).flatMap((scope) => [...(budgets.get(scope)?.values() ?? [])])

const count = (
  { budget, tallies }: Tallied,
  { timeMs, latestMs = timeMs }: Entry,
  change: Sums,
): void => {
  const bucket = bucketOf(budget.window, latestMs)
  tallies.set(bucket, plus(tallies.get(bucket) ?? zero, change))
}

/** A scope's name in messages and tables. */
export const scopeName = (scope: Scope): string => {
  const [name, value] = Object.entries(scope)[0] ?? []
  if (value === undefined)
    throw invalid("A budget's scope must be everything, key, user, team, endUser, tag or model.")
  if (name === "everything") return name
  return name === "tag" ? `tag:${value}` : `${name}=${value}`
}

/** The names of the scopes that cover an entry. */
export const scopesOf = ({ facts }: Pick<Entry, "facts">): readonly string[] => {
  // The tag "a=b" and the tag a with the value b share a scope.
  const names = new Set(["everything"])
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith("tag:")) {
      if (!(`${clientTag}${name.slice("tag:".length)}` in facts))
        names.add(name).add(`${name}=${value}`)
    } else if (scopeFacts.has(name)) names.add(`${name}=${value}`)
  }
  return [...names]
}

/** Before a tag's name: the fact that no budget counts the tag. */
export const clientTag = "client-tag:"

/** Facts with a scope of their own, besides tags. */
const scopeFacts: ReadonlySet<string> = new Set(["key", "user", "team", "endUser", "model"])

/** Sums by bucket. Only a rolling window counts more than one bucket at a time. */
export type Tallies = Map<number, Sums>

export const dayMs = 86_400_000

const buckets = 60

/** The most days that a window has. */
const longestDays = { total: NaN, day: 1, week: 7, month: 31 }

/** Dates end at 8.64e15 ms; every window must end before. */
const longestRollingMs = 1e13

const isWindow = (window: Window): boolean =>
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
      ? NaN
      : bucketOf(window, bucketOf(window, nowMs) + longestDays[window] * dayMs)
