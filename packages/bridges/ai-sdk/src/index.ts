export { createPictorProvider } from "./provider.ts"
export type { ImageMetadata, PictorMetadata } from "./result.ts"
export type {
  PictorImageModelV3,
  PictorProvider,
  PictorProviderOptions,
  PictorProviderV3,
} from "./types.ts"
