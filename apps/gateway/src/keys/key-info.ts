import type { BudgetState } from "@pictor/ledger"
import { optionalUsd, toUsd } from "./money.ts"
import type { Key } from "./repository.ts"
import { budgetsOfKey } from "./settings.ts"
import { iso } from "./time.ts"

/** What a budget came to, in LiteLLM's words and our own. */
export const standing = (state: BudgetState | undefined) => ({
  spend: toUsd(state?.cost.microUsd ?? 0),
  maybe_spend: toUsd(state?.cost.maybeMicroUsd ?? 0),
  reserved_spend: toUsd(state?.reserved.microUsd ?? 0),
  images: state?.images ?? 0,
  budget_reset_at: state?.resetsAt ?? null,
})

/** Where the budget stands that counts all that a key spends. */
export const ownState = (
  { id, settings }: Key,
  states: readonly BudgetState[],
): BudgetState | undefined => {
  const window = JSON.stringify(budgetsOfKey(id, settings)[0]?.window)
  return states.find(({ budget }) => JSON.stringify(budget.window) === window)
}

const inUsd = (settings: Key["settings"]) =>
  settings.modelBudgets &&
  Object.fromEntries(
    Object.entries(settings.modelBudgets).map(([model, { maxMicroUsd, duration }]) => [
      model,
      { budget_limit: toUsd(maxMicroUsd), time_period: duration ?? null },
    ]),
  )

/** What is known of a key beside its row. */
export interface KeyStates {
  /** Of its budgets. */
  readonly states: readonly BudgetState[]
  /** In US dollars, of models with a budget. */
  readonly modelSpend: Readonly<Record<string, number>>
  /** When the secrets that it had before end, as far as they still count. */
  readonly formerEndsMs: readonly number[]
}

/** A key as LiteLLM's clients know it, in US dollars, without its secret. */
export const keyInfo = (key: Key, { states, modelSpend, formerEndsMs }: KeyStates) => {
  const { settings } = key
  return {
    token: key.id,
    key_name: key.name,
    key_alias: key.alias,
    ...standing(ownState(key, states)),
    budget_id: settings.budgetId ?? null,
    max_budget: optionalUsd(settings.maxMicroUsd),
    soft_budget: optionalUsd(settings.softMicroUsd),
    max_images: settings.maxImages ?? null,
    budget_duration: settings.duration ?? null,
    budget_limits: settings.furtherBudgets.map(({ duration, maxMicroUsd }) => ({
      budget_duration: duration,
      max_budget: toUsd(maxMicroUsd),
    })),
    model_max_budget: inUsd(settings) ?? null,
    model_spend: modelSpend,
    allow_unknown_prices: settings.allowUnknown ?? false,
    models: settings.models,
    aliases: settings.aliases,
    metadata: settings.metadata,
    tags: settings.tags,
    rpm_limit: settings.requestsPerMinute ?? null,
    model_rpm_limit: settings.modelRequestsPerMinute ?? null,
    images_per_minute: settings.imagesPerMinute ?? null,
    max_parallel_requests: settings.maxParallelRequests ?? null,
    user_id: key.user,
    team_id: key.team,
    blocked: key.blocked,
    expires: key.expiresMs === null ? null : iso(key.expiresMs),
    former_keys_expire: formerEndsMs.map(iso),
    created_at: iso(key.createdMs),
    updated_at: iso(key.updatedMs),
  }
}

export type KeyInfo = ReturnType<typeof keyInfo>
