/** A string is base64 or a data URL. The application reads files, URLs and streams. */
export type ImageSource = Uint8Array | ArrayBuffer | Blob | string

export interface WeightedPrompt {
  readonly text: string
  /** Default 1. A negative weight means to avoid the text. */
  readonly weight?: number
}

export interface Margins {
  readonly left?: number
  readonly right?: number
  readonly up?: number
  readonly down?: number
}

/** The garment to try on. Values are in lower-kebab case. */
export interface Garment {
  readonly class?: string
  readonly shape?: string
  readonly longSleeve?: string
  readonly tucking?: string
  readonly outerLayer?: string
  readonly preserve?: { readonly pose?: string; readonly hands?: string; readonly face?: string }
  readonly merge?: string
}

interface Prompts {
  readonly prompt?: string
  /** Weighted texts, instead of `prompt`. */
  readonly prompts?: readonly WeightedPrompt[]
  readonly negativePrompt?: string
}

/** The pattern for a literal `Model`. A request built at run time takes any string. */
type Checked<Model, Pattern extends string> = string extends Model ? string : Pattern

/** A named size: `"2K"` has as many pixels as 2,048 x 2,048, and `"768sq"` as 768 x 768. */
type Tier = `${number}${"K" | "k" | "sq"}`

interface OutputSize<Model> {
  /** `"1024x768"` in pixels, a tier such as `"2K"`, or `"auto"`. */
  readonly size?: Checked<Model, `${number}x${number}` | Tier | "auto">
  /**
   * `"16:9"`, instead of a size in pixels, or beside a tier. Alone, the image has about the area of
   * the model's default size.
   */
  readonly aspectRatio?: Checked<Model, `${number}:${number}`>
}

export const referenceRoles = ["subject", "style", "layout", "character", "edit"] as const

export interface Reference {
  readonly image: ImageSource
  /** What the image is for. Dropped and reported where the model has no field of that meaning. */
  readonly role?: (typeof referenceRoles)[number]
}

interface References {
  /** Further images, in order; `references` without roles. `image` comes first. */
  readonly images?: readonly ImageSource[]
  readonly references?: readonly Reference[]
}

interface Masked {
  readonly image: ImageSource
  /** White is the area to change. */
  readonly mask?: ImageSource
  /** A text that names the area to change, instead of `mask`. */
  readonly maskPrompt?: string
}

/** The fields of each task, besides {@link Settings}. */
export interface TaskInputs<Model extends string = string> {
  "text-to-image": Prompts & OutputSize<Model>
  "image-to-image": Prompts &
    OutputSize<Model> &
    References & { readonly image?: ImageSource; readonly strength?: number }
  inpaint: Prompts & Masked & References
  outpaint: Prompts &
    References & {
      readonly image: ImageSource
      readonly mask?: ImageSource
      readonly keepPrompt?: string
      readonly margins?: Margins
    }
  erase: Masked
  replace: Prompts & Masked & References
  recolor: Prompts & Masked & References
  "color-guided": Prompts &
    OutputSize<Model> & {
      readonly colors: readonly string[]
      readonly referenceImage?: ImageSource
    }
  control: Prompts &
    OutputSize<Model> &
    References & {
      readonly image: ImageSource
      readonly control: "canny" | "segmentation" | "sketch" | "structure"
      readonly controlStrength?: number
    }
  "style-guide": Prompts &
    OutputSize<Model> & { readonly styleImage: ImageSource; readonly strength?: number }
  "style-transfer": Prompts & {
    readonly image: ImageSource
    readonly styleImage: ImageSource
    readonly strength?: number
  }
  "remove-background": { readonly image: ImageSource }
  "virtual-try-on": Prompts &
    References & {
      readonly image: ImageSource
      readonly referenceImage: ImageSource
      readonly garment?: Garment
      readonly mask?: ImageSource
      readonly maskPrompt?: string
    }
  upscale: Prompts & {
    readonly image: ImageSource
    readonly upscale?: "fast" | "conservative" | "creative"
  }
}

export type Task = keyof TaskInputs

/** The inputs of tasks. Planning never drops one. */
export const imageNames = [
  "image",
  "images",
  "references",
  "mask",
  "styleImage",
  "referenceImage",
] as const

/** The inputs that are no images. */
export const otherInputNames = [
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "control",
  "garment",
  "upscale",
] as const

export const inputNames = [...imageNames, ...otherInputNames] as const

export type ImageName = (typeof imageNames)[number]

export type InputName = (typeof inputNames)[number]

/** The inputs that a card describes. References become other inputs. */
export type CardInput = Exclude<InputName, "references">

export type JsonObject = Readonly<Record<string, unknown>>

/** Who is charged for a request. */
export interface Account {
  readonly key?: string
  readonly user?: string
  readonly team?: string
  /** The person behind the request, in the caller's words. The other fields are the operator's. */
  readonly endUser?: string
}

export interface Settings<Model extends string, Options> {
  readonly model: Model
  /** The id to call the provider with, if not that of `model`: of a private copy, for example. */
  readonly modelId?: string
  /** Number of images. More than a call makes are split over several calls. Default 1. */
  readonly n?: number
  /** 0 is sent as 0. */
  readonly seed?: number
  /**
   * `low`; `medium`, `standard` or `auto`; `high`, `hd` or `premium`; `xhigh`; `max`. The nearest
   * that the model has is used.
   */
  readonly quality?: string
  /** How closely to follow the prompt, on the model's own scale. */
  readonly guidance?: number
  readonly steps?: number
  readonly style?: string
  readonly outputFormat?: "png" | "jpeg" | "webp"
  /** `transparent` is `unsupported` on a model that does not make transparent images. */
  readonly background?: "transparent" | "opaque" | "auto"
  /** How much of the image a lossy format keeps, from 0 to 100: 100 keeps most. */
  readonly compression?: number
  /** How strictly the provider filters. */
  readonly moderation?: "auto" | "low"
  /** Preliminary images of each image. They are reported by `onPartial` and may be charged. */
  readonly partialImages?: number
  /** Fields of the model's own request body, by the names of its API. */
  readonly options?: Options
  /** `adapt` (default) adapts settings to the model and reports it; `strict` rejects losses. */
  readonly policy?: "adapt" | "strict"
  readonly tags?: Readonly<Record<string, string>>
  /**
   * Names of `tags` that the caller of an application chose. They are recorded, and no budget
   * counts them.
   */
  readonly clientTags?: readonly string[]
  readonly account?: Account
  readonly idempotencyKey?: string
}

type KeyOfAny<Each> = Each extends Each ? keyof Each : never
// TypeScript checks the excess fields of a union only if its discriminant is present. Without
// `task` these fields do.
type OnlyText = {
  readonly [Field in Exclude<KeyOfAny<TaskInputs[Task]>, keyof TaskInputs["text-to-image"]>]?: never
}
/** An image whose transparent pixels are the mask. */
type OnlyHole = {
  readonly [Field in Exclude<KeyOfAny<TaskInputs[Task]>, keyof Prompts | "image">]?: never
}
/**
 * `task`, which may be absent for text to image, and for an image with transparent pixels on a
 * model that can inpaint.
 */
type TaskField<T extends Task> = T extends "text-to-image"
  ? { readonly task?: T } & OnlyText
  : T extends "inpaint"
    ? { readonly task: T } | ({ readonly task?: never } & OnlyHole)
    : { readonly task: T }

/** A request for images; a union on `task`. */
export type ImageRequest<Model extends string = string, Options = JsonObject> = {
  [T in Task]: Settings<Model, Options> & TaskInputs<Model>[T] & TaskField<T>
}[Task]

/** The id, which may have slashes, without the prefixes that stand before it. */
type BareId<Models, Model extends string> = Model extends keyof Models
  ? Model
  : Model extends `${string}/${infer Rest}`
    ? BareId<Models, Rest>
    : Model

interface ModelType {
  readonly options: JsonObject
  readonly inputs: { readonly [T in Task]?: InputName }
}

type Known<Models, Model extends string> =
  BareId<Models, Model> extends keyof Models
    ? Models[BareId<Models, Model>] extends infer Type extends ModelType
      ? Type
      : never
    : { readonly options: JsonObject; readonly inputs: { readonly [T in Task]: InputName } }

/** The type of `options` for a model string: exact if an adapter knows the id, else any object. */
export type OptionsFor<Models, Model extends string> = Known<Models, Model>["options"]

/** The inputs that the model does not take in a task. */
type Foreign<Inputs, T extends Task> = {
  readonly [Name in Exclude<InputName, T extends keyof Inputs ? Inputs[T] : never>]?: never
}

/** A request for one task of a model. An alias of its own, so that hovers show its name. */
type TaskRequest<Models, Model extends string, T extends Task> = Settings<
  Model,
  OptionsFor<Models, Model>
> &
  TaskInputs<Model>[T] &
  TaskField<T> &
  Foreign<Known<Models, Model>["inputs"], T>

/** A request to a client: exact if its adapters know a literal `model`, else any request. */
export type RequestFor<Models, Model extends string> = {
  [T in Task]: T extends keyof Known<Models, Model>["inputs"]
    ? TaskRequest<Models, Model, T>
    : never
}[Task]
