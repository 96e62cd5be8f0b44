import type { Middleware } from "@pictor/core"
import { calls, modelTag } from "../call.ts"
import { modelOf } from "../server/access.ts"
import { modelMark } from "./settings.ts"

/** What means a model of the gateway: its own name, by any of the others. */
export type GroupOf = (name: string) => string

const isMark = (tag: string): boolean => tag.startsWith(modelTag)

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
    const own = isForged ? Object.fromEntries(Object.entries(tags).filter(([tag]) => !isMark(tag))) : tags
    return next({ ...request, tags: keyId === undefined || name === undefined ? own : { ...own, [modelTag]: modelMark(keyId, name) } })
  },
})
