import type { Decoded } from "./adapter.ts"
import type { ImageResult } from "./generate.ts"
import type { Change, Plan, PlannedCall } from "./plan.ts"
import type { ImageRequest, JsonObject } from "./request.ts"

export interface CallAttempt {
  readonly plan: Plan
  readonly call: PlannedCall
  /** From 1. */
  readonly attempt: number
  readonly signal: AbortSignal
}

/** The decoded reply of one attempt. */
export interface CallAnswer extends Decoded {
  readonly requestId?: string
  readonly status: number
  /** Bytes of the reply. */
  readonly bytes: number
}

/**
 * The first middleware of the list is the outermost. `request` runs in `plan()` and `generate()`;
 * only it may alter the request, and it passes on the changes that it made. `plan` runs around the
 * calls of a plan and may veto them. `call` runs around every attempt of every call.
 */
export interface Middleware {
  readonly name: string
  request?<Out>(
    request: ImageRequest,
    next: (request: ImageRequest, changes?: readonly Change[]) => Promise<Out>,
  ): Promise<Out>
  plan?(plan: Plan, next: (plan: Plan) => Promise<ImageResult>): Promise<ImageResult>
  call?(
    attempt: CallAttempt,
    next: (attempt: CallAttempt) => Promise<CallAnswer>,
  ): Promise<CallAnswer>
}

/** The request for another model, without the first model's own fields: `modelId` and `options`. */
export const retarget = (request: ImageRequest, model: string): ImageRequest => {
  const { modelId: _modelId, options: _options, ...rest } = request as ImageRequest & JsonObject
  return { ...rest, model }
}
