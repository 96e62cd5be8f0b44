import type { ModelCard } from "./card.ts"
import type { ErrorCode } from "./errors.ts"
import type { CardIds, CardOptions } from "./options.ts"
import type { Resolved } from "./plan.ts"
import type { JsonObject, Task } from "./request.ts"
import type { FilterStage } from "./result.ts"
import type { Transport } from "./transport.ts"

/** What `lift` leaves of an image: a long string is a view on the reply's bytes. */
export type Base64 = string | { readonly base64: Uint8Array }

/** One call, planned and checked, as a family's `encode` gets it. */
export interface CallDraft {
  readonly card: ModelCard
  readonly task: Task
  readonly fields: Resolved
  /** The body's fields without a neutral name, by their place in the body. */
  readonly options: JsonObject
  /** Images of this call. */
  readonly count: number
  readonly seed?: number
}

/** What a reply says of one slot. */
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

/** A model family: its cards, and two pure, total functions. */
export interface AdapterDefinition<Models extends readonly ModelCard[] = readonly ModelCard[]> {
  readonly name: string
  readonly version?: string
  readonly models: Models
  /** A key of the reply whose value says that a guardrail stepped in. */
  readonly guardrail?: { readonly key: string; readonly value: string }
  /** The request body. Everything was checked before; `toBody(draft)` places all that the card describes. */
  encode(draft: CallDraft): JsonObject
  /** One outcome per slot, or more if the reply has more. */
  decode(reply: unknown, count: number): readonly Outcome[]
}

/** A family joined with the transport that reaches it. The type parameters carry the model ids and the type of each one's `options`. */
export interface ImageAdapter<out Ids extends string = string, out OptionsById = unknown>
  extends AdapterDefinition {
  readonly transport: Transport
  /** As given in `settings`; models are then also addressed `name/model`. */
  readonly alias?: string
  readonly types?: { readonly ids: Ids; readonly options: OptionsById }
}

export interface AdapterSettings {
  /** Tells two adapters of one family apart: `eu` is addressed `eu/amazon.nova-canvas-v1:0`. */
  readonly name?: string
}

/**
 * Makes a family into an adapter's factory: `novaCanvas(transport)`.
 *
 * @example
 * export const novaCanvas = defineAdapter({ name: "nova-canvas", models, encode, decode })
 */
export const defineAdapter =
  <const Models extends readonly ModelCard[]>(family: AdapterDefinition<Models>) =>
  (
    transport: Transport,
    settings: AdapterSettings = {},
  ): ImageAdapter<CardIds<Models[number]>, CardOptions<Models>> => ({
    ...family,
    transport,
    ...(settings.name === undefined ? {} : { alias: settings.name }),
  })
