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

const check = (
  { budget: { window, hard, soft, allowUnknown }, name, tallies }: Tallied,
  asked: Sums,
  nowMs: number,
): string[] => {
  const refuse = (why: string, endMs = Number.NaN): never => {
    const wait = Number.isFinite(endMs) ? { retryAfterMs: endMs - nowMs } : {}
    const end = Number.isFinite(endMs)
      ? `it resets at ${new Date(endMs).toISOString()}`
      : "it does not reset by itself"
    throw new ImageError({
      code: "budget_exceeded",
      message: `The budget of ${name} refuses: ${why}; ${end}.`,
      ...wait,
    })
  }
  if (hard?.microUsd !== undefined && asked.unpricedImages > 0 && !allowUnknown)
    refuse(`${asked.unpricedImages} images have no known price, configure one or set allowUnknown`)
  const now = sumIn(window, tallies, nowMs)
  const units = [
    [
      "micro-USD",
      "microUsd",
      now.microUsd + now.maybeMicroUsd,
      now.reservedMicroUsd,
      asked.reservedMicroUsd,
    ],
    ["images", "images", now.images, now.reservedImages, asked.reservedImages],
  ] as const
  return units.flatMap(([unit, field, spent, reserved, more]) => {
    const used = spent + reserved + more
    const limit = hard?.[field] ?? Infinity
    const softLimit = soft?.[field] ?? Infinity
    if (used > limit)
      refuse(
        `of ${limit} ${unit} ${spent} are spent, ${reserved} reserved, ${more} asked`,
        resetMs(window, tallies, nowMs),
      )
    return used > softLimit
      ? [`The budget of ${name} is past its soft limit: ${used} of ${softLimit} ${unit}.`]
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
