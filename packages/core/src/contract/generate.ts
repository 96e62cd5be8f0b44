import type { Plan } from "./plan.ts"
import type { ImageSource } from "./request.ts"
import type { Image } from "./result.ts"

/** Images of one call, reported while the request still runs. The result, or the error's slots, hold them too. */
export interface ImagesEvent {
  readonly plan: Plan
  readonly images: readonly Image[]
  /** Calls of the plan that have not ended yet. */
  readonly callsLeft: number
}

/** Options of `generate` and `run`. */
export interface GenerateOptions {
  readonly signal?: AbortSignal
  /** For the whole request. The transport has its own limit per attempt. */
  readonly timeoutMs?: number
  /**
   * Called with the images of each call once it is settled. Not called for a request that joins another one with the same idempotency key. An error
   * that it throws becomes a warning.
   */
  readonly onImages?: (event: ImagesEvent) => void
}

/** Options of `planReplay`. */
export interface ReplayInputs {
  /** The input images whose hashes the recipe has, under any names. */
  readonly inputs?: Readonly<Record<string, ImageSource>>
}

/** Options of `replay`. */
export interface ReplayOptions extends ReplayInputs {
  readonly signal?: AbortSignal
  /** For the whole request. */
  readonly timeoutMs?: number
}

export interface RetryOptions {
  /** In all. Default 3. */
  readonly attempts?: number
  /** Also retry what may have been charged: its price is reserved again and the first one held. */
  readonly maybeBilled?: boolean
}
