import type { Budget } from "@pictor/core"
import type { Kysely, Selectable } from "kysely"
import { z } from "zod"
import { type BudgetBody, refuse } from "./request-schema.ts"
import { budgetLimits, toBudget } from "./settings.ts"
import type { Tables } from "./tables.ts"

const scopeShape = z.union([
  z.object({ everything: z.literal(true) }),
  z.object({ user: z.string() }),
  z.object({ team: z.string() }),
  z.object({ tag: z.string() }),
  z.object({ model: z.string() }),
])

const savedBudget = z.object({ scope: scopeShape.optional(), limits: budgetLimits })

/** A budget of a team, a user, a tag, a model or everything; one without a scope is for keys to name, each of which has it for itself. */
export interface SavedBudget extends z.output<typeof savedBudget> {
  readonly id: string
  readonly createdMs: number
  readonly updatedMs: number
}

/** Whose budget a body asks for; undefined: of keys. Throws `invalid_request` where it says that twice. */
export const scopeOf = (body: BudgetBody): SavedBudget["scope"] => {
  const scopes = [
    body.team_id == null ? [] : { team: body.team_id },
    body.user_id == null ? [] : { user: body.user_id },
    body.tag == null ? [] : { tag: body.tag },
    body.model == null ? [] : { model: body.model },
    body.everything == null ? [] : { everything: true as const },
  ].flat()
  const [scope] = scopes
  if (scopes.length <= 1) return scope
  const message =
    "A budget is of one: team_id, user_id, tag, model, or everything (true); or of the keys that name it as budget_id."
  return refuse([{ code: "invalid_request", path: "team_id", message }])
}

/** What the ledger holds of it: of keys nothing, they have budgets of their own. */
export const toLedger = ({
  scope,
  limits,
}: Pick<SavedBudget, "scope" | "limits">): Budget | undefined => scope && toBudget(scope, limits)

/** Scope and window, of which there is one budget at most. */
export const placeOf = ({ scope, window }: Budget): string => JSON.stringify([scope, window])

const rowPlaceOf = (budget: SavedBudget): string => {
  const held = toLedger(budget)
  return held ? placeOf(held) : JSON.stringify(["keys", budget.id])
}

type Db = Kysely<Tables>

const toSaved = (row: Selectable<Tables["gateway_budget"]>): SavedBudget => ({
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

/** The one that holds there. */
export const findAt = async (db: Db, place: string): Promise<SavedBudget | undefined> => {
  const row = await db
    .selectFrom("gateway_budget")
    .selectAll()
    .where("place", "=", place)
    .executeTakeFirst()
  return row && toSaved(row)
}

const taken = (field: string, id: string): never =>
  refuse([
    {
      code: "invalid_request",
      path: field,
      message: `There is a budget for this already, ${id}: change that one, or delete it with /budget/delete.`,
    },
  ])

/** Writes a budget; the same again changes nothing. Throws `invalid_request` where its id or its place is another's. */
export const saveBudget = async (db: Db, budget: SavedBudget): Promise<void> => {
  const { id, createdMs, updatedMs, scope, limits } = budget
  const place = rowPlaceOf(budget)
  const other = await db
    .selectFrom("gateway_budget")
    .select("id")
    .where("place", "=", place)
    .where("id", "<>", id)
    .executeTakeFirst()
  if (other) taken("budget_duration", other.id)
  const row = {
    id,
    place,
    created_ms: createdMs,
    updated_ms: updatedMs,
    settings: JSON.stringify({ scope, limits }),
  }
  const same = await db
    .selectFrom("gateway_budget")
    .select("created_ms")
    .where("id", "=", id)
    .executeTakeFirst()
  if (same && same.created_ms !== createdMs) taken("budget_id", id)
  await db
    .insertInto("gateway_budget")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute()
}

/** A budget after a change, which is made under a lock; undefined: there is none of this id. */
export const changeBudget = async (
  db: Db,
  id: string,
  change: (earlier: SavedBudget) => SavedBudget,
): Promise<SavedBudget | undefined> => {
  // An update of nothing locks the row on both databases.
  const row = await db
    .updateTable("gateway_budget")
    .set((eb) => ({ place: eb.ref("place") }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst()
  if (!row) return undefined
  const budget = change(toSaved(row))
  await saveBudget(db, budget)
  return budget
}
