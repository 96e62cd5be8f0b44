import type { Outcome } from "../contract/adapter.ts"
import type { ImageError, Slot } from "../contract/errors.ts"
import type { GenerateOptions, ImageResult, RetryOptions } from "../contract/generate.ts"
import type { ImageStore } from "../contract/image-store.ts"
import type { Ledger } from "../contract/ledger.ts"
import type { Middleware } from "../contract/middleware.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Planned } from "../planning/types.ts"
import type { Cancellation } from "./cancellation.ts"

export interface GenerateRules {
  readonly ledger: Ledger | undefined
  readonly imageStore: ImageStore | undefined
  readonly middleware: readonly Middleware[]
  readonly parallelCalls: number
  readonly retry: Required<RetryOptions>
  readonly lapsed: "refuse" | "retry"
  readonly runtime: Runtime
  /** Pending writes of the jobs of cancelled calls. `close` waits for them. */
  readonly pending: Set<Promise<unknown>>
}

/** The caller's functions. */
type Listeners = Pick<GenerateOptions, "onImages" | "onPartial">

export interface PlanRun {
  readonly planned: Planned
  readonly cancellation: Cancellation
  readonly rules: GenerateRules
  readonly listeners: Listeners
  readonly warnings: string[]
}

export type CallOutcome =
  | Exclude<Outcome, { readonly status: "failed" }>
  | { readonly status: "failed"; readonly error: ImageError; readonly billed?: true }
  | { readonly status: "not-attempted" }

/** An idempotency key, unique per account, and the hash of its request. */
export interface Idempotency {
  readonly key: string
  readonly hash: string
  readonly lapsed: "refuse" | "retry"
}

/** The ledger rows of one `generate`: fallback models join the run that the first model started. */
export interface RowGroup {
  firstRow?: string | undefined
}

export interface IdempotentRun extends Idempotency {
  readonly rows: RowGroup
  /** Stores the images of a ledger row. Failures become warnings. */
  readonly storeImages: (
    row: string,
    planned: Planned,
    slots: readonly Slot[],
    warnings: string[],
  ) => Promise<unknown>
  /**
   * The result of `attempt`, or that of an earlier run of the key: its stored images, and those of
   * its jobs.
   */
  readonly recover: (
    attempt: (lapsed: Idempotency["lapsed"]) => Promise<ImageResult>,
  ) => Promise<ImageResult>
}
