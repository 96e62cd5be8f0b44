import { ImageError } from "../contract/errors.ts"
import { type Middleware, retarget } from "../contract/ports.ts"
import type { ImageRequest } from "../contract/request.ts"
import { isRecord } from "../planning/wire.ts"
import {
  type Attempt,
  type Candidate,
  hasOptions,
  isModelsOwn,
  retargetChanges,
  runFallbacks,
} from "./turns.ts"

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
export const fallback = (
  models: readonly string[],
  { filtered = false }: FallbackOptions = {},
): Middleware => {
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
