import type { DurableLedger } from "@pictor/ledger"
import { findKey, type Key } from "./rows.ts"
import { budgetsOfKey, type KeySettings } from "./settings.ts"
import type { Store } from "./tables.ts"

/** Brings the ledger's budgets of a key to what its settings say; what is no longer asked for loses its limits. */
export const setBudgets = async (ledger: DurableLedger, id: string, settings: KeySettings): Promise<void> => {
  const budgets = budgetsOfKey(id, settings)
  const windows = budgets.map(({ window }) => JSON.stringify(window))
  for (const budget of budgets) await ledger.setBudget(budget)
  for (const { budget } of await ledger.budgets({ key: id }))
    if (!windows.includes(JSON.stringify(budget.window))) await ledger.setBudget({ scope: budget.scope, window: budget.window })
}

/** The same of a key that others may change meanwhile: whoever is overtaken by a later change sets its budgets once more, so that the latest stand. */
export const keepBudgets = async (store: Store, ledger: DurableLedger, { id, settings }: Key): Promise<void> => {
  await setBudgets(ledger, id, settings)
  const now = await store.read((db) => findKey(db, { column: "id", value: id }))
  if (now && JSON.stringify(budgetsOfKey(id, now.settings)) !== JSON.stringify(budgetsOfKey(id, settings))) await keepBudgets(store, ledger, now)
}
