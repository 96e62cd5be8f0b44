import type { Budget } from "@pictor/core"
import type { DurableLedger } from "@pictor/ledger"
import { findBudget, placeOf } from "./budgets.ts"
import { changeKey, findKey, type Key, type KeyReference, toKey } from "./repository.ts"
import { rejectField } from "./request-schema.ts"
import {
  applyTemplate,
  type BudgetLimits,
  type KeySettings,
  limitsOfKey,
  modelBudgetsOf,
  totalBudgetsOf,
} from "./settings.ts"
import type { Store } from "./tables.ts"
import { iso } from "./units.ts"

export interface KeyDependencies {
  readonly store: Store
  readonly ledger: DurableLedger
  readonly now: () => number
  readonly forget: () => void
}

/** Changes a key under a row lock. Undefined if it does not exist. */
export const writeKey = (
  { store, forget }: KeyDependencies,
  reference: KeyReference,
  change: (key: Key) => Key,
): Promise<Key | undefined> => store.write((db) => changeKey(db, reference, change)).finally(forget)

/** Processes agree on the time to within a few seconds. */
const clockToleranceMs = 60_000

const budgetsOf = (id: string, settings: KeySettings): readonly Budget[] => [
  ...totalBudgetsOf(id, settings),
  ...modelBudgetsOf(id, settings).map(({ budget }) => budget),
]

/** Writes the key's budgets to the ledger and clears the limits of those that it no longer has. */
export const writeBudgets = async (
  ledger: DurableLedger,
  { id, settings, createdMs }: Key,
): Promise<void> => {
  const budgets = budgetsOf(id, settings)
  const places = new Set(budgets.map(placeOf))
  const from = iso(createdMs - clockToleranceMs)
  for (const budget of budgets) await ledger.setBudget(budget, { from })
  const scopes = new Map(budgets.map(({ scope }) => [JSON.stringify(scope), scope]))
  for (const scope of scopes.values())
    for (const { budget } of await ledger.budgets(scope))
      if (!places.has(placeOf(budget))) await ledger.setBudget({ scope, window: budget.window })
}

/**
 * The same for a key that exists. If another process changes the key meanwhile, it writes the
 * budgets again, so that the ledger ends with the latest ones.
 */
const syncBudgets = async (
  dependencies: Pick<KeyDependencies, "store" | "ledger">,
  key: Key,
): Promise<void> => {
  const { store, ledger } = dependencies
  const { id, settings } = key
  await writeBudgets(ledger, key)
  const latest = await store.read((db) => findKey(db, { column: "id", value: id }))
  if (!latest) return
  if (JSON.stringify(budgetsOf(id, latest.settings)) !== JSON.stringify(budgetsOf(id, settings)))
    await syncBudgets(dependencies, latest)
}

export const templateLimits = async (store: Store, id: string): Promise<BudgetLimits> => {
  const budget = await findBudget(store, id)
  if (budget && budget.scope === undefined) return budget.limits
  return rejectField(
    "budget_id",
    budget
      ? `Budget ${id} has a scope of its own and applies without a reference. Use a budget without a scope.`
      : `Budget ${id} does not exist. List budgets with GET /budget/list, or create it with POST /budget/new.`,
  )
}

/** Copies the template's current limits to the key. If the template is gone, the key keeps them. */
export const syncTemplate = async (dependencies: KeyDependencies, key: Key): Promise<void> => {
  const { store, now } = dependencies
  const { budgetId } = key.settings
  if (budgetId === undefined) return
  const limits = (await findBudget(store, budgetId))?.limits
  if (JSON.stringify(limits) === JSON.stringify(limitsOfKey(key.settings))) return
  const change = (each: Key): Key =>
    each.settings.budgetId === budgetId
      ? { ...each, updatedMs: now(), settings: applyTemplate(each.settings, limits) }
      : each
  const changed = await writeKey(dependencies, { column: "id", value: key.id }, change)
  // The template may have changed meanwhile.
  if (changed) await syncKey(dependencies, changed)
}

/** After a change of the key: its budgets in the ledger, and the limits of its template. */
export const syncKey = async (dependencies: KeyDependencies, key: Key): Promise<void> => {
  await syncBudgets(dependencies, key)
  await syncTemplate(dependencies, key)
}

/** The same for every key that references the template. */
export const syncTemplateKeys = async (
  dependencies: KeyDependencies,
  budgetId: string,
): Promise<void> => {
  const rows = await dependencies.store.read((db) =>
    db.selectFrom("gateway_key").selectAll().execute(),
  )
  for (const key of rows.map(toKey))
    if (key.settings.budgetId === budgetId) await syncTemplate(dependencies, key)
}
