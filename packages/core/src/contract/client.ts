import type { ImageAdapter } from "./adapter.ts"
import type { ConfiguredPrice, FieldName, LifecycleStatus, ModelCard, Parameter } from "./card.ts"
import type {
  GenerateOptions,
  ImageResult,
  ReplayInputs,
  ReplayOptions,
  ResumeResult,
  RetryOptions,
} from "./generate.ts"
import type { Image, Recipe } from "./image.ts"
import type { ImageOps } from "./image-ops.ts"
import type { ImageStore } from "./image-store.ts"
import type { Ledger, UnresolvedRow } from "./ledger.ts"
import type { Middleware } from "./middleware.ts"
import type { UnionToIntersection } from "./options.ts"
import type { Plan } from "./plan.ts"
import type { ImageRequest, JsonObject, RequestFor, Task } from "./request.ts"
import type { Runtime } from "./runtime.ts"

export interface PictorOptions<Adapters extends readonly ImageAdapter[]> {
  readonly adapters: Adapters
  /** Reserves estimates, settles costs and enforces budgets. Default: none. */
  readonly ledger?: Ledger
  /** Stores the images of requests with an idempotency key, for repetitions. Needs a ledger. */
  readonly imageStore?: ImageStore
  /** Image operations that some inputs need: `sharpImages()` of `@pictor/images`. */
  readonly imageOps?: ImageOps
  readonly middleware?: readonly Middleware[]
  /** Prices that take precedence over those of the cards. */
  readonly prices?: readonly ConfiguredPrice[]
  /** The largest `n`. Default 100. */
  readonly maxImages?: number
  /**
   * The most pixels of an input image, which is rejected undecoded above it. Default and maximum:
   * what `imageOps` decodes, 50 million for `sharpImages()`.
   */
  readonly maxInputPixels?: number
  /** Maximum concurrent calls of one request. Default 4. */
  readonly parallelCalls?: number
  /** Default: 3 attempts in all. A call that is maybe billed is not retried. */
  readonly retry?: false | RetryOptions
  /**
   * What a repeated idempotency key does if an earlier call was sent and got no verdict. `refuse`
   * (default) throws `idempotency_unresolved`; `retry` counts it as spent and calls again. A call
   * that is a job is resumed first.
   */
  readonly lapsed?: "refuse" | "retry"
  /** What to do with a retired model. Default `warn`, since private copies of it may exist. */
  readonly lifecycle?: "warn" | "refuse"
  readonly runtime?: Partial<Runtime>
}

export type ModelsOf<Adapters extends readonly ImageAdapter[]> = UnionToIntersection<
  Adapters[number] extends ImageAdapter<infer Models> ? Models : never
>

export type ModelId<Models> = (keyof Models & string) | (string & {})

export interface ModelInfo {
  readonly card: ModelCard
  readonly lifecycle: LifecycleStatus
  readonly parameters: { readonly [T in Task]?: { readonly [Name in FieldName]?: Parameter } }
  schema(task?: Task): JsonObject
}

/** A call that was sent and has no outcome yet. */
export interface UnfinishedRow extends UnresolvedRow {
  /** This client can resume its job. Otherwise the row can only be resolved. */
  readonly resumable: boolean
}

/**
 * A client of any adapters. Its requests may be built at run time. Methods that send throw an
 * `ImageError` if no image arrives.
 */
export interface Pictor {
  /** The largest `n`. */
  readonly maxImages: number
  /** What `generate` would send and what it would cost. Calls no provider and charges nothing. */
  plan(request: ImageRequest): Promise<Plan>
  /** Makes the images. */
  generate(request: ImageRequest, options?: GenerateOptions): Promise<ImageResult>
  /** Sends exactly the calls of a plan that this client made, without request middleware. */
  run(plan: Plan, options?: GenerateOptions): Promise<ImageResult>
  /** Requests an image again. The whole call that made it is charged. */
  replay(recipe: Recipe, options?: ReplayOptions): Promise<Image>
  /** What `replay` would send and what it would cost. */
  planReplay(recipe: Recipe, options?: ReplayInputs): Promise<Plan>
  /**
   * The calls that were sent and have no outcome, those that are still running too; at most 10,000,
   * in the order of their ids. Throws `unsupported` without a ledger.
   */
  unfinished(query?: { readonly after?: string }): Promise<readonly UnfinishedRow[]>
  /**
   * Asks once for the result of an unfinished call's job and records it. Any process may, and
   * several may at once. Throws where nothing could be learned; the row is unchanged then.
   */
  resume(id: string, options?: { readonly signal?: AbortSignal }): Promise<ResumeResult>
  models(filter?: {
    readonly task?: Task
    readonly lifecycle?: LifecycleStatus
  }): readonly ModelCard[]
  model(id: string): ModelInfo
  /** Closes the transports and the ledger. */
  close(): Promise<void>
}

/**
 * A client whose adapters are known: `options`, tasks, inputs, `size` and `aspectRatio` are checked
 * for a literal `model`.
 */
export interface PictorFor<Models> extends Pictor {
  plan<const Model extends ModelId<Models>>(request: RequestFor<Models, Model>): Promise<Plan>
  generate<const Model extends ModelId<Models>>(
    request: RequestFor<Models, Model>,
    options?: GenerateOptions,
  ): Promise<ImageResult>
}
