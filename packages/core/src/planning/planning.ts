import { invalidRequest } from "../contract/errors.ts"
import type { Change } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import type { Registry } from "../models/registry.ts"
import { type Planned, type PlanningRules, planRequest } from "./planner.ts"
import { snapshot } from "./snapshot.ts"
import { isObject } from "./wire.ts"

const freeze = <Value>(value: Value): Value => {
  if (!isObject(value) || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) value.forEach(freeze)
  else for (const name of Object.keys(value)) freeze((value as JsonObject)[name])
  return Object.freeze(value)
}

/** A plan, and how its request came about. */
export interface Asked extends Planned {
  /** As the caller gave it, without its images. */
  readonly asked: ImageRequest
  /** What was altered since. */
  readonly changes: readonly Change[]
}

/** A plan with the order that it fills: as the caller gave it, images by their hashes. */
export interface Ordered extends Planned {
  readonly order: () => JsonObject
  /** The same for another model. */
  readonly planFor: (model: string) => Promise<Ordered>
}

/** How a request came about that is not as the caller gave it. */
interface Altered {
  readonly changes?: readonly Change[]
  readonly region?: string | undefined
  /** As the caller gave it, without its images; a copy that nobody changes. */
  readonly asked?: ImageRequest
}

/** Makes plans, and knows those that it made. */
export interface Planning {
  plan(request: ImageRequest, altered?: Altered): Promise<Asked>
  recall(plan: object): Asked | undefined
}

export const createPlanning = (registry: Registry, rules: PlanningRules): Planning => {
  const known = new WeakMap<object, Asked>()
  const plan: Planning["plan"] = async (given, { changes = [], region, asked } = {}) => {
    if (!isObject(given))
      throw invalidRequest("The request must be an object with a model and a prompt.")
    const request = snapshot(given)
    const target = registry.resolve(request.model, request.modelId)
    const planned = await planRequest(
      request,
      region === undefined ? target : { ...target, region },
      rules,
      changes,
    )
    const kept = { ...planned, asked: asked ?? planned.request, changes }
    known.set(freeze(planned.plan), kept)
    return kept
  }
  return { plan, recall: (made) => known.get(made) }
}
