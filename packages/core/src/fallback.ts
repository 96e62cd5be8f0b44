import { defined } from "./defined.ts"
import { type ErrorCode, ImageError, isImageError } from "./errors.ts"
import { quote } from "./nearest.ts"
import type { Change } from "./plan.ts"
import { type Middleware, retarget } from "./ports.ts"
import { addCosts, type Cost } from "./price.ts"
import type { ImageRequest, Loose } from "./request.ts"
import type { ImageResult } from "./result.ts"
import { isRecord } from "./wire.ts"

export interface FallbackOptions {
  /** Also where a model has filtered every image. Default false: what one refuses to draw is not asked of another unless you say so. */
  readonly filtered?: boolean
}

interface Tried {
  readonly model: string
  readonly error: ImageError
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

const isOpen = ({ maybeMicroUsd, unknownImages }: Cost): boolean => maybeMicroUsd > 0 || unknownImages > 0

/** Nothing was delivered, nothing is perhaps charged, and the model is the reason. */
const mayGoOn = (error: unknown, filtered: boolean): error is ImageError => {
  if (!isImageError(error) || error.maybeBilled) return false
  const { code, cost, slots = [] } = error
  if (!elsewhere.has(code) && !(filtered && code === "content_filtered")) return false
  return !(cost && isOpen(cost)) && !slots.some((slot) => slot.status === "delivered" || isOpen(slot.cost))
}

const saidBy = (tried: readonly Tried[]): string => tried.map(({ model, error }) => `${quote(model)}: ${error.message}`).join(" ")

const spentBy = (tried: readonly Tried[]): Cost => addCosts(tried.flatMap(({ error }) => error.cost ?? []))

const hasOptions = ({ options }: ImageRequest & Loose): boolean => isRecord(options) && Object.keys(options).length > 0

const changesOf = (request: ImageRequest & Loose, model: string, tried: readonly Tried[]): readonly Change[] => [
  { field: "model", action: "mapped", from: request.model, to: model, why: saidBy(tried) },
  ...(hasOptions(request)
    ? [
        {
          field: "options",
          action: "dropped",
          from: Object.keys(request.options as Loose),
          to: undefined,
          why: `they are the request body's of ${quote(request.model)}`,
        } as const,
      ]
    : []),
]

/** The first error's code, and what every model said. */
const together = (tried: readonly [Tried, ...Tried[]]): ImageError => {
  const errors = tried.map(({ error }) => error)
  const [{ error: first }] = tried
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

const isResult = (out: unknown): out is ImageResult => isRecord(out) && "images" in out && "cost" in out && "timing" in out

/** Images that were filtered and charged all the same are part of what the result has cost. */
const withCost = <Out>(out: Out, tried: readonly Tried[]): Out => {
  const spent = spentBy(tried)
  if (spent.microUsd === 0 || !isResult(out)) return out
  const names = tried.map(({ model }) => quote(model)).join(", ")
  return { ...out, cost: addCosts([spent, out.cost]), warnings: [...out.warnings, `The cost includes ${spent.microUsd} micro-USD of ${names}.`] }
}

/** Whether this model's failure ends the search: throws what the caller should know of it. */
const keep = (error: unknown, model: string, tried: readonly Tried[], filtered: boolean): readonly [Tried, ...Tried[]] => {
  const [first, ...more] = tried
  if (mayGoOn(error, filtered)) return first ? [first, ...more, { model, error }] : [{ model, error }]
  // What only a later model refuses is not wrong with the request: the first one's end is told.
  if (first && isImageError(error, "invalid_request") && !error.maybeBilled) throw together([first, ...more, { model, error }])
  throw error
}

const isList = (models: unknown): boolean =>
  Array.isArray(models) && models.length > 0 && models.every((model) => typeof model === "string" && model !== "")

/**
 * Asks other models, in this order, where the request's own is retired, unknown, closed to the caller, unavailable or failing after all retries,
 * at its limit or quota, or lacks the task or an input: only where nothing was delivered and nothing is perhaps charged. `modelId` and `options` belong
 * to the first model and are left out, which is reported, or refused under `strict`. The result's `model` and its change of `model` say who made it. Where none
 * does, the error has the first one's code and names what each said. The request's deadline and idempotency key hold for all of them together.
 *
 * @example
 * createPictor({ adapters, middleware: [fallback(["stability.stable-image-core-v1:1"])] })
 */
export const fallback = (models: readonly string[], { filtered = false }: FallbackOptions = {}): Middleware => {
  if (!isList(models)) throw new ImageError({ code: "invalid_request", message: "fallback(models) takes a list of at least one model's id." })
  const others = [...new Set(models)]
  return {
    name: "fallback",
    request: async (request, next) => {
      if (!isRecord(request)) return next(request)
      let tried: readonly [Tried, ...Tried[]]
      try {
        return await next(request)
      } catch (error) {
        tried = keep(error, request.model, [], filtered)
      }
      if (request.policy === "strict" && hasOptions(request)) throw together(tried)
      for (const model of others.filter((each) => each !== request.model))
        try {
          return withCost(await next(retarget(request, model), changesOf(request, model, tried)), tried)
        } catch (error) {
          tried = keep(error, model, tried, filtered)
        }
      throw together(tried)
    },
  }
}
