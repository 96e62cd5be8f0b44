import type { ModelCard, Units } from "./card.ts"
import type { ErrorCode } from "./errors.ts"
import type { HttpFamily } from "./http.ts"
import type { FilterStage } from "./image.ts"
import type { Resolved } from "./plan.ts"
import type { JsonObject, Task } from "./request.ts"
import type { Transport } from "./transport.ts"

/** What `lift` leaves of an image: a long string is a view on the reply's bytes. */
export type Base64 = string | { readonly base64: Uint8Array }

/** A picture in a reply. Raw bytes come from a fetched file, or from a whole reply. */
export type ImageData = Base64 | { readonly bytes: Uint8Array }

/** One planned and checked call: the input of `encode`. */
export interface CallDraft {
  readonly card: ModelCard
  readonly task: Task
  /** The id that the provider is called with. */
  readonly modelId: string
  readonly fields: Resolved
  /** Body fields without a neutral name, by body path. */
  readonly options: JsonObject
  readonly count: number
  readonly seed?: number
}

export type Outcome =
  | {
      readonly status: "delivered"
      readonly data: ImageData
      readonly seed?: number
      readonly mask?: ImageData
      readonly warning?: string
    }
  | {
      readonly status: "filtered"
      readonly stage: FilterStage
      readonly reason: string
      readonly preview?: ImageData
      readonly billed?: true | "maybe"
    }
  | {
      readonly status: "failed"
      readonly code: ErrorCode
      readonly message: string
      /** May the same call succeed if it is repeated? Default: by the code. */
      readonly retryable?: boolean
      /** It was charged all the same. */
      readonly billed?: true
    }

/** A decoded reply with what it says of the call's cost. */
export interface Decoded {
  readonly outcomes: readonly Outcome[]
  /** What the provider counted for the whole call. */
  readonly usage?: Units
  /** What the provider says that the call costs, in micro-USD. */
  readonly microUsd?: number
}

/** A preliminary picture of one image of a call, from an event of a streamed reply. */
export interface PartialImage {
  /** The image's position in its call. */
  readonly index: number
  /** Which of the image's partial pictures it is, from 0. */
  readonly step: number
  readonly data: ImageData
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
  /**
   * One outcome per slot, or more. Common shapes: `decodeImageList`, `decodeFinishReasons`. A reply
   * that is a picture comes as `{ bytes, headers }`.
   */
  decode(reply: unknown, count: number): readonly Outcome[] | Decoded
  /** Reads an event of a streamed reply; undefined for an event without a picture. */
  partial?(event: unknown): PartialImage | undefined
  /** How the family's API is called over HTTP, as data. */
  readonly http?: HttpFamily
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
  /** Cards instead of the family's: of a server with the same API, and models of its own. */
  readonly models?: readonly ModelCard[]
  /** Distinguishes two adapters of one family: `eu` is addressed `eu/echo-v1`. */
  readonly name?: string
}
