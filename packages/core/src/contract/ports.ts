import type { Outcome } from "./adapter.ts"
import type { Change, Plan, PlannedCall } from "./plan.ts"
import type { ImageRequest, JsonObject, Margins } from "./request.ts"
import type { Image, ImageResult } from "./result.ts"

/** What an image is, as its bytes say. */
export interface Inspection {
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly transparent?: boolean
}

/** The image work that some models' inputs need. */
export interface ImageOps {
  inspect(image: Uint8Array): Promise<Inspection>
  invertMask(mask: Uint8Array): Promise<Uint8Array>
  alphaToMask(image: Uint8Array): Promise<Uint8Array>
  thresholdMask(mask: Uint8Array): Promise<Uint8Array>
  resizeMask(mask: Uint8Array, width: number, height: number): Promise<Uint8Array>
  pad(
    image: Uint8Array,
    margins: Margins,
  ): Promise<{ readonly image: Uint8Array; readonly mask: Uint8Array }>
  thumbnail(image: Uint8Array, side: number): Promise<Uint8Array>
}

/** Where pictures are kept after the request. */
export interface ImageStore {
  put(key: string, image: Image): Promise<void>
  get(key: string): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string } | undefined>
  url(key: string): Promise<string | undefined>
}

/** One attempt of one provider call, as the call ring sees it. */
export interface CallAttempt {
  readonly plan: Plan
  readonly call: PlannedCall
  /** From 1. */
  readonly attempt: number
  readonly signal: AbortSignal
}

export interface CallAnswer {
  readonly outcomes: readonly Outcome[]
  readonly requestId?: string
  readonly status: number
  /** Bytes of the reply. */
  readonly bytes: number
}

/**
 * Three rings of one onion, the first listed outermost. `request` runs in `plan()` and `generate()` alike and alone may alter the request, adding
 * what it changed; `plan` vetoes or observes; `call` wraps every attempt of every provider call.
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

/** The same request for another model: what only its first model understands (`modelId`, `options`) is left out. */
export const retarget = (request: ImageRequest, model: string): ImageRequest => {
  const { modelId: _modelId, options: _options, ...rest } = request as ImageRequest & JsonObject
  return { ...rest, model }
}
