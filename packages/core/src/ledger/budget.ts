import { dollars } from "../contract/cost.ts"
import { ImageError } from "../contract/errors.ts"
import type { Budget, Scope } from "../contract/ledger.ts"
import { type Draft, type Entry, invalid, plus, type Sums, whole, zero } from "./row.ts"
import { bucketOf, isWindow, resetMs, sumIn, type Tallies } from "./window.ts"

interface Tallied {
  readonly budget: Budget
  readonly name: string
  readonly tallies: Tallies
}

/** Scope → window → budget. */
export type Budgets = Map<string, Map<string, Tallied>>

/** Puts a budget in place of the one with its scope and window; `entries` are what was spent before. */
export const placeBudget = (budgets: Budgets, budget: Budget, entries: Iterable<Entry>): void => {
  const { scope, window, hard, soft } = budget
  whole({ ...hard })
  whole({ ...soft })
  if (!isWindow(window))
    throw invalid("A budget's window is total, day, week, month, or { rollingMs } from 60 to 1e13.")
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

/** Counts a change of an entry's sums in every budget that it falls under. */
export const countIn = (budgets: Budgets, entry: Entry, change: Sums): void => {
  for (const each of budgetsOf(budgets, entry)) count(each, entry, change)
}

/** Throws `budget_exceeded` where the rows together would pass a hard limit; gives the soft limits that they pass. */
export const admit = (
  budgets: Budgets,
  rows: readonly Draft[],
  nowMs: number,
): readonly string[] => {
  const asked = new Map<Tallied, Sums>()
  for (const row of rows)
    for (const each of budgetsOf(budgets, row))
      asked.set(
        each,
        plus(asked.get(each) ?? zero, { ...row.sums, unpricedImages: row.cost.unpricedImages }),
      )
  return [...asked].flatMap(([each, more]) => check(each, more, nowMs))
}

/** `on 2026-12-01` for midnight, else the date and time. */
const resetText = (timeMs: number): string => {
  const text = new Date(timeMs).toISOString()
  return text.endsWith("T00:00:00.000Z") ? `on ${text.slice(0, 10)}` : `at ${text}`
}

const exceeded = (message: string, endMs = Number.NaN, nowMs = 0): ImageError =>
  Number.isFinite(endMs)
    ? new ImageError({
        code: "budget_exceeded",
        message: `${message} It resets ${resetText(endMs)}.`,
        retryAfterMs: endMs - nowMs,
      })
    : new ImageError({ code: "budget_exceeded", message: `${message} It does not reset.` })

const images = (count: number): string =>
  `${count.toLocaleString("en-US")} image${count === 1 ? "" : "s"}`

/** Throws where the rows pass a hard limit of this budget; returns warnings of the soft limits that they pass. */
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
        resetMs(window, tallies, nowMs),
        nowMs,
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

/** What a scope is called in messages and in tables. */
export const scopeName = (scope: Scope): string => {
  const [name, value] = Object.entries(scope)[0] ?? []
  if (value === undefined)
    throw invalid("A budget's scope is everything, key, user, team, tag or model.")
  if (name === "everything") return name
  return name === "tag" ? `tag:${value}` : `${name}=${value}`
}

/** The names of the scopes that an entry falls under. */
export const scopesOf = ({ facts }: Pick<Entry, "facts">): readonly string[] => {
  // A tag named "a=b" and a tag a of value b are in one scope.
  const names = new Set(["everything"])
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith("tag:")) names.add(name).add(`${name}=${value}`)
    else if (limited.has(name)) names.add(`${name}=${value}`)
  }
  return [...names]
}

/** Facts that a budget can be for; tags are others. */
const limited: ReadonlySet<string> = new Set(["key", "user", "team", "model"])
