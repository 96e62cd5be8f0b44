import type { Caller } from "../types.ts"

/** LiteLLM's names for "all": https://docs.litellm.ai/docs/proxy/virtual_keys. */
const everyModel: ReadonlySet<string> = new Set(["*", "all-proxy-models", "all-team-models"])

const covers = (allowed: string, model: string): boolean =>
  allowed === model || everyModel.has(allowed) || (allowed.endsWith("*") && model.startsWith(allowed.slice(0, -1)))

const own = (aliases: Caller["aliases"], model: string): string => (Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model)

/** May this caller use the model of this name, by its own name for it or by the model's? */
export const mayUse =
  ({ models, aliases }: Caller) =>
  (model: string): boolean =>
    models.length === 0 || models.some((allowed) => covers(allowed, model) || covers(allowed, own(aliases, model)))
