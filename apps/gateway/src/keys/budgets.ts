import type { Budget } from "@pictor/core"
import type { DurableLedger } from "@pictor/ledger"
import type { Kysely, Selectable } from "kysely"
import { z } from "zod"
import { type BudgetBody, rejectField } from "./request-schema.ts"
import { budgetLimits, toBudget } from "./settings.ts"
import type { BudgetTable, Store, Tables } from "./tables.ts"
import { parseWindow } from "./units.ts"

const scopeShape = z.union([
  z.object({ everything: z.literal(true) }),
  z.object({ user: z.string() }),
  z.object({ team: z.string() }),
  z.object({ endUser: z.string() }),
  z.object({ tag: z.string() }),
  z.object({ model: z.string() }),
])

const savedBudget = z.object({ scope: scopeShape.optional(), limits: budgetLimits })

/** A budget without a scope is a template: keys reference it by `budget_id` and get a copy each. */
export interface SavedBudget extends z.output<typeof savedBudget> {
  readonly id: string
  readonly createdMs: number
  readonly updatedMs: number
}

/** The scope that a body asks for; undefined for a template. */
export const scopeOf = (body: BudgetBody): SavedBudget["scope"] => {
  const scopes = [
    body.team_id == null ? [] : { team: body.team_id },
    body.user_id == null ? [] : { user: body.user_id },
    body.end_user_id == null ? [] : { endUser: body.end_user_id },
    body.tag == null ? [] : { tag: body.tag },
    body.model == null ? [] : { model: body.model },
    body.everything == null ? [] : { everything: true as const },
  ].flat()
  if (scopes.length > 1)
    rejectField(
      "team_id",
      "A budget has one scope: team_id, user_id, end_user_id, tag, model or everything. Omit all of them for a budget that keys reference by budget_id.",
    )
  return scopes[0]
}

/** The budget as the ledger applies it. A template has none: its keys have their own budgets. */
export const toLedgerBudget = ({
  scope,
  limits,
}: Pick<SavedBudget, "scope" | "limits">): Budget | undefined => scope && toBudget(scope, limits)

/** Scope and window: the ledger holds one budget for each pair. */
export const placeOf = ({ scope, window }: Budget): string => JSON.stringify([scope, window])

type Db = Kysely<Tables>

const toSaved = (row: Selectable<BudgetTable>): SavedBudget => ({
  id: row.id,
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
  ...savedBudget.parse(JSON.parse(row.settings)),
})

export const readBudgets = async (
  db: Db,
  ids?: readonly string[],
): Promise<readonly SavedBudget[]> => {
  const rows = await db
    .selectFrom("gateway_budget")
    .selectAll()
    .$if(ids !== undefined, (query) => query.where("id", "in", [...(ids ?? [])]))
    .orderBy("created_ms")
    .orderBy("id")
    .execute()
  return rows.map(toSaved)
}

export const findBudget = async (store: Store, id: string): Promise<SavedBudget | undefined> =>
  (await store.read((db) => readBudgets(db, [id])))[0]

const rejectDuplicate = (field: string, id: string): never =>
  rejectField(
    field,
    `Budget ${id} already exists for this. Update it, or delete it with POST /budget/delete.`,
  )

/** Writes a row. The same row again changes nothing. */
const writeRow = async (db: Db, budget: SavedBudget): Promise<void> => {
  const { id, createdMs, updatedMs, scope, limits } = budget
  const inLedger = toLedgerBudget(budget)
  const place = inLedger ? placeOf(inLedger) : JSON.stringify(["keys", id])
  const samePlace = await db
    .selectFrom("gateway_budget")
    .select("id")
    .where("place", "=", place)
    .where("id", "<>", id)
    .executeTakeFirst()
  if (samePlace) rejectDuplicate("budget_duration", samePlace.id)
  const sameId = await db
    .selectFrom("gateway_budget")
    .select("created_ms")
    .where("id", "=", id)
    .executeTakeFirst()
  if (sameId && sameId.created_ms !== createdMs) rejectDuplicate("budget_id", id)
  const settings = JSON.stringify({ scope, limits })
  const row = { id, place, created_ms: createdMs, updated_ms: updatedMs, settings }
  await db
    .insertInto("gateway_budget")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute()
}

interface Databases {
  readonly store: Store
  readonly ledger: DurableLedger
}

/** Removes the limits. The ledger keeps counting. */
const clear = (ledger: DurableLedger, { scope, window }: Budget): Promise<void> =>
  ledger.setBudget({ scope, window })

/**
 * Copies the row of a place to the ledger. If another process changes the row meanwhile, it copies
 * the row again, so that the ledger ends with the latest one.
 */
const syncPlace = async ({ store, ledger }: Databases, budget: Budget): Promise<void> => {
  const read = () =>
    store.read((db) =>
      db
        .selectFrom("gateway_budget")
        .selectAll()
        .where("place", "=", placeOf(budget))
        .executeTakeFirst(),
    )
  const row = await read()
  const current = row && toLedgerBudget(toSaved(row))
  await (current ? ledger.setBudget(current) : clear(ledger, budget))
  if (JSON.stringify(await read()) !== JSON.stringify(row))
    await syncPlace({ store, ledger }, budget)
}

/** Each version of a changed budget may have another place. */
const syncPlaces = async (
  databases: Databases,
  versions: readonly SavedBudget[],
): Promise<void> => {
  const budgets = versions.flatMap((each) => toLedgerBudget(each) ?? [])
  for (const budget of new Map(budgets.map((each) => [placeOf(each), each])).values())
    await syncPlace(databases, budget)
}

const configuredId = "configuration"

const checkId = (id: string): void => {
  if (id === configuredId)
    rejectField(
      "budget_id",
      "The configuration sets this budget. Change max_budget in litellm_settings.",
    )
}

export interface BudgetDependencies extends Databases {
  readonly now: () => number
}

export const addBudget = async (
  dependencies: BudgetDependencies,
  given: Pick<SavedBudget, "id" | "scope" | "limits">,
): Promise<SavedBudget> => {
  checkId(given.id)
  const nowMs = dependencies.now()
  const budget = { ...given, createdMs: nowMs, updatedMs: nowMs }
  await dependencies.store.write((db) => writeRow(db, budget))
  await syncPlaces(dependencies, [budget])
  return budget
}

/** Changes a budget under a row lock. Undefined if it does not exist. */
export const changeBudget = async (
  dependencies: BudgetDependencies,
  id: string,
  changeLimits: (limits: SavedBudget["limits"]) => SavedBudget["limits"],
): Promise<SavedBudget | undefined> => {
  checkId(id)
  // Of every attempt: a failed transaction may have been committed.
  const versions: SavedBudget[] = []
  const budget = await dependencies.store.write(async (db) => {
    // An update without a change locks the row on both databases.
    const row = await db
      .updateTable("gateway_budget")
      .set((eb) => ({ place: eb.ref("place") }))
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirst()
    if (!row) return undefined
    const before = toSaved(row)
    const after = { ...before, limits: changeLimits(before.limits), updatedMs: dependencies.now() }
    versions.push(before, after)
    await writeRow(db, after)
    return after
  })
  await syncPlaces(dependencies, versions)
  return budget
}

const remove = async (databases: Databases, budget: SavedBudget): Promise<void> => {
  const { store, ledger } = databases
  const inLedger = toLedgerBudget(budget)
  // The ledger comes first: if deleting the row fails, the row can be deleted again.
  if (inLedger) await clear(ledger, inLedger)
  await store.write((db) => db.deleteFrom("gateway_budget").where("id", "=", budget.id).execute())
  if (inLedger) await syncPlace(databases, inLedger)
}

/** False if the budget does not exist. */
export const deleteBudget = async (databases: Databases, id: string): Promise<boolean> => {
  checkId(id)
  const budget = await findBudget(databases.store, id)
  if (budget) await remove(databases, budget)
  return budget !== undefined
}

/** The budget of the whole gateway. `duration` is in LiteLLM's form. */
export interface ConfiguredBudget {
  readonly microUsd: number
  readonly duration?: string
}

/** Replaces the budget of the configuration; undefined deletes it. */
export const configureBudget = async (
  databases: Databases,
  budget: ConfiguredBudget | undefined,
): Promise<void> => {
  const earlier = await findBudget(databases.store, configuredId)
  if (!budget) {
    if (earlier) await remove(databases, earlier)
    return
  }
  const { microUsd, duration } = budget
  if (!parseWindow(duration))
    rejectField(
      "budget_duration",
      `Invalid litellm_settings.budget_duration ${duration}. Use "1d", "7d", "1mo" or "90d".`,
    )
  const configured: SavedBudget = {
    id: configuredId,
    scope: { everything: true },
    limits: { maxMicroUsd: microUsd, ...(duration !== undefined && { duration }) },
    // Every process writes the same row.
    createdMs: 0,
    updatedMs: 0,
  }
  await databases.store.write((db) => writeRow(db, configured))
  await syncPlaces(databases, earlier ? [earlier, configured] : [configured])
}
