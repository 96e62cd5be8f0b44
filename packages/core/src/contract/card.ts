import type { CardInput, Task } from "./request.ts"

/**
 * The limits of an input image: sides and pixels as [min, max], `ratio` as longer side to shorter,
 * `bytes` of the file.
 */
export interface ImageLimits {
  readonly types: readonly string[]
  readonly side?: readonly [min: number, max: number]
  readonly pixels?: readonly [min: number, max: number]
  readonly ratio?: number
  readonly bytes?: number
  /** No transparent pixels. */
  readonly opaque?: true
  /** Red, green and blue of 8 bits: no grey, palette, CMYK or 16 bits. */
  readonly rgb?: true
}

interface ParameterBase {
  /**
   * The path in the request body: `config.cfgScale`, or `contents.0.text` in a list. A size at one
   * path is one text; at a pair of paths it is two numbers. Absent for a fact about the model that
   * is never sent.
   */
  readonly path?: string | readonly [width: string, height: string]
  /** Body path to use when one of these sibling fields is present. Rejected when none is. */
  readonly pathBeside?: Readonly<Record<string, string>>
  /**
   * Values that the body has when this field is present: `{ "tryOn.maskType": "IMAGE" }`. The last
   * such field of the card wins.
   */
  readonly implies?: Readonly<Record<string, string | number | boolean>>
  readonly required?: true
  readonly default?: string | number | boolean
  /** Key of the card's `sources`. */
  readonly source?: string
  /** No official page confirms it. */
  readonly unsure?: true
  /**
   * The values of other settings that this one needs, by name: `{ outputFormat: ["png", "webp"] }`.
   * What was not requested gives way to what was. Of two that were requested, `outputFormat` gives
   * way, else the one with the condition.
   */
  readonly allowedWith?: AllowedWith
}

export type AllowedWith = Readonly<Record<string, readonly (string | number | boolean)[]>>

/** A setting as data. Planning, validation, JSON Schema, option types and bodies use it. */
export type Parameter = ParameterBase &
  /** `min` and `max` are on the model's scale; `inverted`: the model's value is 1 - value. */
  (
    | {
        readonly kind: "range"
        readonly min: number
        readonly max: number
        readonly integer?: true
        readonly inverted?: true
      }
    /** Drawn and derived seeds go up to `narrowMax`, the narrowest published maximum. */
    | {
        readonly kind: "seed"
        readonly min: number
        readonly max: number
        readonly narrowMax?: number
        readonly zero: "literal" | "random"
      }
    /** Images per call. */
    | { readonly kind: "count"; readonly max: number }
    /** `synonyms`: neutral word → value. `tolerated`: accepted in `options`, never planned. */
    | {
        readonly kind: "enum"
        readonly values: readonly string[]
        readonly synonyms?: Readonly<Record<string, string>>
        /** {@link ParameterBase.allowedWith} of single values. */
        readonly valuesAllowedWith?: Readonly<Record<string, AllowedWith>>
        readonly tolerated?: readonly string[]
      }
    /** In Unicode code points. */
    | { readonly kind: "text"; readonly min?: number; readonly max: number }
    /** A list of `{ text, weight }`; `max` code points each. */
    | { readonly kind: "prompts"; readonly max: number }
    /** The legal sizes, such as `"1024x1024"`. */
    | { readonly kind: "sizes"; readonly values: readonly string[] }
    /**
     * Any sides in the limits and divisible by `multiple`; `minPixels` to `pixels`, and at most
     * `ratio` to 1.
     */
    | {
        readonly kind: "grid"
        readonly side: readonly [min: number, max: number]
        readonly multiple: number
        readonly pixels: number
        readonly minPixels?: number
        readonly ratio: number
      }
    /** Named sizes with the pixels of an image: `"2K"`. An aspect ratio may stand beside. */
    | { readonly kind: "tiers"; readonly values: Readonly<Record<string, number>> }
    /** Aspect ratios only; an image has about `pixels`. */
    | { readonly kind: "ratios"; readonly values: readonly string[]; readonly pixels: number }
    /** `as`: how a JSON body holds the picture. Default base64. */
    | { readonly kind: "image"; readonly limits: ImageLimits; readonly as?: PictureText }
    /** `places`: the body path of each picture, instead of one list at `path`. */
    | {
        readonly kind: "images"
        readonly max: number
        readonly limits: ImageLimits
        readonly as?: PictureText
        readonly places?: readonly string[]
      }
    /**
     * `change`: which colour the model changes, or that it changes what is transparent. `binary`:
     * pure black and white only.
     */
    | {
        readonly kind: "mask"
        readonly change: "white" | "black" | "transparent"
        readonly limits: ImageLimits
        readonly as?: PictureText
        readonly binary?: true
        readonly sameSize?: true
        /** Replaces `implies` for a mask from `options` in the other polarity. */
        readonly impliesInverted?: Readonly<Record<string, string | number | boolean>>
      }
    /** A list of at most `max` colours as `#RRGGBB`. */
    | { readonly kind: "colors"; readonly max: number }
    /** An object whose fields have paths of their own; a name with a dot is nested. */
    | { readonly kind: "object"; readonly fields: Readonly<Record<string, Parameter>> }
    | { readonly kind: "flag" }
    /** An object; `list`: a list of objects. */
    | { readonly kind: "json"; readonly list?: true }
  )

export type PictureText = "base64" | "data-url"

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
  | "background"
  | "compression"
  | "moderation"
  | "partialImages"
  | "seed"
  | "n"
  | "strength"
  | "controlStrength"
  | CardInput

export interface TaskCard {
  /** Values that identify the task, by body path: `{ taskType: "TEXT_IMAGE" }`. */
  readonly constants?: Readonly<Record<string, string | number | boolean>>
  /** By neutral name. Other settings are dropped and reported; other inputs are `unsupported`. */
  readonly fields: { readonly [Name in FieldName]?: Parameter }
  /** The body's fields that have no neutral name, by body path. */
  readonly options?: Readonly<Record<string, Parameter>>
  /** Exactly one field of each group is required; `"garment.class"` is a part of a field. */
  readonly oneOf?: readonly (readonly (FieldName | `${FieldName}.${string}`)[])[]
  /**
   * The output has the size of the first input image. If the task also takes a size, it has the
   * nearest legal one unless the request names another.
   */
  readonly output?: "input"
  /** The most images of one call. Default 1. */
  readonly imagesPerCall?: number
  /** The path that the task is sent to; `{model}` stands for the called id. */
  readonly endpoint?: string
  /** How the body is sent. In a form a picture is `{ base64, mediaType }`. Default `json`. */
  readonly encoding?: BodyEncoding
}

/** Parts of a form are named as the body paths are written: `image[]`. */
export type BodyEncoding = "json" | "form"

/** What a provider counts and charges. A started megapixel counts whole. */
export type PriceUnit =
  | "image"
  | "inputTextToken"
  | "inputImageToken"
  | "cachedInputTextToken"
  | "cachedInputImageToken"
  | "outputTextToken"
  | "outputImageToken"
  | "inputMegapixel"
  | "outputMegapixel"
  | "credit"

/** A number for each unit: counted units of a reply, or micro-USD per unit of a price row. */
export type Units = { readonly [Unit in PriceUnit]?: number }

/** The terms of a sum of units for one call. */
export interface UnitTerms {
  /** Per call. */
  readonly call?: Units
  /** Per requested image. */
  readonly image?: Units
  /** Per preliminary image, for each requested image. */
  readonly partialImage?: Units
  /** Per input picture, masks included. */
  readonly input?: Units
  /** Per UTF-8 byte of all texts. */
  readonly textByte?: Units
}

interface PriceConditions {
  readonly task?: Task
  readonly quality?: string
  readonly outputFormats?: readonly string[]
  readonly maxPixels?: number
  readonly maxSteps?: number
  readonly region?: string
  /** ISO date, inclusive. */
  readonly validFrom?: string
  /** ISO date, exclusive. */
  readonly validTo?: string
  readonly source: string
  /** Inferred: no page states it. */
  readonly inferred?: true
  /** The customer's own price: it also comes before what the provider states for a call. */
  readonly configured?: true
}

/** Each delivered image costs the same, whatever the provider counts. */
interface ImagePrice {
  /** Per image. */
  readonly microUsd: number
  readonly units?: never
}

/** The price of a call is known after it, from what the provider counted. */
export interface UnitPrices {
  /** Micro-USD per unit: a page's dollars per million tokens. */
  readonly units: Units
  /** Pixels of a megapixel. Images of a known size are then counted by their pixels. */
  readonly megapixel?: number
  /** The most units of a call, for its upper bound. Without it the price is unknown beforehand. */
  readonly most?: UnitTerms
  /** The units of an ordinary call, for `estimate.likelyMicroUsd`. */
  readonly likely?: UnitTerms
  readonly microUsd?: never
}

/** A price. The first matching row applies; without one the price is unknown. */
export type PriceRow = PriceConditions & (ImagePrice | UnitPrices)

/** A price of the caller's own, such as a discount. It comes before the card's rows. */
export type ConfiguredPrice = PriceRow & {
  /** A card's id, or the `modelId` that is called. */
  readonly model: string
  /**
   * ISO 4217; default USD. Amounts in another currency are in millionths of it; the price counts as
   * unknown, and a warning names the rate.
   */
  readonly currency?: string
}

export type LifecycleStatus = "preview" | "active" | "legacy" | "retired"

export interface Lifecycle {
  readonly status: LifecycleStatus
  /** ISO date, as are all dates here. */
  readonly legacyFrom?: string
  /** Extended access begins: prices may be higher. */
  readonly extendedFrom?: string
  readonly retiredFrom?: string
  /** The provider does not end the model before this date. */
  readonly earliestEnd?: string
  /** The id of the model to use instead. */
  readonly successor?: string
  readonly source?: string
}

export interface Alias<Id extends string = string> {
  readonly id: Id
  readonly warning?: string
}

/** The facts about one model as data, each with its source and date. */
export interface ModelCard<Id extends string = string> {
  readonly id: Id
  /** Other names of the model; the provider is called with `id`. */
  readonly aliases?: readonly (Id | Alias<Id>)[]
  /** The model's page documents the streaming call. */
  readonly streaming?: true
  /** Ids that replace `id` in calls; the first is the default. */
  readonly callableIds?: readonly string[]
  readonly regions: readonly string[]
  readonly lifecycle: Lifecycle
  readonly tasks: { readonly [T in Task]?: TaskCard }
  /**
   * Tasks that some sources claim and the model's own page does not list: requests for them are
   * rejected. The values are keys of `sources`.
   */
  readonly unsure?: { readonly [T in Task]?: readonly string[] }
  readonly prices: readonly PriceRow[]
  readonly sources: Readonly<Record<string, { readonly url: string; readonly seen: string }>>
}
