import type { InputName, Task } from "./request.ts"

/** What an input image may be; sides and pixels as [least, most], `ratio` as longer side to shorter, `bytes` of the file. */
export interface ImageLimits {
  readonly types: readonly string[]
  readonly side?: readonly [min: number, max: number]
  readonly pixels?: readonly [min: number, max: number]
  readonly ratio?: number
  readonly bytes?: number
  /** No pixel may be transparent. */
  readonly opaque?: true
}

interface ParameterBase {
  /** Where the value stands in the request body: `imageGenerationConfig.cfgScale`. Absent: a fact about the model that is never sent. */
  readonly path?: string | readonly [width: string, height: string]
  /** In place of `wire` where it stands elsewhere beside each of these, a field or part of one; beside none of them it is refused. */
  readonly pathBeside?: Readonly<Record<string, string>>
  /** What else stands in the body where this is given: `{ "tryOn.maskType": "IMAGE" }`; of several that say it, the last in the card is right. */
  readonly implies?: Readonly<Record<string, string>>
  readonly required?: true
  readonly default?: string | number | boolean
  /** Key of the card's `sources`. */
  readonly source?: string
  /** No official page confirms it. */
  readonly unsure?: true
}

/** What one setting may be, as data: planning, validation, JSON Schema, option types and the body are all derived from it. */
export type Parameter = ParameterBase &
  /** `min` and `max` are the model's; `inverted`: the model counts from the other end, 1 - value. */
  (
    | {
        readonly kind: "range"
        readonly min: number
        readonly max: number
        readonly integer?: true
        readonly inverted?: true
      }
    /** Drawn and derived seeds stay within `narrowMax`, the narrowest published maximum; given ones go up to `max`. */
    | {
        readonly kind: "seed"
        readonly min: number
        readonly max: number
        readonly narrowMax?: number
        readonly zero: "literal" | "random"
      }
    /** Images per call. */
    | { readonly kind: "count"; readonly max: number }
    /** `words`: neutral word → value. `tolerated`: read in `options`, never planned. */
    | {
        readonly kind: "enum"
        readonly values: readonly string[]
        readonly synonyms?: Readonly<Record<string, string>>
        readonly tolerated?: readonly string[]
      }
    /** In Unicode code points. */
    | { readonly kind: "text"; readonly min?: number; readonly max: number }
    /** A list of `{ text, weight }`; `max` code points each. */
    | { readonly kind: "prompts"; readonly max: number }
    /** The legal pairs, `"1024x1024"`. */
    | { readonly kind: "sizes"; readonly values: readonly string[] }
    /** Any size within the side limits, divisible by `multiple`, of at most `pixels` and an aspect of at most `ratio` to 1. */
    | {
        readonly kind: "grid"
        readonly side: readonly [min: number, max: number]
        readonly multiple: number
        readonly pixels: number
        readonly ratio: number
      }
    /** Aspect ratios only; a picture has about `pixels`. */
    | { readonly kind: "ratios"; readonly values: readonly string[]; readonly pixels: number }
    | { readonly kind: "image"; readonly limits: ImageLimits }
    | { readonly kind: "images"; readonly max: number; readonly limits: ImageLimits }
    /** `change`: which colour the model changes. `binary`: pure black and white only. */
    | {
        readonly kind: "mask"
        readonly change: "white" | "black"
        readonly limits: ImageLimits
        readonly binary?: true
        readonly sameSize?: true
        /** What may stand in place of `says` where the mask is the model's own, from `options`, in the other polarity. */
        readonly impliesInverted?: Readonly<Record<string, string>>
      }
    /** `#RRGGBB`, at most so many. */
    | { readonly kind: "colors"; readonly max: number }
    /** An object whose fields have places of their own; a name with a dot is nested. */
    | { readonly kind: "object"; readonly fields: Readonly<Record<string, Parameter>> }
    | { readonly kind: "flag" }
    | { readonly kind: "json" }
  )

/** The neutral fields that a card can describe. */
export type FieldName =
  | "prompt"
  | "prompts"
  | "negativePrompt"
  | "size"
  | "aspectRatio"
  | "quality"
  | "guidance"
  | "steps"
  | "style"
  | "outputFormat"
  | "seed"
  | "n"
  | "strength"
  | "controlStrength"
  | InputName

export interface TaskCard {
  /** Values that say which task it is, by their place in the body: `{ taskType: "TEXT_IMAGE" }`. */
  readonly constants?: Readonly<Record<string, string>>
  /** What the model takes, by neutral name. A setting that is absent here is dropped and reported; an input is `unsupported`. */
  readonly fields: { readonly [Name in FieldName]?: Parameter }
  /** The body's fields that have no neutral name, by their place in the body. */
  readonly options?: Readonly<Record<string, Parameter>>
  /** Exactly one of each group is given; `"garment.class"` is a part of a field. */
  readonly oneOf?: readonly (readonly (FieldName | `${FieldName}.${string}`)[])[]
  /** The picture has the size of the input image. */
  readonly output?: "input"
  /** Images that one call makes at most. 1 where absent. */
  readonly imagesPerCall?: number
}

/** The price of one image; the first row that matches counts, none → the price is unknown. */
export interface PriceRow {
  /** Micro-USD per image. */
  readonly microUsd: number
  readonly task?: Task
  readonly quality?: string
  readonly maxPixels?: number
  readonly maxSteps?: number
  readonly region?: string
  /** ISO date, inclusive. */
  readonly validFrom?: string
  /** ISO date, exclusive. */
  readonly validTo?: string
  readonly source: string
  /** The row is our reading; no page states it. */
  readonly inferred?: true
}

/** A price of the caller's own (a discount, a provisioned model): comes before the cards' rows. */
export interface ConfiguredPrice extends PriceRow {
  /** A card's id, or the `modelId` (ARN) that is called. */
  readonly model: string
  /**
   * ISO 4217; USD where it is absent. In another one `microUsd` counts millionths of that: its images are of unknown price, in no sum, and a warning
   * names the rate.
   */
  readonly currency?: string
}

export type LifecycleStatus = "active" | "legacy" | "retired"

export interface Lifecycle {
  readonly status: LifecycleStatus
  /** ISO dates. */
  readonly legacyFrom?: string
  readonly retiredFrom?: string
  /** The id of the model to use instead. */
  readonly successor?: string
  readonly source?: string
}

export interface Alias<Id extends string = string> {
  readonly id: Id
  readonly warning?: string
}

/** All that is known of one model, as data, with the source and date of each fact. */
export interface ModelCard<Id extends string = string> {
  readonly id: Id
  /** Other names that mean this card; the provider is called by `id`. */
  readonly aliases?: readonly (Id | Alias<Id>)[]
  /** The model's page names the streaming call. */
  readonly streaming?: true
  /** Ids called in place of `id`; the first is the default. */
  readonly profiles?: readonly string[]
  readonly regions: readonly string[]
  readonly lifecycle: Lifecycle
  readonly tasks: { readonly [T in Task]?: TaskCard }
  readonly prices: readonly PriceRow[]
  readonly sources: Readonly<Record<string, { readonly url: string; readonly seen: string }>>
}
