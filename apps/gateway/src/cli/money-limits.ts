import type { GatewayConfig } from "../config/types.ts"
import type { KeyRules } from "../keys/key-rules.ts"

export const dollars = (microUsd: number): string =>
  `$${(microUsd / 1_000_000).toLocaleString("en-US", { maximumFractionDigits: 6 })}`

const counts = {
  max_images: "images",
  rpm_limit: "requests/min",
  images_per_minute: "images/min",
  max_parallel_requests: "concurrent",
} as const

const rulesOf = (
  given: NonNullable<KeyRules["bounds"]> & NonNullable<KeyRules["defaults"]>,
): string => {
  const parts: string[] = []
  if (given.max_budget !== undefined) parts.push(dollars(given.max_budget))
  if (given.budget_duration !== undefined) parts.push(`a budget of ${given.budget_duration}`)
  if (given.soft_budget !== undefined) parts.push(`${dollars(given.soft_budget)} (soft)`)
  for (const [name, unit] of Object.entries(counts)) {
    const value = given[name as keyof typeof counts]
    if (value !== undefined) parts.push(`${value.toLocaleString("en-US")} ${unit}`)
  }
  if (given.duration !== undefined) parts.push(`valid for ${given.duration}`)
  if (given.allow_unknown_prices) parts.push("unknown prices are allowed")
  return parts.join(", ") || "no limit"
}

/** Every limit on money in the file. Budgets of keys, users, teams and tags are in the database. */
export const moneyLimits = ({ general }: GatewayConfig): readonly string[] => {
  const { budget, keyRules: { defaults, bounds } = {} } = general
  const time = budget?.duration === undefined ? "in all" : `per ${budget.duration}`
  return [
    `everything: ${budget ? `${dollars(budget.microUsd)} ${time}` : "no limit"}`,
    `a new key: ${rulesOf({ ...bounds, ...defaults })}`,
    `any key, at most: ${rulesOf(bounds ?? {})}`,
    "other budgets are in the database: GET /budget/list, GET /key/list",
  ]
}
