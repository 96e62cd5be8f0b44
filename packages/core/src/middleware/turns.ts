import { type ErrorCode, ImageError, isImageError } from "../contract/errors.ts"
import type { Change } from "../contract/plan.ts"
import type { ImageRequest } from "../contract/request.ts"
import type { ImageResult } from "../contract/result.ts"
import { quote } from "../models/nearest.ts"
import { addCosts, type Cost } from "../planning/price.ts"
import { isRecord } from "../planning/wire.ts"
import { defined } from "../tools/defined.ts"

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
