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

interface OutputSize<Model> {
  /** `"1024x768"` in pixels, or `"auto"`. */
  readonly size?: Checked<Model, `${number}x${number}` | "auto">
  /** `"16:9"`, instead of `size`. The image has about the area of the model's default size. */
  readonly aspectRatio?: Checked<Model, `${number}:${number}`>
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
    OutputSize<Model> & {
      readonly image?: ImageSource
      readonly images?: readonly ImageSource[]
      readonly strength?: number
    }
  inpaint: Prompts & Masked
  outpaint: Prompts & {
    readonly image: ImageSource
    readonly mask?: ImageSource
    readonly keepPrompt?: string
    readonly margins?: Margins
  }
  erase: Masked
  replace: Prompts & Masked
  recolor: Prompts & Masked
  "color-guided": Prompts &
    OutputSize<Model> & {
      readonly colors: readonly string[]
      readonly referenceImage?: ImageSource
    }
  control: Prompts &
    OutputSize<Model> & {
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
  "virtual-try-on": {
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
export const inputNames = [
  "image",
  "images",
  "mask",
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "styleImage",
  "referenceImage",
  "control",
  "garment",
  "upscale",
] as const

export type InputName = (typeof inputNames)[number]

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
  /** The id to call the provider with, if not that of `model`: a profile, or a private copy. */
  readonly modelId?: string
  /** Number of images. More than a call makes are split over several calls. Default 1. */
  readonly n?: number
  /** 0 is sent as 0. */
  readonly seed?: number
  /** `low`, `medium`, `standard`, `auto`, or `high`, `hd`, `xhigh`, `max`, `premium`. */
  readonly quality?: string
  /** How closely to follow the prompt, on the model's own scale. */
  readonly guidance?: number
  readonly steps?: number
  readonly style?: string
  readonly outputFormat?: "png" | "jpeg" | "webp"
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
/** `task`, which may be absent for text to image. */
type TaskField<T extends Task> = T extends "text-to-image"
  ? { readonly task?: T } & OnlyText
  : { readonly task: T }

/** A request for images; a union on `task`. */
export type ImageRequest<Model extends string = string, Options = JsonObject> = {
  [T in Task]: Settings<Model, Options> & TaskInputs<Model>[T] & TaskField<T>
}[Task]

type BareId<Model extends string> = Model extends `${string}/${infer Rest}` ? BareId<Rest> : Model

interface ModelType {
  readonly options: JsonObject
  readonly inputs: { readonly [T in Task]?: InputName }
}

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

/** A request to a client: exact if its adapters know a literal `model`, else any request. */
export type RequestFor<Models, Model extends string> = {
  [T in Task]: T extends keyof Known<Models, Model>["inputs"]
    ? TaskRequest<Models, Model, T>
    : never
}[Task]
