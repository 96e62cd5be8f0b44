import type { Middleware } from "@pictor/core"
import { quote } from "@pictor/core/host"
import { modelOf } from "../auth/model-access.ts"
import { calls, modelTag } from "../request-context.ts"
import { type KeyBody, refuse } from "./request-schema.ts"
import { type KeySettings, modelMark } from "./settings.ts"

/** What means a model of the gateway: its own name, by any of the others. */
export type GroupOf = (name: string) => string

const isMark = (tag: string): boolean => tag.startsWith(modelTag)

/** Refuses two budgets of one model under two of its names, of which only one would hold; looked at where a change says either. */
export const checkModelBudgets = (
  body: KeyBody,
  { aliases, modelBudgets: budgets = {} }: KeySettings,
  groupOf: GroupOf,
): void => {
  if (!body.model_max_budget && !body.aliases) return
  const names = Object.keys(budgets)
  const groups = names.map((name) => groupOf(modelOf({ aliases }, name)))
  const second = groups.findIndex((group, at) => groups.indexOf(group) < at)
  if (second < 0) return
  const [first, again] = [groups.indexOf(groups[second] ?? ""), second].map((at) =>
    quote(names[at]),
  )
  const message = `model_max_budget names one model both ${first} and ${again}, and only one of its budgets could hold: leave one out.`
  refuse([{ code: "invalid_request", path: `model_max_budget.${names[second]}`, message }])
}

/**
 * Marks a request for a model that the caller's key has a budget for, so that the ledger holds it to that; and no other. It belongs inside what finds out
 * which name is asked for.
 */
export const modelBudgets = (groupOf: GroupOf = (name) => name): Middleware => ({
  name: "model-budgets",
  request: (request, next) => {
    const { caller, group } = calls.getStore() ?? {}
    const { keyId, modelBudgets: names = [] } = caller ?? {}
    const name = caller && names.find((each) => groupOf(modelOf(caller, each)) === group)
    const { tags = {} } = request
    const isForged = Object.keys(tags).some(isMark)
    if (!isForged && (keyId === undefined || name === undefined)) return next(request)
    // A caller's own tag could spend another key's budget.
    const own = isForged
      ? Object.fromEntries(Object.entries(tags).filter(([tag]) => !isMark(tag)))
      : tags
    return next({
      ...request,
      tags:
        keyId === undefined || name === undefined
          ? own
          : { ...own, [modelTag]: modelMark(keyId, name) },
    })
  },
})
