/**
 * An image as the caller has it; a string is base64 or a data URL. Files, URLs and streams are the
 * host's to read.
 */
export type ImageSource = Uint8Array | ArrayBuffer | Blob | string

export interface WeightedPrompt {
  readonly text: string
  /** 1 where absent; below 0 it names what to avoid. */
  readonly weight?: number
}

/** How many pixels to add on each side. */
export interface Margins {
  readonly left?: number
  readonly right?: number
  readonly up?: number
  readonly down?: number
}

/** What is tried on, and how; values in lower-kebab, as Nova Canvas names them. */
export interface Garment {
  readonly class?: string
  readonly shape?: string
  readonly longSleeve?: string
  readonly tucking?: string
  readonly outerLayer?: string
  readonly preserve?: { readonly pose?: string; readonly hands?: string; readonly face?: string }
  readonly merge?: string
}

interface Words {
  readonly prompt?: string
  /** In place of `prompt`: several texts, each with its weight. */
  readonly prompts?: readonly WeightedPrompt[]
  readonly negativePrompt?: string
}

/** A text of the pattern if `Model` is a literal. A request built at run time has a `string`. */
type Checked<Model, Pattern extends string> = string extends Model ? string : Pattern

interface Frame<Model> {
  /** `"1024x768"` in pixels, or `"auto"`. */
  readonly size?: Checked<Model, `${number}x${number}` | "auto">
  /** `"16:9"`; instead of `size`, at about the area of the model's default size. */
  readonly aspectRatio?: Checked<Model, `${number}:${number}`>
}

interface Masked {
  readonly image: ImageSource
  /** White is the area to change. */
  readonly mask?: ImageSource
  /** Words that name the area to change. */
  readonly maskPrompt?: string
}

/** What each task takes, beyond {@link Settings}. */
export interface TaskInputs<Model extends string = string> {
  "text-to-image": Words & Frame<Model>
  "image-to-image": Words &
    Frame<Model> & {
      readonly image?: ImageSource
      readonly images?: readonly ImageSource[]
      readonly strength?: number
    }
  inpaint: Words & Masked
  outpaint: Words & {
    readonly image: ImageSource
    readonly mask?: ImageSource
    readonly keepPrompt?: string
    readonly margins?: Margins
  }
  erase: Masked
  replace: Words & Masked
  recolor: Words & Masked
  "color-guided": Words &
    Frame<Model> & { readonly colors: readonly string[]; readonly referenceImage?: ImageSource }
  control: Words &
    Frame<Model> & {
      readonly image: ImageSource
      readonly control: "canny" | "segmentation" | "sketch" | "structure"
      readonly controlStrength?: number
    }
  "style-guide": Words &
    Frame<Model> & { readonly styleImage: ImageSource; readonly strength?: number }
  "style-transfer": Words & {
    readonly image: ImageSource
    readonly styleImage: ImageSource
    readonly strength?: number
  }
  "remove-background": { readonly image: ImageSource }
  "virtual-try-on": {
    readonly image: ImageSource
    readonly referenceImage: ImageSource
    readonly garment?: Garment
    readonly mask?: ImageSource
    readonly maskPrompt?: string
  }
  upscale: Words & {
    readonly image: ImageSource
    readonly upscale?: "fast" | "conservative" | "creative"
  }
}

export type Task = keyof TaskInputs

/** The inputs of tasks. Planning never drops one. */
export type InputName =
  | "image"
  | "images"
  | "mask"
  | "maskPrompt"
  | "keepPrompt"
  | "margins"
  | "colors"
  | "styleImage"
  | "referenceImage"
  | "control"
  | "garment"
  | "upscale"

/** JSON that only its reader understands. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whom a request is charged to. */
export interface Account {
  readonly key?: string
  readonly user?: string
  readonly team?: string
}

/** What every task takes. */
export interface Settings<Model extends string, Options> {
  readonly model: Model
  /**
   * What the provider is called with where that differs from `model`: an inference profile's or
   * provisioned model's ARN.
   */
  readonly modelId?: string
  /** How many images; more than a call gives are split over several calls. Default 1. */
  readonly n?: number
  /** 0 is a seed like any other. */
  readonly seed?: number
  /** `low`, `medium`, `standard`, `auto`, or `high`, `hd`, `xhigh`, `max`, `premium`. */
  readonly quality?: string
  /** How closely to follow the prompt, in the model's own numbers. */
  readonly guidance?: number
  readonly steps?: number
  readonly style?: string
  readonly outputFormat?: "png" | "jpeg" | "webp"
  /** Fields of the model's own request body, by their own names. */
  readonly options?: Options
  /**
   * `adapt` (default) fits what the model cannot do and reports it; `strict` refuses what would be
   * lost.
   */
  readonly policy?: "adapt" | "strict"
  readonly tags?: Readonly<Record<string, string>>
  readonly account?: Account
  readonly idempotencyKey?: string
}

type KeyOfAny<Each> = Each extends Each ? keyof Each : never
// TypeScript checks the excess fields of a union only if its discriminant is present. Without
// `task` these fields do.
type OnlyText = {
  readonly [Field in Exclude<KeyOfAny<TaskInputs[Task]>, keyof TaskInputs["text-to-image"]>]?: never
}
/** `task`, which may be absent for text to image. */
type TaskField<T extends Task> = T extends "text-to-image"
  ? { readonly task?: T } & OnlyText
  : { readonly task: T }

/** A request for images; a union on `task`. */
export type ImageRequest<Model extends string = string, Options = JsonObject> = {
  [T in Task]: Settings<Model, Options> & TaskInputs<Model>[T] & TaskField<T>
}[Task]

type BareId<Model extends string> = Model extends `${string}/${infer Rest}` ? BareId<Rest> : Model

/** What types know about one model: its `options`, and the inputs of its tasks. */
export interface ModelType {
  readonly options: JsonObject
  readonly inputs: { readonly [T in Task]?: InputName }
}

/** What the adapters know about a model. */
type Known<Models, Model extends string> =
  BareId<Model> extends keyof Models
    ? Models[BareId<Model>] extends infer Type extends ModelType
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

/**
 * A request for a model of a client: exact if its adapters know a literal `model`, else any
 * request.
 */
export type RequestFor<Models, Model extends string> = {
  [T in Task]: T extends keyof Known<Models, Model>["inputs"]
    ? TaskRequest<Models, Model, T>
    : never
}[Task]
