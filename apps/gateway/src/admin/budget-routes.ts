import { randomBytes } from "node:crypto"
import { Hono } from "hono"
import {
  addBudget,
  changeBudget,
  deleteBudget,
  readBudgets,
  type SavedBudget,
  scopeOf,
} from "../keys/budgets.ts"
import { type KeyDependencies, syncTemplateKeys } from "../keys/key-budgets.ts"
import {
  budgetDeleteBody,
  budgetInfoBody,
  newBudgetBody,
  parseFields,
  updateBudgetBody,
} from "../keys/request-schema.ts"
import { updateLimits } from "../keys/settings.ts"
import { type AdminEnv, notFound, readJson, requireMaster } from "./access.ts"
import { budgetInfo, type KnownModels, unknownModelIdWarnings } from "./responses.ts"

const missing = (ids: readonly string[]) =>
  notFound(`These budgets do not exist: ${ids.join(", ")}. List budgets with GET /budget/list.`)

export const budgetRoutes = (
  dependencies: KeyDependencies,
  models: KnownModels | undefined,
): Hono<AdminEnv> => {
  const { store } = dependencies
  const infos = (budgets: readonly SavedBudget[]) =>
    Promise.all(budgets.map((budget) => budgetInfo(dependencies, budget)))
  const routes = new Hono<AdminEnv>()
  routes.use(requireMaster)

  routes.post("/new", async (context) => {
    const { fields, warnings } = parseFields(newBudgetBody, await readJson(context))
    const id = fields.budget_id ?? `budget_${randomBytes(12).toString("hex")}`
    const scope = scopeOf(fields)
    const limits = updateLimits(fields, {})
    const budget = await addBudget(dependencies, { id, ...(scope && { scope }), limits })
    return context.json({
      ...(await budgetInfo(dependencies, budget)),
      warnings: [...warnings, ...unknownModelIdWarnings(fields.model, models)],
    })
  })

  routes.post("/update", async (context) => {
    const { fields, warnings } = parseFields(updateBudgetBody, await readJson(context))
    const budget = await changeBudget(dependencies, fields.budget_id, (limits) =>
      updateLimits(fields, limits),
    )
    if (!budget) throw missing([fields.budget_id])
    await syncTemplateKeys(dependencies, budget.id)
    return context.json({ ...(await budgetInfo(dependencies, budget)), warnings })
  })

  routes.post("/info", async (context) => {
    const { fields } = parseFields(budgetInfoBody, await readJson(context))
    const budgets = await store.read((db) => readBudgets(db, fields.budgets))
    const unknown = fields.budgets.filter((id) => !budgets.some((budget) => budget.id === id))
    if (unknown.length > 0) throw missing(unknown)
    return context.json(await infos(budgets))
  })

  routes.get("/list", async (context) =>
    context.json(await infos(await store.read((db) => readBudgets(db)))),
  )

  routes.post("/delete", async (context) => {
    const { fields } = parseFields(budgetDeleteBody, await readJson(context))
    if (!(await deleteBudget(dependencies, fields.id))) throw missing([fields.id])
    await syncTemplateKeys(dependencies, fields.id)
    return context.json({ deleted_budget: fields.id })
  })

  return routes
}
