export { type FileStore, type FileStoreOptions, fileStore, type OpenedLink } from "./file-store.ts"
export type { IndexOptions, IndexPlace } from "./image-index.ts"
export { type SaveOptions, saveImages } from "./save-images.ts"
