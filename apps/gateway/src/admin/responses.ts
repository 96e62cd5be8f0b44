import type { Scope } from "@pictor/core"
import { nearest, quote } from "@pictor/core/host"
import { resetMs } from "@pictor/core/ledger"
import type { BudgetState, DurableLedger } from "@pictor/ledger"
import type { GroupOf } from "../auth/model-access.ts"
import { placeOf, type SavedBudget, toLedgerBudget } from "../keys/budgets.ts"
import type { OperationDependencies } from "../keys/operations.ts"
import { formerExpiries, type Key } from "../keys/repository.ts"
import { modelBudgetsOf, totalBudgetsOf } from "../keys/settings.ts"
import { iso, parseWindow, toUsd } from "../keys/units.ts"

const optionalUsd = (microUsd: number | undefined): number | null =>
  microUsd === undefined ? null : toUsd(microUsd)

const budgetState = (state: BudgetState | undefined) => ({
  spend: toUsd(state?.cost.microUsd ?? 0),
  maybe_spend: toUsd(state?.cost.maybeMicroUsd ?? 0),
  reserved_spend: toUsd(state?.reserved.microUsd ?? 0),
  images: state?.images ?? 0,
  budget_reset_at: state?.resetsAt ?? null,
})

const stateOf = (
  states: readonly BudgetState[],
  budget: BudgetState["budget"],
): BudgetState | undefined => states.find((state) => placeOf(state.budget) === placeOf(budget))

/** The state of the budget for all of a key's spending. */
export const totalState = async (
  ledger: DurableLedger,
  { id, settings }: Key,
): Promise<BudgetState | undefined> =>
  stateOf(await ledger.budgets({ key: id }), totalBudgetsOf(id, settings)[0])

const modelSpend = async (ledger: DurableLedger, { id, settings }: Key) => {
  const spent = modelBudgetsOf(id, settings).map(async ({ model, budget }) => {
    const state = stateOf(await ledger.budgets(budget.scope), budget)
    return [model, toUsd(state?.cost.microUsd ?? 0)] as const
  })
  return Object.fromEntries(await Promise.all(spent))
}

/** A key's spending by provider. Older calls have none, which is "". */
export const providerSpend = async (
  { ledger }: Pick<OperationDependencies, "ledger">,
  { id }: Key,
): Promise<Readonly<Record<string, number>>> => {
  const rows = await ledger.spend({ by: ["provider"], key: id })
  return Object.fromEntries(
    rows.map(({ group, microUsd }) => [group["provider"] ?? "", toUsd(microUsd)]),
  )
}

/** A key in LiteLLM's fields, without its secret. Money is in US dollars. */
export const keyInfo = async ({ store, ledger, now }: OperationDependencies, key: Key) => {
  const { settings } = key
  const former = await store.read((db) => formerExpiries(db, key.id, now()))
  return {
    token: key.id,
    key_name: key.name,
    key_alias: key.alias,
    ...budgetState(await totalState(ledger, key)),
    budget_id: settings.budgetId ?? null,
    max_budget: optionalUsd(settings.maxMicroUsd),
    soft_budget: optionalUsd(settings.softMicroUsd),
    max_images: settings.maxImages ?? null,
    budget_duration: settings.duration ?? null,
    budget_limits: settings.furtherBudgets.map(({ duration, maxMicroUsd }) => ({
      budget_duration: duration,
      max_budget: toUsd(maxMicroUsd),
    })),
    model_max_budget:
      settings.modelBudgets === undefined
        ? null
        : Object.fromEntries(
            Object.entries(settings.modelBudgets).map(([model, { maxMicroUsd, duration }]) => [
              model,
              { budget_limit: toUsd(maxMicroUsd), time_period: duration ?? null },
            ]),
          ),
    model_spend: await modelSpend(ledger, key),
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
    former_keys_expire: former.map(iso),
    created_at: iso(key.createdMs),
    updated_at: iso(key.updatedMs),
  }
}

const scopeFields = (scope: Partial<Scope> = {}) => ({
  team_id: "team" in scope ? scope.team : null,
  user_id: "user" in scope ? scope.user : null,
  end_user_id: "endUser" in scope ? scope.endUser : null,
  tag: "tag" in scope ? scope.tag : null,
  model: "model" in scope ? scope.model : null,
  everything: "everything" in scope,
})

/** When the window of a copy that a key gets now would reset. */
const templateReset = (duration: string | undefined, nowMs: number): string | null => {
  const window = parseWindow(duration)
  if (!window || window === "total") return null
  return iso(
    typeof window === "object" ? nowMs + window.rollingMs : resetMs(window, new Map(), nowMs),
  )
}

/** A budget in LiteLLM's fields. A template has no state: its keys spend from their own copies. */
export const budgetInfo = async (
  { ledger, now }: Pick<OperationDependencies, "ledger" | "now">,
  budget: SavedBudget,
) => {
  const { id, scope, limits } = budget
  const inLedger = toLedgerBudget(budget)
  return {
    budget_id: id,
    ...scopeFields(scope),
    budget_reset_at: templateReset(limits.duration, now()),
    ...(inLedger && budgetState(stateOf(await ledger.budgets(inLedger.scope), inLedger))),
    max_budget: optionalUsd(limits.maxMicroUsd),
    soft_budget: optionalUsd(limits.softMicroUsd),
    max_images: limits.maxImages ?? null,
    budget_duration: limits.duration ?? null,
    allow_unknown_prices: limits.allowUnknown ?? false,
    created_at: iso(budget.createdMs),
    updated_at: iso(budget.updatedMs),
  }
}

/** The models of this gateway. Another gateway on the database may have others. */
export interface KnownModels {
  readonly names: readonly string[]
  /** The models' ids in the ledger. */
  readonly ids: readonly string[]
  readonly groupOf: GroupOf
}

const isPattern = (name: string): boolean => name.endsWith("*") || name.startsWith("all-")

/** One warning for each model name in a key that this gateway does not know. */
export const unknownModelWarnings = (
  { settings }: Key,
  known: KnownModels | undefined,
): readonly string[] => {
  if (!known) return []
  const { aliases } = settings
  const isKnown = (name: string) => known.names.includes(known.groupOf(aliases[name] ?? name))
  const fields = {
    models: settings.models.filter((name) => !isPattern(name)),
    aliases: Object.values(aliases),
    model_rpm_limit: Object.keys(settings.modelRequestsPerMinute ?? {}),
    model_max_budget: Object.keys(settings.modelBudgets ?? {}),
  }
  return Object.entries(fields).flatMap(([field, names]) =>
    [...new Set(names)]
      .filter((name) => !isKnown(name))
      .map(
        (name) =>
          `${field}: this gateway has no model ${quote(name)}. The nearest names are ${nearest(name, known.names).join(", ")}.`,
      ),
  )
}

/** The same for a budget, whose `model` is the id in the ledger. */
export const unknownModelIdWarnings = (
  model: string | null | undefined,
  known: KnownModels | undefined,
): readonly string[] =>
  model == null || !known || known.ids.includes(model)
    ? []
    : [
        `model: this gateway calls no model with the id ${quote(model)}. The nearest ids are ${nearest(model, known.ids).join(", ")}.`,
      ]
