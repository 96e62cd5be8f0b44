import type { ConfiguredPrice } from "../contract/card.ts"
import type { ImageOps } from "../contract/image-ops.ts"
import type { Change, InputImage, Plan } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import type { Runtime } from "../contract/runtime.ts"
import type { Target } from "../models/registry.ts"
import type { CallPrice } from "./price.ts"

export interface PlanningRules {
  readonly prices: readonly ConfiguredPrice[]
  readonly maxImages: number
  readonly lifecycle: "warn" | "refuse"
  readonly runtime: Runtime
  readonly imageOps?: ImageOps | undefined
  readonly maxInputPixels: number
}

/** The input images as the caller gave them, by field. */
export type InputImages = Readonly<Record<string, InputImage | readonly InputImage[]>>

export interface Planned {
  readonly plan: Plan
  readonly target: Target
  readonly price: CallPrice
  readonly inputImages: InputImages
  /** The mask came in `options`, in the model's own polarity. */
  readonly hasModelMask: boolean
  readonly recipe: JsonObject
  /** The request without its images. */
  readonly request: ImageRequest
  /** The request before middleware, without its images. */
  readonly originalRequest: ImageRequest
  /** What middleware changed in the request. */
  readonly requestChanges: readonly Change[]
}

/** Where a request comes from, if not straight from the caller. */
export interface Origin {
  readonly changes?: readonly Change[]
  readonly region?: string | undefined
  readonly originalRequest?: ImageRequest
}

export interface Planning {
  plan(request: ImageRequest, origin?: Origin): Promise<Planned>
  recall(plan: object): Planned | undefined
}
