import type { BodyEncoding } from "./card.ts"
import type { Cost } from "./cost.ts"
import type { Garment, JsonObject, Margins, Task, WeightedPrompt } from "./request.ts"

/** An input image as it is sent. */
export interface InputImage {
  readonly base64: string
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly byteLength: number
  /** Lower-case hexadecimal, of the bytes. */
  readonly sha256: string
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** Every neutral field as it is used: defaults included, sizes legal. */
export interface Resolved {
  readonly prompt?: string
  readonly prompts?: readonly WeightedPrompt[]
  readonly negativePrompt?: string
  /** In pixels, or the name of a tier: `"2K"`. */
  readonly size?: Size | string
  readonly aspectRatio?: string
  readonly quality?: string
  readonly guidance?: number
  readonly steps?: number
  readonly style?: string
  readonly outputFormat?: string
  readonly background?: string
  readonly compression?: number
  readonly moderation?: string
  readonly partialImages?: number
  readonly strength?: number
  readonly controlStrength?: number
  readonly image?: InputImage
  readonly images?: readonly InputImage[]
  /** In the model's polarity. */
  readonly mask?: InputImage
  readonly maskPrompt?: string
  readonly keepPrompt?: string
  readonly margins?: Margins
  readonly colors?: readonly string[]
  readonly styleImage?: InputImage
  readonly referenceImage?: InputImage
  readonly control?: string
  readonly garment?: Garment
  readonly upscale?: string
}

/** One difference from the request. `mapped` and `split` are lossless. */
export interface Change {
  readonly field: string
  readonly action: "mapped" | "snapped" | "clamped" | "split" | "dropped"
  readonly from: unknown
  readonly to: unknown
  readonly why: string
}

export interface PlannedCall {
  /** The card's id. */
  readonly model: string
  /** What the provider is called with. */
  readonly modelId: string
  readonly region?: string
  /** Exactly what is sent, as JSON or as a form. */
  readonly body: JsonObject
  /** The path that the task's card names. */
  readonly endpoint?: string
  /** Default `json`. */
  readonly encoding?: BodyEncoding
  readonly seed?: number
  /** The slots that the call fills. */
  readonly slots: readonly number[]
}

/** What `generate` will do, exact to the byte and the micro-USD. */
export interface Plan {
  readonly adapter: string
  readonly model: string
  readonly task: Task
  readonly n: number
  readonly resolved: Resolved
  /** The options without a neutral name, by body path. */
  readonly options: JsonObject
  /** In pixels; absent if only the reply tells it. */
  readonly outputSize?: Size
  readonly calls: readonly PlannedCall[]
  readonly slots: readonly { readonly call: number; readonly index: number }[]
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
  /** The cost if every image is delivered; for prices by usage the most that it can be. */
  readonly estimate: Estimate
}

/** `basis` is absent where the estimate is exact. */
export interface Estimate extends Cost {
  readonly basis?: "upper-bound"
  /** What such a request usually costs, where the model's card says so. Never reserved. */
  readonly likelyMicroUsd?: number
}
