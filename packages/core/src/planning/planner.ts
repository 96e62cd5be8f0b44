import type { CallDraft } from "../contract/adapter.ts"
import type { ConfiguredPrice, FieldName } from "../contract/card.ts"
import type { Change, Plan, PlannedCall, Resolved, Size } from "../contract/plan.ts"
import type { ImageOps } from "../contract/ports.ts"
import type { ImageRequest, JsonObject, Task } from "../contract/request.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Prepared } from "../inputs/prepare.ts"
import type { Target } from "../models/registry.ts"
import { defined } from "../tools/defined.ts"
import { onDemand } from "../tools/load.ts"
import { times } from "../tools/records.ts"
import { asItIs } from "./as-it-is.ts"
import { costOf, findPrice, microUsdOf, type Quote, quoteFor, type Rate } from "./price.ts"
import { area } from "./sizes.ts"

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
  const fitted =
    asItIs(request, card, date, rules) ??
    (await (await onDemand()).fit(request, target, date, rules, before))
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
  const unknown = price === undefined ? [(await onDemand()).unknownPrice(modelId, row)] : []
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
