import type { PartialImage } from "./adapter.ts"
import type { Units } from "./card.ts"
import type { Cost } from "./cost.ts"
import type { Slot } from "./errors.ts"
import type { Image } from "./image.ts"
import type { Change, Plan } from "./plan.ts"
import type { ImageSource } from "./request.ts"

/** How one call of a running request ended. The result or the error has its slots too. */
export interface ImagesEvent {
  readonly plan: Plan
  /** The call's index in `plan.calls`. */
  readonly call: number
  /** One per image of the call, also for images that were filtered, failed or not attempted. */
  readonly slots: readonly Slot[]
  /** The delivered images of `slots`. */
  readonly images: readonly Image[]
  /** Calls of the plan that have not ended yet. */
  readonly callsLeft: number
}

export interface GenerateOptions {
  readonly signal?: AbortSignal
  /** For the whole request. The transport has its own limit per attempt. */
  readonly timeoutMs?: number
  /**
   * Called for each call once it is settled, also without images; not for a request that joins
   * another one with the same idempotency key. An error that it throws becomes a warning.
   */
  readonly onImages?: (event: ImagesEvent) => void
  /**
   * Called with each preliminary picture, where the model makes them and `partialImages` asks for
   * some. They are never in the result; what they cost is in its usage.
   */
  readonly onPartial?: (event: PartialEvent) => void
}

/** A preliminary picture of a slot. */
export interface PartialEvent extends Omit<PartialImage, "index"> {
  readonly plan: Plan
  readonly slot: number
}

export interface ReplayInputs {
  /** The input images whose hashes the recipe has, under any names. */
  readonly inputs?: Readonly<Record<string, ImageSource>>
}

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

/**
 * What became of a job. `running`: ask again later. `expired`: the provider does not know the job
 * any more, so that its row can only be resolved. Otherwise the row has ended; its images have a
 * recipe without a request, which cannot be replayed.
 */
export type ResumeResult =
  | { readonly status: "running" | "expired" }
  | {
      /** `delivered`: at least one image. */
      readonly status: "delivered" | "failed"
      /** One per image of the call. */
      readonly slots: readonly Slot[]
      readonly cost: Cost
      readonly warnings: readonly string[]
    }

export interface ImageResult {
  /** The first delivered image. */
  readonly image: Image
  /** All delivered images, at least one, in the order of their slots. */
  readonly images: readonly Image[]
  /** One per requested image, then one per surplus image that the provider sent. */
  readonly slots: readonly Slot[]
  readonly cost: Cost
  /** What the provider counted, over all calls, where it says so. */
  readonly usage?: Units
  /** The card's id. */
  readonly model: string
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
  /** The provider's ids, one per answered attempt. */
  readonly requestIds: readonly string[]
  readonly attempts: number
  /** The stored result of an earlier request with this idempotency key: nothing is charged. */
  readonly replayed?: true
  readonly timing: { readonly totalMs: number; readonly providerMs: number }
}
