import { type Cost, dollars } from "../contract/cost.ts"
import { type ErrorCode, ImageError, imageError, isImageError } from "../contract/errors.ts"
import type { ImageResult } from "../contract/generate.ts"
import { type Middleware, retarget } from "../contract/middleware.ts"
import type { Change } from "../contract/plan.ts"
import type { ImageRequest } from "../contract/request.ts"
import { defined, isRecord } from "../lib/object.ts"
import { checkOptionNames, quote } from "../models/suggest.ts"
import { addCosts } from "../planning/price.ts"

export interface FallbackOptions {
  /** Also try the next model after one that filtered every image. Default false. */
  readonly filtered?: boolean
}

/**
 * Tries other models, in this order, after a model that is retired, unknown, forbidden,
 * unavailable, failing after all retries, at its rate limit or quota, or without the task or an
 * input. It never continues once something was delivered or may have been charged. `modelId` and
 * `options` belong to the first model: the others get the request without them, which is reported,
 * or rejected under `strict`. The deadline and the idempotency key apply to all models together. If
 * none delivers, the error has the first model's code and the messages of all.
 *
 * @example
 * createPictor({ adapters, middleware: [fallback(["echo-v1"])] })
 */
export const fallback = (models: readonly string[], options: FallbackOptions = {}): Middleware => {
  checkOptionNames("fallback", options, { filtered: true })
  if (!isModelList(models))
    throw imageError(
      "invalid_request",
      "fallback(models): models must be a list of at least one model id.",
    )
  const others = [...new Set(models)]
  return {
    name: "fallback",
    request: async (request, next) => {
      if (!isRecord(request)) return next(request)
      return runFallbacks(
        {
          choose: (attempts) => nextModel(request, others, attempts),
          shouldContinue: (error) =>
            isModelsOwn(error) || (options.filtered === true && error.code === "content_filtered"),
        },
        next,
      )
    },
  }
}

const isModelList = (models: unknown): boolean =>
  Array.isArray(models) &&
  models.length > 0 &&
  models.every((model) => typeof model === "string" && model !== "")

const nextModel = (
  request: ImageRequest,
  others: readonly string[],
  attempts: readonly Attempt[],
): Candidate | undefined => {
  if (attempts.length === 0) return { model: request.model, request }
  if (request.policy === "strict" && hasOptions(request)) return undefined
  const model = others.filter((each) => each !== request.model)[attempts.length - 1]
  return model === undefined
    ? undefined
    : {
        model,
        request: retarget(request, model),
        changes: retargetChanges(request, model, attempts),
      }
}

export interface Attempt {
  readonly model: string
  readonly error: ImageError
}

/** A model or deployment to try, and its request. */
export interface Candidate {
  /** The name in messages. */
  readonly model: string
  readonly request: ImageRequest
  readonly changes?: readonly Change[]
}

export interface FallbackRules {
  /** The next candidate after the failed ones; undefined if there is none. */
  readonly choose: (attempts: readonly Attempt[]) => Candidate | undefined
  /** May the next candidate be tried after this error? Only asked if nothing was charged. */
  readonly shouldContinue: (error: ImageError) => boolean
}

/**
 * Tries one candidate after the other until one delivers. A candidate that delivered anything, or
 * that may have been charged, ends the search whatever the rules say.
 */
export const runFallbacks = async <Out>(
  { choose, shouldContinue }: FallbackRules,
  next: (request: ImageRequest, changes?: readonly Change[]) => Promise<Out>,
): Promise<Out> => {
  let attempts: readonly Attempt[] = []
  for (;;) {
    const candidate = choose(attempts)
    if (!candidate) throw combinedError(attempts)
    const { model, request, changes } = candidate
    try {
      return withEarlierCost(await next(request, changes), attempts)
    } catch (error) {
      if (isImageError(error) && isFreeOfCharge(error) && shouldContinue(error))
        attempts = [...attempts, { model, error }]
      // A request that only a later model rejects is not invalid: report the first model's error.
      else if (attempts.length > 0 && isImageError(error, "invalid_request") && !error.maybeBilled)
        throw combinedError([...attempts, { model, error }])
      else throw error
    }
  }
}

/**
 * Codes after which another model may succeed. Credentials, budgets, the caller's deadline and an
 * invalid request stay the same for every model.
 */
const modelCodes: ReadonlySet<ErrorCode> = new Set([
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

/** Is the model the cause, so that another one may succeed? */
export const isModelsOwn = ({ code }: ImageError): boolean => modelCodes.has(code)

const isUncertain = ({ maybeMicroUsd, unpricedImages }: Cost): boolean =>
  maybeMicroUsd > 0 || unpricedImages > 0

/** Nothing was delivered and nothing may have been charged. */
const isFreeOfCharge = ({ maybeBilled, cost, slots = [] }: ImageError): boolean =>
  !maybeBilled &&
  !(cost && isUncertain(cost)) &&
  !slots.some((slot) => slot.status === "delivered" || isUncertain(slot.cost))

/** Does the request have fields of one model's own body? */
export const hasOptions = ({ options }: ImageRequest): boolean =>
  isRecord(options) && Object.keys(options).length > 0

export const retargetChanges = (
  request: ImageRequest,
  model: string,
  attempts: readonly Attempt[],
): readonly Change[] => [
  { field: "model", action: "mapped", from: request.model, to: model, why: messagesOf(attempts) },
  ...(hasOptions(request)
    ? [
        {
          field: "options",
          action: "dropped",
          from: Object.keys(request.options ?? {}),
          to: undefined,
          why: `they belong to the request body of ${quote(request.model)}`,
        } as const,
      ]
    : []),
]

const messagesOf = (attempts: readonly Attempt[]): string =>
  [...new Set(attempts.map(({ model, error }) => `${quote(model)}: ${error.message}`))].join(" ")

const costOfAttempts = (attempts: readonly Attempt[]): Cost =>
  addCosts(attempts.flatMap(({ error }) => error.cost ?? []))

/** The first error's code with the messages of all. */
const combinedError = (attempts: readonly Attempt[]): ImageError => {
  const errors = attempts.map(({ error }) => error)
  const [first] = errors
  if (!first) return imageError("unavailable", "There is no model to try.")
  if (errors.length === 1) return first
  const waits = errors.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
  const issues = errors.flatMap((error) => error.issues ?? [])
  const { code, stage, slots, requestId, status } = first
  return new ImageError({
    code,
    message: `No model made the image. ${messagesOf(attempts)}`,
    retryable: errors.some(({ retryable }) => retryable),
    cost: costOfAttempts(attempts),
    cause: new AggregateError(errors, "the error of each model"),
    ...(waits.length > 0 && { retryAfterMs: Math.min(...waits) }),
    ...(issues.length > 0 && { issues }),
    ...defined({ stage, slots, requestId, status }),
  })
}

const isResult = (out: unknown): out is ImageResult =>
  isRecord(out) && "images" in out && "cost" in out && "timing" in out

/** Adds the cost of filtered images that were charged nevertheless. */
const withEarlierCost = <Out>(out: Out, attempts: readonly Attempt[]): Out => {
  const earlier = costOfAttempts(attempts)
  if (earlier.microUsd === 0 || !isResult(out)) return out
  const names = attempts.map(({ model }) => quote(model)).join(", ")
  return {
    ...out,
    cost: addCosts([earlier, out.cost]),
    warnings: [...out.warnings, `The cost includes ${dollars(earlier.microUsd)} of ${names}.`],
  }
}
