import type { DurableLedger } from "@pictor/ledger"
import { findKey, type Key } from "./rows.ts"
import { budgetsOfKey } from "./settings.ts"
import type { Store } from "./tables.ts"
import { iso, minuteMs } from "./time.ts"

/** Brings the ledger's budgets of a key to what its settings say; what is no longer asked for loses its limits. */
export const setBudgets = async (ledger: DurableLedger, { id, settings, createdMs }: Key): Promise<void> => {
  const budgets = budgetsOfKey(id, settings)
  const windows = budgets.map(({ window }) => JSON.stringify(window))
  // Clocks agree to a few seconds.
  const from = iso(createdMs - minuteMs)
  for (const budget of budgets) await ledger.setBudget(budget, { from })
  for (const { budget } of await ledger.budgets({ key: id }))
    if (!windows.includes(JSON.stringify(budget.window))) await ledger.setBudget({ scope: budget.scope, window: budget.window })
}

/** The same of a key that others may change meanwhile: whoever is overtaken by a later change sets its budgets once more, so that the latest stand. */
export const keepBudgets = async (store: Store, ledger: DurableLedger, key: Key): Promise<void> => {
  const { id, settings } = key
  await setBudgets(ledger, key)
  const now = await store.read((db) => findKey(db, { column: "id", value: id }))
  if (now && JSON.stringify(budgetsOfKey(id, now.settings)) !== JSON.stringify(budgetsOfKey(id, settings))) await keepBudgets(store, ledger, now)
}
