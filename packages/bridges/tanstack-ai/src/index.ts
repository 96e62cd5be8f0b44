export { createPictorImage } from "./adapter.ts"
export { type ImageModelMeta, imageModelMeta } from "./model-meta.ts"
export type {
  PictorImageAdapter,
  PictorImageOptions,
  PictorModelOptions,
} from "./types.ts"
