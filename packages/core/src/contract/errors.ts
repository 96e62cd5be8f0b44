import { defined } from "../lib/object.ts"
import type { Cost } from "./cost.ts"
import type { FilterStage, Image, Recipe } from "./image.ts"

export type ErrorCode =
  | "invalid_request"
  | "unsupported"
  | "model_not_found"
  | "model_retired"
  | "unauthenticated"
  | "forbidden"
  | "rate_limited"
  | "quota_exceeded"
  | "misconfigured"
  | "budget_exceeded"
  | "content_filtered"
  | "timeout"
  | "aborted"
  | "unavailable"
  | "provider_failed"
  | "invalid_response"
  | "idempotency_in_progress"
  | "idempotency_replayed"
  | "idempotency_unresolved"
  | "idempotency_mismatch"

/** One problem of a request. Has no prompt and no image bytes: a text is given as its length. */
export interface Issue {
  readonly code: "invalid_request" | "unsupported"
  /** `"size"`, `"options.imageGenerationConfig.cfgScale"`. */
  readonly path: string
  readonly message: string
  readonly given?: unknown
  readonly allowed?: string
  /** What to do about it in code: for callers of the SDK, not for HTTP clients. */
  readonly remedy?: string
  /** The names most like an unknown field, best first. */
  readonly nearest?: readonly string[]
}

/** The hard limit that a request would exceed, and its use in the current window. */
export interface ExceededBudget {
  readonly unit: "microUsd" | "images"
  readonly limit: number
  readonly spent: number
  readonly reserved: number
  readonly requested: number
}

export interface ImageErrorOptions {
  readonly code: ErrorCode
  readonly message: string
  /**
   * May the same call succeed if it is repeated? Default: true for `rate_limited` and `unavailable`
   * unless `maybeBilled`.
   */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  /** The provider may have charged for it: it was sent and no verdict came back. */
  readonly maybeBilled?: boolean
  readonly stage?: FilterStage
  readonly slots?: readonly Slot[]
  readonly issues?: readonly Issue[]
  readonly requestId?: string
  readonly status?: number
  readonly cost?: Cost
  /** Of `budget_exceeded`. */
  readonly budget?: ExceededBudget
  readonly recipe?: Recipe
  /** Of `idempotency_unresolved`: the ids of the ledger's rows without a verdict. */
  readonly rows?: readonly string[]
  readonly cause?: unknown
}

/** The outcome of one requested image. Beside {@link ImageError}: each refers to the other. */
export type Slot = { readonly cost: Cost } & (
  | { readonly status: "delivered"; readonly image: Image }
  | {
      readonly status: "filtered"
      readonly stage: FilterStage
      readonly reason: string
      readonly preview?: Image
    }
  | { readonly status: "failed"; readonly error: ImageError }
  | { readonly status: "not-attempted" }
)

const brand = Symbol.for("pictor.ImageError")

/**
 * The one error class of Pictor. `message` names the model, the field and the remedy; never a
 * prompt, image bytes or a credential.
 */
export class ImageError extends Error {
  readonly [brand] = true
  declare readonly code: ErrorCode
  declare readonly retryable: boolean
  declare readonly maybeBilled: boolean
  declare readonly retryAfterMs?: number
  declare readonly stage?: FilterStage
  /** The outcome of each slot, if calls were made. */
  declare readonly slots?: readonly Slot[]
  declare readonly issues?: readonly Issue[]
  /** The provider's id of the request. */
  declare readonly requestId?: string
  /** The provider's HTTP status. */
  declare readonly status?: number
  declare readonly cost?: Cost
  /** Of `budget_exceeded`, unless images of unknown price are the reason. */
  declare readonly budget?: ExceededBudget
  declare readonly recipe?: Recipe
  /** Of `idempotency_unresolved`: the ids of the ledger's rows without a verdict. */
  declare readonly rows?: readonly string[]

  constructor({
    code,
    message,
    retryable,
    maybeBilled = false,
    cause,
    ...rest
  }: ImageErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    const mayHelp = !maybeBilled && (code === "rate_limited" || code === "unavailable")
    Object.assign(this, {
      name: "ImageError",
      code,
      maybeBilled,
      retryable: retryable ?? mayHelp,
      ...rest,
    })
  }

  /** For logs: without recipes and images. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { recipe: _recipe, slots, message, ...rest } = this
    return { ...rest, message, ...defined({ slots: slots?.map(({ status }) => status) }) }
  }
}

type MaybeUndefined<Value> = { readonly [Key in keyof Value]?: Value[Key] | undefined }

/** Undefined facts are left out. */
export const imageError = (
  code: ErrorCode,
  message: string,
  more: MaybeUndefined<Omit<ImageErrorOptions, "code" | "message">> = {},
): ImageError => new ImageError({ ...defined(more), code, message })

/** An error for another one, with what the provider said about the call. */
export const errorAfter = (
  cause: ImageError,
  { message = cause.message, ...more }: MaybeUndefined<Omit<ImageErrorOptions, "code">> = {},
): ImageError => {
  const { code, retryAfterMs, requestId, status } = cause
  return imageError(code, message, { retryAfterMs, requestId, status, cause, ...more })
}

export const invalidRequest = (message: string): ImageError =>
  imageError("invalid_request", message)

/** Is it an {@link ImageError} (of this code)? True also for errors of another copy of core. */
export const isImageError = (error: unknown, code?: ErrorCode): error is ImageError =>
  typeof error === "object" &&
  error !== null &&
  brand in error &&
  (code === undefined || (error as ImageError).code === code)
