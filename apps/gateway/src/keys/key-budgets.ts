import type { Budget } from "@pictor/core"
import type { DurableLedger } from "@pictor/ledger"
import { placeOf } from "./budget-rows.ts"
import { toUsd } from "./money.ts"
import { findKey, type Key } from "./repository.ts"
import { budgetsOfKey, type KeySettings, modelBudgetsOfKey } from "./settings.ts"
import type { Store } from "./tables.ts"
import { iso, minuteMs } from "./time.ts"

const allBudgets = (id: string, settings: KeySettings): readonly Budget[] => [
  ...budgetsOfKey(id, settings),
  ...modelBudgetsOfKey(id, settings).map(({ budget }) => budget),
]

/** Brings the ledger's budgets of a key to what its settings say; what is no longer asked for loses its limits. */
export const setBudgets = async (
  ledger: DurableLedger,
  { id, settings, createdMs }: Key,
): Promise<void> => {
  const budgets = allBudgets(id, settings)
  const places = new Set(budgets.map(placeOf))
  // Clocks agree to a few seconds.
  const from = iso(createdMs - minuteMs)
  for (const budget of budgets) await ledger.setBudget(budget, { from })
  for (const scope of new Map(
    budgets.map((budget) => [JSON.stringify(budget.scope), budget.scope]),
  ).values())
    for (const { budget } of await ledger.budgets(scope))
      if (!places.has(placeOf(budget)))
        await ledger.setBudget({ scope: budget.scope, window: budget.window })
}

/** In US dollars, in the time of each model's budget. */
export const modelSpendOf = async (
  ledger: DurableLedger,
  { id, settings }: Key,
): Promise<Readonly<Record<string, number>>> => {
  const spent = modelBudgetsOfKey(id, settings).map(async ({ model, budget }) => {
    const states = await ledger.budgets(budget.scope)
    const state = states.find((each) => placeOf(each.budget) === placeOf(budget))
    return [model, toUsd(state?.cost.microUsd ?? 0)] as const
  })
  return Object.fromEntries(await Promise.all(spent))
}

/** The same of a key that others may change meanwhile: whoever is overtaken by a later change sets its budgets once more, so that the latest stand. */
export const keepBudgets = async (store: Store, ledger: DurableLedger, key: Key): Promise<void> => {
  const { id, settings } = key
  await setBudgets(ledger, key)
  const now = await store.read((db) => findKey(db, { column: "id", value: id }))
  if (
    now &&
    JSON.stringify(allBudgets(id, now.settings)) !== JSON.stringify(allBudgets(id, settings))
  )
    await keepBudgets(store, ledger, now)
}
