import type { Budget } from "@pictor/core"
import type { DurableLedger } from "@pictor/ledger"
import { HTTPException } from "hono/http-exception"
import {
  changeBudget,
  findAt,
  placeOf,
  readBudgets,
  type SavedBudget,
  saveBudget,
  toLedger,
} from "./budget-rows.ts"
import { readDuration, toWindow } from "./duration.ts"
import { refuse } from "./request-schema.ts"
import type { Store } from "./tables.ts"

export interface BudgetParts {
  readonly store: Store
  readonly ledger: DurableLedger
  readonly now: () => number
}

/** The id of the budget that the configuration sets, `max_budget` of `litellm_settings`. */
const configuredId = "configuration"

export const notFound = (ids: readonly string[]): HTTPException =>
  new HTTPException(404, {
    message: `There is no budget ${ids.join(", ")}: GET /budget/list names all of them.`,
  })

const find = async (store: Store, id: string): Promise<SavedBudget | undefined> =>
  (await store.read((db) => readBudgets(db, [id])))[0]

type Parts = Omit<BudgetParts, "now">

/** The ledger keeps it without its limits. */
const clear = (ledger: DurableLedger, { scope, window }: Budget): Promise<void> =>
  ledger.setBudget({ scope, window })

/** Brings the ledger to what the table says of a place. Whoever is overtaken by a later change does it once more, so that the latest stands. */
const keep = async (parts: Parts, at: Budget): Promise<void> => {
  const read = () => parts.store.read((db) => findAt(db, placeOf(at)))
  const saved = await read()
  const held = saved && toLedger(saved)
  await (held ? parts.ledger.setBudget(held) : clear(parts.ledger, at))
  if (JSON.stringify(await read()) !== JSON.stringify(saved)) await keep(parts, at)
}

/** `earlier`: where it may have been before. */
const keepAll = async (
  parts: Parts,
  budget: SavedBudget,
  earlier: readonly SavedBudget[],
): Promise<void> => {
  const held = [...earlier, budget].flatMap((each) => toLedger(each) ?? [])
  for (const at of new Map(held.map((each) => [placeOf(each), each])).values())
    await keep(parts, at)
}

const save = async (
  parts: Parts,
  budget: SavedBudget,
  earlier: readonly SavedBudget[],
): Promise<void> => {
  await parts.store.write((db) => saveBudget(db, budget))
  await keepAll(parts, budget, earlier)
}

const remove = async (parts: Parts, budget: SavedBudget): Promise<void> => {
  const held = toLedger(budget)
  // First: where the row cannot be deleted, it is there to be deleted again.
  if (held) await clear(parts.ledger, held)
  await parts.store.write((db) =>
    db.deleteFrom("gateway_budget").where("id", "=", budget.id).execute(),
  )
  if (held) await keep(parts, held)
}

const checkId = (id: string): void => {
  if (id === configuredId)
    refuse([
      {
        code: "invalid_request",
        path: "budget_id",
        message: "The configuration sets this budget: change max_budget of its litellm_settings.",
      },
    ])
}

/** What changes budgets, in the table and in the ledger. */
export const budgetWriter = (parts: BudgetParts) => {
  const { store, now } = parts
  return {
    add: async (given: Pick<SavedBudget, "id" | "scope" | "limits">): Promise<SavedBudget> => {
      checkId(given.id)
      const budget = { ...given, createdMs: now(), updatedMs: now() }
      await save(parts, budget, [])
      return budget
    },
    change: async (
      id: string,
      make: (budget: SavedBudget) => SavedBudget,
    ): Promise<SavedBudget> => {
      checkId(id)
      // Of every try: the first may have been written without our knowing.
      const earlier: SavedBudget[] = []
      const budget = await store.write((db) =>
        changeBudget(db, id, (before) => {
          earlier.push(before)
          return { ...make(before), updatedMs: now() }
        }),
      )
      if (!budget) throw notFound([id])
      await keepAll(parts, budget, earlier)
      return budget
    },
    delete: async (id: string): Promise<void> => {
      checkId(id)
      const budget = await find(store, id)
      if (!budget) throw notFound([id])
      await remove(parts, budget)
    },
  }
}

/** Of the whole gateway; `duration` as LiteLLM writes it. */
export interface ConfiguredBudget {
  readonly microUsd: number
  readonly duration?: string
}

/** Sets the budget of the configuration, in place of the one that it set before; undefined: it sets none any more. */
export const configureBudget = async (
  parts: BudgetParts,
  budget: ConfiguredBudget | undefined,
): Promise<void> => {
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
  await save(
    parts,
    { id: configuredId, scope: { everything: true }, limits, createdMs: 0, updatedMs: 0 },
    earlier ? [earlier] : [],
  )
}
