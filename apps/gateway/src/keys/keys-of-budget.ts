import { readBudgets } from "./budget-rows.ts"
import { keepBudgets } from "./key-budgets.ts"
import type { KeyParts } from "./key-service.ts"
import { changeKey, type Key, toKey } from "./repository.ts"
import { refuse } from "./request-schema.ts"
import { type BudgetLimits, limitsOfKey, underBudget } from "./settings.ts"
import type { Store } from "./tables.ts"

const find = async (store: Store, id: string) =>
  (await store.read((db) => readBudgets(db, [id])))[0]

/** The limits of the budget that a key is to have, each key for itself. Throws `invalid_request` where there is none, or where it is somebody's already. */
export const limitsFor = async (store: Store, id: string): Promise<BudgetLimits> => {
  const budget = await find(store, id)
  if (budget && budget.scope === undefined) return budget.limits
  const message = budget
    ? `The budget ${id} holds without being named: it is of a team, a user, a tag, a model or everything.`
    : `There is no budget ${id}: GET /budget/list names all of them, and /budget/new makes one.`
  return refuse([{ code: "invalid_request", path: "budget_id", message }])
}

/** Brings a key to what its budget says now; where that is gone its limits are the key's own. Changes of the budget meanwhile are kept up with. */
export const keepToBudget = async (parts: KeyParts, key: Key): Promise<void> => {
  const { store, ledger, now, forget } = parts
  const { budgetId } = key.settings
  if (budgetId === undefined) return
  const limits = (await find(store, budgetId))?.limits
  if (JSON.stringify(limits) === JSON.stringify(limitsOfKey(key.settings))) return
  const change = (each: Key): Key =>
    each.settings.budgetId === budgetId
      ? { ...each, updatedMs: now(), settings: underBudget(each.settings, limits) }
      : each
  const changed = await store
    .write((db) => changeKey(db, { column: "id", value: key.id }, change))
    .finally(forget)
  if (!changed) return
  await keepBudgets(store, ledger, changed)
  await keepToBudget(parts, changed)
}

/** The same of all keys that name a budget. */
export const keepKeysToBudget = async (parts: KeyParts, budgetId: string): Promise<void> => {
  const rows = await parts.store.read((db) => db.selectFrom("gateway_key").selectAll().execute())
  for (const key of rows.map(toKey))
    if (key.settings.budgetId === budgetId) await keepToBudget(parts, key)
}
