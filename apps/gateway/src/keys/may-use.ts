import type { Caller } from "../types.ts"

const covers = (allowed: string, model: string): boolean => (allowed.endsWith("*") ? model.startsWith(allowed.slice(0, -1)) : allowed === model)

/** The name that a caller's own name for a model stands for. */
export const modelOf = ({ aliases }: Caller, model: string): string => (Object.hasOwn(aliases, model) ? (aliases[model] ?? model) : model)

/** May the caller use the model of this name, or of this alias of its own? `bedrock/*` allows all whose names begin so. */
export const mayUse = (caller: Caller, model: string): boolean =>
  caller.models.length === 0 || caller.models.some((allowed) => covers(allowed, model) || covers(allowed, modelOf(caller, model)))
