import type { Image } from "./image.ts"

/** Stores images after their request has ended. */
export interface ImageStore {
  put(key: string, image: Image): Promise<void>
  get(key: string): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string } | undefined>
  url(key: string): Promise<string | undefined>
}
