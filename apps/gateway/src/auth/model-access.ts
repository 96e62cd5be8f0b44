import type { Middleware } from "@pictor/core"
import { calls } from "../request-context.ts"
import type { Caller } from "../types.ts"

/** Maps any name of a model to its `model_name` in the configuration. */
export type GroupOf = (name: string) => string

/** LiteLLM's names for "all": https://docs.litellm.ai/docs/proxy/virtual_keys. */
const everyModel: ReadonlySet<string> = new Set(["*", "all-proxy-models", "all-team-models"])

const covers = (allowed: string, model: string): boolean =>
  allowed === model ||
  everyModel.has(allowed) ||
  (allowed.endsWith("*") && model.startsWith(allowed.slice(0, -1)))

export const resolveAlias = ({ aliases }: Pick<Caller, "aliases">, model: string): string =>
  Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model

/** A key may list a model by its own alias or by the model's name. */
export const mayUse = (caller: Caller, model: string): boolean =>
  caller.models.length === 0 ||
  caller.models.some(
    (allowed) => covers(allowed, model) || covers(allowed, resolveAlias(caller, model)),
  )

/** The same for a group, which the key may list by any name of the model. */
export const mayUseGroup = (caller: Caller, group: string, groupOf: GroupOf): boolean =>
  mayUse(caller, group) ||
  caller.models.some((each) => groupOf(resolveAlias(caller, each)) === group)

/** Resolves the key's own alias. Place it outside every middleware that reads `request.model`. */
export const aliases: Middleware = {
  name: "aliases",
  request: (request, next) => {
    const caller = calls.getStore()?.caller
    const model = caller ? resolveAlias(caller, request.model) : request.model
    return next(model === request.model ? request : { ...request, model })
  },
}
