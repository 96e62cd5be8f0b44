import type { ModelCard } from "./card.ts"
import type { ErrorCode } from "./errors.ts"
import type { FilterStage } from "./image.ts"
import type { Resolved } from "./plan.ts"
import type { JsonObject, Task } from "./request.ts"
import type { Transport } from "./transport.ts"

/** What `lift` leaves of an image: a long string is a view on the reply's bytes. */
export type Base64 = string | { readonly base64: Uint8Array }

/** One planned and checked call: the input of `encode`. */
export interface CallDraft {
  readonly card: ModelCard
  readonly task: Task
  readonly fields: Resolved
  /** Body fields without a neutral name, by body path. */
  readonly options: JsonObject
  readonly count: number
  readonly seed?: number
}

export type Outcome =
  | {
      readonly status: "delivered"
      readonly data: Base64
      readonly seed?: number
      readonly mask?: Base64
      readonly warning?: string
    }
  | {
      readonly status: "filtered"
      readonly stage: FilterStage
      readonly reason: string
      readonly preview?: Base64
      readonly billed?: true | "maybe"
    }
  | {
      readonly status: "failed"
      readonly code: ErrorCode
      readonly message: string
      /** May the same call succeed if it is repeated? Default: by the code. */
      readonly retryable?: boolean
    }

/** The cards, bodies and replies of a model family. `encode` and `decode` are pure and total. */
export interface AdapterDefinition<Models extends readonly ModelCard[] = readonly ModelCard[]> {
  readonly name: string
  readonly version?: string
  readonly models: Models
  /** A key of the reply whose value says that a guardrail intervened. */
  readonly guardrail?: { readonly key: string; readonly value: string }
  /** The request body. Default: the body that the card describes, `toBody(draft)`. */
  encode?(draft: CallDraft): JsonObject
  /** One outcome per slot, or more. Common shapes: `decodeImageList`, `decodeFinishReasons`. */
  decode(reply: unknown, count: number): readonly Outcome[]
}

/** A family joined with its transport. `Models` carries what types know about each model. */
export interface ImageAdapter<out Models = unknown> extends AdapterDefinition {
  encode(draft: CallDraft): JsonObject
  readonly transport: Transport
  /** `name` of the settings; models are then also addressed `name/model`. */
  readonly alias?: string
  /** Never set: only its type is used. */
  readonly types?: Models
}

export type AdapterFactory<Models = unknown> = (
  transport: Transport,
  settings?: AdapterSettings,
) => ImageAdapter<Models>

export interface AdapterSettings {
  /** Distinguishes two adapters of one family: `eu` is addressed `eu/amazon.nova-canvas-v1:0`. */
  readonly name?: string
}
