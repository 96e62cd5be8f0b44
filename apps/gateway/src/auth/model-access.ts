import type { Caller } from "../types.ts"

/** LiteLLM's names for "all": https://docs.litellm.ai/docs/proxy/virtual_keys. */
const everyModel: ReadonlySet<string> = new Set(["*", "all-proxy-models", "all-team-models"])

const covers = (allowed: string, model: string): boolean =>
  allowed === model ||
  everyModel.has(allowed) ||
  (allowed.endsWith("*") && model.startsWith(allowed.slice(0, -1)))

/** What a caller's own name for a model stands for; any other name stands for itself. */
export const modelOf = ({ aliases }: Pick<Caller, "aliases">, model: string): string =>
  Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model

/** May this caller use the model of this name, by its own name for it or by the model's? */
export const mayUse =
  (caller: Caller) =>
  (model: string): boolean =>
    caller.models.length === 0 ||
    caller.models.some(
      (allowed) => covers(allowed, model) || covers(allowed, modelOf(caller, model)),
    )
