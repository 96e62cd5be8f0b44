import type { Cost } from "./cost.ts"
import type { ImageError } from "./errors.ts"
import type { Change } from "./plan.ts"
import type { JsonObject } from "./request.ts"

/** Where a filter spoke. */
export type FilterStage = "prompt" | "input-image" | "output" | "guardrail" | "unknown"

/** Enough to order the same image again: `pictor.replay(recipe)`. The promise is the same request and seed, not the same pixels. */
export interface Recipe {
  readonly v: 1
  /** Neutral, every value written out; input images as `{ sha256, mediaType, width, height }`. */
  readonly request: JsonObject
  readonly model: string
  readonly modelId: string
  readonly region?: string
  readonly callSeed?: number
  /** Images of the call that is sent again, all of which are charged. */
  readonly callImages: number
  /** Which of them this one is. */
  readonly index: number
  /** Name and version: `nova-canvas@0.1.0`. */
  readonly adapter: string
  readonly replayable: boolean
  /** Why it is not replayable. */
  readonly reason?: string
}

/** One image. Its bytes are decoded when somebody asks for them. */
export interface Image {
  /** Read from the bytes; `application/octet-stream` where they are of no known format. */
  readonly mediaType: string
  /** A file name's extension, by the media type: `png`, `jpg`, `webp`, `gif`, or `bin`. */
  readonly extension: string
  /** Read from the bytes, in pixels; NaN where they are of no known format. */
  readonly width: number
  readonly height: number
  readonly seed?: number
  readonly recipe: Recipe
  bytes(): Uint8Array<ArrayBuffer>
  base64(): string
  /** The characters of `base64()` as bytes, to be written out and never altered: mostly a view on the reply, looked at in places only: nothing is copied or decoded. */
  base64Bytes(): Uint8Array
  blob(): Blob
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  /** Lower-case hexadecimal. */
  sha256(): Promise<string>
  /** A copy that does not keep the whole reply in memory. */
  detach(): Image
}

/** The outcome of one requested image. */
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

export interface ImageResult {
  /** The first delivered image. */
  readonly image: Image
  /** All delivered images, at least one, in the order of their slots. */
  readonly images: readonly Image[]
  /** One per ordered image, and one more for each that the provider sent beyond. */
  readonly slots: readonly Slot[]
  readonly cost: Cost
  /** The card's id. */
  readonly model: string
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
  /** The provider's, one per answered attempt. */
  readonly requestIds: readonly string[]
  readonly attempts: number
  /** An earlier request with the same idempotency key made it: nothing was called, and nothing is charged beyond what was then. */
  readonly replayed?: true
  readonly timing: { readonly totalMs: number; readonly providerMs: number }
}
