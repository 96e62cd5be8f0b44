import { randomBytes } from "node:crypto"
import type { Scope } from "@pictor/core"
import type { DurableLedger } from "@pictor/ledger"
import { Hono } from "hono"
import { placeOf, readBudgets, type SavedBudget, scopeOf, toLedger } from "../keys/budget-rows.ts"
import { budgetWriter, notFound } from "../keys/budget-writer.ts"
import { standing } from "../keys/key-info.ts"
import type { KeyParts } from "../keys/key-service.ts"
import { keepKeysToBudget } from "../keys/keys-of-budget.ts"
import { type KnownModels, unknownModel } from "../keys/known-models.ts"
import { optionalUsd } from "../keys/money.ts"
import {
  budgetDeleteBody,
  budgetInfoBody,
  newBudgetBody,
  take,
  updateBudgetBody,
} from "../keys/request-schema.ts"
import { changeLimits } from "../keys/settings.ts"
import { iso } from "../keys/time.ts"
import { bodyOf, type Env, masterOnly } from "./access.ts"

const scopeFields = (scope: Partial<Scope> = {}) => ({
  team_id: "team" in scope ? scope.team : null,
  user_id: "user" in scope ? scope.user : null,
  tag: "tag" in scope ? scope.tag : null,
  model: "model" in scope ? scope.model : null,
  everything: "everything" in scope,
})

/** Of keys each has spent of it for itself. */
const standingOf = async (ledger: DurableLedger, budget: SavedBudget) => {
  const held = toLedger(budget)
  if (!held) return {}
  const states = await ledger.budgets(held.scope)
  return standing(states.find((state) => placeOf(state.budget) === placeOf(held)))
}

const infoOf = async (ledger: DurableLedger, budget: SavedBudget) => {
  const { id, scope, limits } = budget
  return {
    budget_id: id,
    ...scopeFields(scope),
    ...(await standingOf(ledger, budget)),
    max_budget: optionalUsd(limits.maxMicroUsd),
    soft_budget: optionalUsd(limits.softMicroUsd),
    max_images: limits.maxImages ?? null,
    budget_duration: limits.duration ?? null,
    allow_unknown_prices: limits.allowUnknown ?? false,
    created_at: iso(budget.createdMs),
    updated_at: iso(budget.updatedMs),
  }
}

/** Budgets of teams, users, tags, models and everything, and those that keys name; the ledger keeps to them. */
export const budgetRoutes = (parts: KeyParts, models?: KnownModels): Hono<Env> => {
  const { store, ledger } = parts
  const writer = budgetWriter(parts)
  const routes = new Hono<Env>()
  routes.use(masterOnly)

  routes.post("/new", async (context) => {
    const { fields, warnings } = take(newBudgetBody, await bodyOf(context))
    const id = fields.budget_id ?? `budget_${randomBytes(12).toString("hex")}`
    const scope = scopeOf(fields)
    const budget = await writer.add({
      id,
      ...(scope && { scope }),
      limits: changeLimits(fields, {}),
    })
    const doubts = models ? unknownModel(fields.model ?? null, models) : []
    return context.json({ ...(await infoOf(ledger, budget)), warnings: [...warnings, ...doubts] })
  })

  routes.post("/update", async (context) => {
    const { fields, warnings } = take(updateBudgetBody, await bodyOf(context))
    const budget = await writer.change(fields.budget_id, (earlier) => ({
      ...earlier,
      limits: changeLimits(fields, earlier.limits),
    }))
    await keepKeysToBudget(parts, budget.id)
    return context.json({ ...(await infoOf(ledger, budget)), warnings })
  })

  routes.post("/info", async (context) => {
    const { fields } = take(budgetInfoBody, await bodyOf(context))
    const budgets = await store.read((db) => readBudgets(db, fields.budgets))
    const unknown = fields.budgets.filter((id) => !budgets.some((budget) => budget.id === id))
    if (unknown.length > 0) throw notFound(unknown)
    return context.json(await Promise.all(budgets.map((budget) => infoOf(ledger, budget))))
  })

  routes.get("/list", async (context) => {
    const budgets = await store.read((db) => readBudgets(db))
    return context.json(await Promise.all(budgets.map((budget) => infoOf(ledger, budget))))
  })

  routes.post("/delete", async (context) => {
    const { fields } = take(budgetDeleteBody, await bodyOf(context))
    await writer.delete(fields.id)
    await keepKeysToBudget(parts, fields.id)
    return context.json({ deleted_budget: fields.id })
  })

  return routes
}
