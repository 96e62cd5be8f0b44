import type { ImageOps, ImageResult, JsonObject, Settings, Task, TaskInputs } from "@pictor/core"
import type { FetchImage } from "@pictor/core/host"
import type { ImageGenerationOptions, ImageGenerationResult } from "@tanstack/ai"

export interface PictorImageOptions {
  /**
   * Called with every result: TanStack AI's own result has no place for changes, seeds, and costs
   * per image. What it throws is logged.
   */
  readonly onResult?: (result: ImageResult) => void
  /**
   * Reads the transparent pixels of masks and images: `sharpImages()` of `@pictor/images`. Without
   * it a mask has to be black and white, white where the image is to change.
   */
  readonly imageOps?: ImageOps
  /**
   * Downloads an image that a prompt part names by URL, and decides which hosts are allowed.
   * Without it such a part is rejected.
   */
  readonly fetchImage?: FetchImage
}

type Given = "prompt" | "size"

/** Inputs and settings of any task. */
type Fields = { [T in Task]: Partial<Omit<TaskInputs[T], Given>> }[Task]

/** Every field of a request that `generateImage` does not have itself. */
export type PictorModelOptions<Options = JsonObject> = Fields &
  Omit<Settings<string, Options>, "model" | "n"> & {
    readonly task?: Task
    /** For the whole request. */
    readonly timeoutMs?: number
  }

type OptionsByName<Models> = {
  [Model in keyof Models & string]: Models[Model] extends { readonly options: infer Options }
    ? PictorModelOptions<Options>
    : PictorModelOptions
}

/** A model without sizes takes none. */
type SizeByName<Models> = {
  [Model in keyof Models & string]: Models[Model] extends { readonly sizes: infer Size }
    ? [Size] extends [never]
      ? undefined
      : Extract<Size, string> | "auto"
    : string
}

type Pictures = "image" | "images" | "styleImage" | "referenceImage"

type ModalitiesByName<Models> = {
  [Model in keyof Models & string]: Models[Model] extends { readonly inputs: infer Inputs }
    ? Extract<Inputs[keyof Inputs], Pictures> extends never
      ? readonly []
      : readonly ["image"]
    : readonly ["image"]
}

/**
 * An image adapter whose options, sizes and prompt parts are those of its model. A type of its own,
 * since an `ImageAdapter` of one model does not fit where one of any model is taken.
 */
export interface PictorImageAdapter<Models, Model extends string> {
  readonly kind: "image"
  readonly name: "pictor"
  readonly model: Model
  /** For types only: it has no value at run time. */
  readonly "~types": {
    providerOptions: PictorModelOptions
    modelProviderOptionsByName: OptionsByName<Models>
    modelSizeByName: SizeByName<Models>
    modelInputModalitiesByName: ModalitiesByName<Models>
  }
  generateImages(options: ImageGenerationOptions): Promise<ImageGenerationResult>
}
