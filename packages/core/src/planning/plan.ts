import type { CallDraft } from "../contract/adapter.ts"
import type { ConfiguredPrice, FieldName } from "../contract/card.ts"
import { invalidRequest } from "../contract/errors.ts"
import type { ImageOps } from "../contract/image-ops.ts"
import type { Change, Plan, PlannedCall, Resolved, Size } from "../contract/plan.ts"
import type { ImageRequest, JsonObject, Task } from "../contract/request.ts"
import type { Runtime } from "../contract/runtime.ts"
import { defined, isObject, mapValues, pick, times } from "../lib/object.ts"
import type { Registry, Target } from "../models/registry.ts"
import { area } from "../models/size.ts"
import type { Prepared } from "./inputs/prepare.ts"
import { fit } from "./normalize.ts"
import {
  costOf,
  findPrice,
  microUsdOf,
  type Quote,
  quoteFor,
  type Rate,
  unknownPrice,
} from "./price.ts"

export interface PlanningRules {
  readonly prices: readonly ConfiguredPrice[]
  readonly maxImages: number
  readonly lifecycle: "warn" | "refuse"
  readonly runtime: Runtime
  readonly images: ImageOps | undefined
}

/** A request in the model's words and numbers. */
export interface Fitted {
  readonly task: Task
  readonly n: number
  readonly resolved: Resolved
  /** By their place in the body. */
  readonly options: JsonObject
  readonly outputSize: Size | undefined
  /** Images of each call, in order. */
  readonly split: readonly number[]
  readonly seeds: readonly number[]
  /** What differs from what was asked, and what to tell. */
  readonly changes?: readonly Change[]
  readonly warnings?: readonly string[]
  /** The request as a recipe has it: every value written out, input images by their hashes. */
  readonly recipe: JsonObject
  /** The request without its images: a plan has them as they are sent, and their bytes are needed no more. */
  readonly request?: ImageRequest
  /** Where fitting had to ask for it. */
  readonly quote?: Quote
  /** The input images as they were given, by field. */
  readonly given?: Prepared["given"]
  /** Fields that came in the model's own polarity. */
  readonly ready?: readonly FieldName[]
  /** Refuses a plan whose input images are too large to send, and says how it is written as JSON. */
  readonly finish?: (plan: Plan) => Plan
}

/** A plan, and what a client keeps of how it came about. */
export interface Planned {
  readonly plan: Plan
  readonly target: Target
  /** Micro-USD of one image; undefined where nobody knows. */
  readonly price: number | undefined
  /** The row that says so. */
  readonly row: Rate | undefined
  /** The input images as they were given, by field. */
  readonly given: Prepared["given"]
  /** Fields that came in the model's own polarity. */
  readonly ready: readonly FieldName[]
  /** As a recipe has it: every value written out, input images by their hashes. */
  readonly recipe: JsonObject
  /** Without its images. */
  readonly request: ImageRequest
}

const callsOf = (
  { adapter, card, modelId, region }: Target,
  { task, split, seeds, resolved, options }: Fitted,
): readonly PlannedCall[] => {
  let slot = 0
  return split.map((count, call) => {
    const seed = defined({ seed: seeds[call] })
    const draft: CallDraft = { card, task, fields: resolved, options, count, ...seed }
    return {
      model: card.id,
      modelId,
      ...defined({ region }),
      body: adapter.encode(draft),
      ...seed,
      slots: times(count, () => slot++),
    }
  })
}

/** One request and one model → what will be sent, what it costs, and what differs from what was asked. Pure but for the drawn seed. */
export const planRequest = async (
  request: ImageRequest,
  target: Target,
  rules: PlanningRules,
  altered: readonly Change[] = [],
): Promise<Planned> => {
  const { card, adapter, modelId } = target
  const date = new Date(rules.runtime.now()).toISOString().slice(0, 10)
  const before = { changes: [...altered, ...target.changes], warnings: target.warnings }
  const fitted = await fit(request, target, date, rules, before)
  const {
    task,
    n,
    resolved,
    options,
    outputSize,
    changes = before.changes,
    warnings = before.warnings,
    finish,
  } = fitted
  const { recipe, given = {}, ready = [], request: words = request } = fitted
  const calls = callsOf(target, fitted)
  const { rows, priced } =
    fitted.quote ?? (await quoteFor(target, task, resolved, rules.prices, date))
  const row = findPrice(rows, { ...priced, pixels: outputSize && area(outputSize) })
  const price = microUsdOf(row)
  const unknown = price === undefined ? [unknownPrice(modelId, row)] : []
  const head = {
    adapter: adapter.alias ?? adapter.name,
    model: card.id,
    task,
    n,
    resolved,
    options,
  }
  const plan: Plan = {
    ...(outputSize ? { ...head, outputSize } : head),
    calls,
    slots: calls.flatMap(({ slots }, call) => slots.map((_, index) => ({ call, index }))),
    changes,
    warnings: [...warnings, ...unknown],
    estimate: costOf(price, n),
  }
  return { plan: finish?.(plan) ?? plan, target, price, row, given, ready, recipe, request: words }
}

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

const imageNames: readonly string[] = ["image", "images", "mask", "styleImage", "referenceImage"]

/** Without images: a plan has them as they are sent, and their bytes are needed no more. */
export const withoutImages = <Fields>(fields: Fields): Fields =>
  isObject(fields) && imageNames.some((name) => name in fields)
    ? (pick(fields, (_, name) => !imageNames.includes(name)) as Fields)
    : fields

const deepest = 40

const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]"

const own = new WeakSet<object>()

/** A copy of bytes; those that are a copy already are given back. A buffer that is gone has none and stays what it is. */
export const ownBytes = <Bytes extends Uint8Array | ArrayBuffer>(bytes: Bytes): Bytes => {
  if (own.has(bytes)) return bytes
  try {
    const copy = bytes instanceof ArrayBuffer ? bytes.slice(0) : new Uint8Array(bytes)
    own.add(copy)
    return copy as Bytes
  } catch {
    return bytes
  }
}

/** A copy of plain data and bytes, so that their owner may change them later. Throws where it has no end. */
export const snapshot = <Value>(value: Value, depth = 0): Value => {
  if (!isObject(value)) return value
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return ownBytes(value)
  if (!isPlain(value)) return value
  if (depth > deepest)
    throw invalidRequest(`The request is nested more than ${deepest} deep, or holds itself.`)
  if (Array.isArray(value)) return value.map((each: unknown) => snapshot(each, depth + 1)) as Value
  return mapValues(value as JsonObject, (each) => snapshot(each, depth + 1)) as Value
}
