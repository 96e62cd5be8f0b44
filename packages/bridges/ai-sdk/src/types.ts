import type {
  ImageModelV3,
  ImageModelV3CallOptions,
  ImageModelV4,
  ImageModelV4Result,
  ProviderV4,
  SharedV3Warning,
} from "@ai-sdk/provider"
import type { ImageOps, ModelId } from "@pictor/core"
import type { FetchImage } from "@pictor/core/host"

export interface PictorProviderOptions {
  /** `v4` (default) is for `ai` 7, `v3` for `ai` 6. */
  readonly specificationVersion?: "v4" | "v3"
  /**
   * Reads the transparent pixels of masks and images: `sharpImages()` of `@pictor/images`. Without
   * it a mask has to be black and white, white where the image is to change.
   */
  readonly imageOps?: ImageOps
  /**
   * Downloads an input image that is given as a URL, and decides which hosts are allowed. Without
   * it such an image is rejected.
   */
  readonly fetchImage?: FetchImage
}

/** A provider for `ai` 7. It has image models only. */
export interface PictorProvider<Models = unknown> extends ProviderV4 {
  imageModel(modelId: ModelId<Models>): ImageModelV4
  /** The same as `imageModel`. */
  image(modelId: ModelId<Models>): ImageModelV4
}

/** JSON as both versions type it. */
type Json = null | string | number | boolean | Json[] | { [key: string]: Json | undefined }

/** The fourth version has one kind of warning more. */
export interface CallResult extends Pick<ImageModelV4Result, "isRetryable" | "response" | "usage"> {
  readonly images: Uint8Array[]
  readonly warnings: SharedV3Warning[]
  readonly providerMetadata: Record<string, { images: Json[] } & Json>
}

/**
 * `ImageModelV3` as `ai` 6 types it. The type of that name in `@ai-sdk/provider` 4 has other JSON
 * values, and does not fit.
 */
export interface PictorImageModelV3
  extends Pick<ImageModelV3, "specificationVersion" | "provider" | "modelId"> {
  readonly maxImagesPerCall: number
  doGenerate(options: ImageModelV3CallOptions): Promise<CallResult>
}

/** A provider for `ai` 6. It has image models only. */
export interface PictorProviderV3<Models = unknown> {
  readonly specificationVersion: "v3"
  languageModel(modelId: string): never
  embeddingModel(modelId: string): never
  imageModel(modelId: ModelId<Models>): PictorImageModelV3
  /** The same as `imageModel`. */
  image(modelId: ModelId<Models>): PictorImageModelV3
}
