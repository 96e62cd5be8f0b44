import type { Cost } from "../contract/cost.ts"
import { type ErrorCode, ImageError, isImageError } from "../contract/errors.ts"
import { type Middleware, retarget } from "../contract/middleware.ts"
import type { Change } from "../contract/plan.ts"
import type { ImageRequest } from "../contract/request.ts"
import type { ImageResult } from "../contract/result.ts"
import { defined, isRecord } from "../lib/object.ts"
import { checkOptionNames, quote } from "../models/suggest.ts"
import { addCosts } from "../planning/price.ts"

export interface FallbackOptions {
  /** Also where a model has filtered every image. Default false: what one refuses to draw is not asked of another unless you say so. */
  readonly filtered?: boolean
}

const isList = (models: unknown): boolean =>
  Array.isArray(models) &&
  models.length > 0 &&
  models.every((model) => typeof model === "string" && model !== "")

const turnOf = (
  request: ImageRequest,
  others: readonly string[],
  tried: readonly Attempt[],
): Candidate | undefined => {
  if (tried.length === 0) return { model: request.model, request }
  if (request.policy === "strict" && hasOptions(request)) return undefined
  const model = others.filter((each) => each !== request.model)[tried.length - 1]
  return model === undefined
    ? undefined
    : { model, request: retarget(request, model), changes: retargetChanges(request, model, tried) }
}

/**
 * Asks other models, in this order, where the request's own is retired, unknown, closed to the caller, unavailable or failing after all retries,
 * at its limit or quota, or lacks the task or an input: only where nothing was delivered and nothing is perhaps charged. `modelId` and `options` belong
 * to the first model and are left out, which is reported, or refused under `strict`. The result's `model` and its change of `model` say who made it. Where none
 * does, the error has the first one's code and names what each said. The request's deadline and idempotency key hold for all of them together.
 *
 * @example
 * createPictor({ adapters, middleware: [fallback(["stability.stable-image-core-v1:1"])] })
 */
export const fallback = (models: readonly string[], options: FallbackOptions = {}): Middleware => {
  checkOptionNames("fallback", options, { filtered: true })
  const { filtered = false } = options
  if (!isList(models))
    throw new ImageError({
      code: "invalid_request",
      message: "fallback(models) takes a list of at least one model's id.",
    })
  const others = [...new Set(models)]
  return {
    name: "fallback",
    request: async (request, next) => {
      if (!isRecord(request)) return next(request)
      const goesOn = (error: ImageError): boolean =>
        isModelsOwn(error) || (filtered && error.code === "content_filtered")
      return runFallbacks(
        { choose: (tried) => turnOf(request, others, tried), shouldContinue: goesOn },
        next,
      )
    },
  }
}

/** One who was asked in vain. */
export interface Attempt {
  /** As messages name it. */
  readonly model: string
  readonly error: ImageError
}

/** One who is asked, and what for. */
export interface Candidate {
  /** As messages name it. */
  readonly model: string
  readonly request: ImageRequest
  readonly changes?: readonly Change[]
}

export interface FallbackRules {
  /** Who is next, given what those before said; undefined: nobody. */
  readonly choose: (tried: readonly Attempt[]) => Candidate | undefined
  /** Whether such an error lets the next one be asked, where nothing was delivered and nothing is perhaps charged. */
  readonly shouldContinue: (error: ImageError) => boolean
}

/** What another model may do better. Credentials, budgets, the caller's time and a request that is wrong stay what they are. */
const elsewhere: ReadonlySet<ErrorCode> = new Set([
  "model_retired",
  "model_not_found",
  "unsupported",
  "forbidden",
  "unavailable",
  "misconfigured",
  "rate_limited",
  "quota_exceeded",
  "provider_failed",
])

/** Is the model the reason, so that another one may do better? */
export const isModelsOwn = ({ code }: ImageError): boolean => elsewhere.has(code)

const isOpen = ({ maybeMicroUsd, unpricedImages }: Cost): boolean =>
  maybeMicroUsd > 0 || unpricedImages > 0

/** Nothing was delivered, and nothing is perhaps charged. */
const isClear = ({ maybeBilled, cost, slots = [] }: ImageError): boolean =>
  !maybeBilled &&
  !(cost && isOpen(cost)) &&
  !slots.some((slot) => slot.status === "delivered" || isOpen(slot.cost))

const saidBy = (tried: readonly Attempt[]): string =>
  [...new Set(tried.map(({ model, error }) => `${quote(model)}: ${error.message}`))].join(" ")

const spentBy = (tried: readonly Attempt[]): Cost =>
  addCosts(tried.flatMap(({ error }) => error.cost ?? []))

/** Has it fields of one model's own body? */
export const hasOptions = ({ options }: ImageRequest): boolean =>
  isRecord(options) && Object.keys(options).length > 0

/** What differs where another model is asked with what `retarget` left of a request. */
export const retargetChanges = (
  request: ImageRequest,
  model: string,
  tried: readonly Attempt[],
): readonly Change[] => [
  { field: "model", action: "mapped", from: request.model, to: model, why: saidBy(tried) },
  ...(hasOptions(request)
    ? [
        {
          field: "options",
          action: "dropped",
          from: Object.keys(request.options ?? {}),
          to: undefined,
          why: `they are the request body's of ${quote(request.model)}`,
        } as const,
      ]
    : []),
]

/** The first error's code, and what every model said. */
const together = (tried: readonly Attempt[]): ImageError => {
  const errors = tried.map(({ error }) => error)
  const [first] = errors
  if (!first) return new ImageError({ code: "unavailable", message: "There is no model to ask." })
  if (errors.length === 1) return first
  const waits = errors.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
  const issues = errors.flatMap((error) => error.issues ?? [])
  const { code, stage, slots, requestId, status } = first
  return new ImageError({
    code,
    message: `No model made the image. ${saidBy(tried)}`,
    retryable: errors.some(({ retryable }) => retryable),
    cost: spentBy(tried),
    cause: new AggregateError(errors, "what each model said"),
    ...(waits.length > 0 ? { retryAfterMs: Math.min(...waits) } : {}),
    ...(issues.length > 0 ? { issues } : {}),
    ...defined({ stage, slots, requestId, status }),
  })
}

const isResult = (out: unknown): out is ImageResult =>
  isRecord(out) && "images" in out && "cost" in out && "timing" in out

/** Images that were filtered and charged all the same are part of what the result has cost. */
const withCost = <Out>(out: Out, tried: readonly Attempt[]): Out => {
  const spent = spentBy(tried)
  if (spent.microUsd === 0 || !isResult(out)) return out
  const names = tried.map(({ model }) => quote(model)).join(", ")
  return {
    ...out,
    cost: addCosts([spent, out.cost]),
    warnings: [...out.warnings, `The cost includes ${spent.microUsd} micro-USD of ${names}.`],
  }
}

/** Whether this failure ends the search: throws what the caller should know of it. */
const keep = (
  error: unknown,
  model: string,
  tried: readonly Attempt[],
  goesOn: FallbackRules["shouldContinue"],
): readonly [Attempt, ...Attempt[]] => {
  const [first, ...more] = tried
  if (isImageError(error) && isClear(error) && goesOn(error))
    return first ? [first, ...more, { model, error }] : [{ model, error }]
  // What only a later model refuses is not wrong with the request: the first one's end is told.
  if (first && isImageError(error, "invalid_request") && !error.maybeBilled)
    throw together([first, ...more, { model, error }])
  throw error
}

/**
 * Asks one after the other until one delivers. What has been delivered or is perhaps charged ends the search, whatever the rules say. Where none
 * delivers, the error has the first one's code and names what each said.
 */
export const runFallbacks = async <Out>(
  { choose, shouldContinue: goesOn }: FallbackRules,
  next: (request: ImageRequest, changes?: readonly Change[]) => Promise<Out>,
): Promise<Out> => {
  let tried: readonly Attempt[] = []
  for (;;) {
    const turn = choose(tried)
    if (!turn) throw together(tried)
    try {
      return withCost(await next(turn.request, turn.changes), tried)
    } catch (error) {
      tried = keep(error, turn.model, tried, goesOn)
    }
  }
}
