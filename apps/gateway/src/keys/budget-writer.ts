import type { DurableLedger } from "@pictor/ledger"
import { HTTPException } from "hono/http-exception"
import { placeOf, readBudgets, type SavedBudget, saveBudget, toLedger } from "./budget-rows.ts"
import { readDuration, toWindow } from "./duration.ts"
import { refuse } from "./fields.ts"
import type { Store } from "./tables.ts"

export interface BudgetParts {
  readonly store: Store
  readonly ledger: DurableLedger
  readonly now: () => number
}

/** The id of the budget that the configuration sets, `max_budget` of `litellm_settings`. */
const configuredId = "configuration"

export const notFound = (ids: readonly string[]): HTTPException =>
  new HTTPException(404, { message: `There is no budget ${ids.join(", ")}: GET /budget/list names all of them.` })

const find = async (store: Store, id: string): Promise<SavedBudget | undefined> => (await store.read((db) => readBudgets(db, [id])))[0]

/** The ledger keeps it without its limits. */
const clear = (ledger: DurableLedger, { scope, window }: ReturnType<typeof toLedger>): Promise<void> => ledger.setBudget({ scope, window })

const save = async ({ store, ledger }: BudgetParts, budget: SavedBudget, earlier?: SavedBudget): Promise<void> => {
  const set = toLedger(budget)
  await store.write((db) => saveBudget(db, budget))
  const before = earlier && toLedger(earlier)
  if (before && placeOf(before) !== placeOf(set)) await clear(ledger, before)
  await ledger.setBudget(set)
}

const remove = async ({ store, ledger }: BudgetParts, budget: SavedBudget): Promise<void> => {
  await clear(ledger, toLedger(budget))
  await store.write((db) => db.deleteFrom("gateway_budget").where("id", "=", budget.id).execute())
}

const checkId = (id: string): void => {
  if (id === configuredId)
    refuse([
      { code: "invalid_request", path: "budget_id", message: "The configuration sets this budget: change max_budget of its litellm_settings." },
    ])
}

/** What changes budgets, in the table and in the ledger. */
export const budgetWriter = (parts: BudgetParts) => {
  const existing = async (id: string): Promise<SavedBudget> => {
    checkId(id)
    const budget = await find(parts.store, id)
    if (!budget) throw notFound([id])
    return budget
  }
  return {
    add: async (budget: Pick<SavedBudget, "id" | "scope" | "limits">): Promise<SavedBudget> => {
      checkId(budget.id)
      const whole = { ...budget, createdMs: parts.now(), updatedMs: parts.now() }
      await save(parts, whole)
      return whole
    },
    change: async (id: string, make: (budget: SavedBudget) => SavedBudget): Promise<SavedBudget> => {
      const earlier = await existing(id)
      const budget = { ...make(earlier), updatedMs: parts.now() }
      await save(parts, budget, earlier)
      return budget
    },
    delete: async (id: string): Promise<void> => remove(parts, await existing(id)),
  }
}

/** Of the whole gateway; `duration` as LiteLLM writes it. */
export interface ConfiguredBudget {
  readonly microUsd: number
  readonly duration?: string
}

/** Sets the budget of the configuration, in place of the one that it set before; undefined: it sets none any more. */
export const configureBudget = async (parts: BudgetParts, budget: ConfiguredBudget | undefined): Promise<void> => {
  const earlier = await find(parts.store, configuredId)
  if (!budget) {
    if (earlier) await remove(parts, earlier)
    return
  }
  const { microUsd, duration } = budget
  if (duration !== undefined && !toWindow(readDuration(duration)))
    refuse([
      {
        code: "invalid_request",
        path: "budget_duration",
        message: `litellm_settings.budget_duration is ${duration}: take "1d", "7d", "1mo" or "90d".`,
      },
    ])
  const limits = { maxMicroUsd: microUsd, ...(duration !== undefined && { duration }) }
  // The same row, whichever process writes it.
  await save(parts, { id: configuredId, scope: { everything: true }, limits, createdMs: 0, updatedMs: 0 }, earlier)
}
