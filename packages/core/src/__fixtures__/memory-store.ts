import type { ImageStore } from "../contract/image-store.ts"

type StoredImage = NonNullable<Awaited<ReturnType<ImageStore["get"]>>>

/** Stores images in a map that a test can read. `fail` may throw instead of any method. */
export const memoryStore = (fail: (method: "put" | "get", key: string) => void = () => {}) => {
  const stored = new Map<string, StoredImage>()
  const store: ImageStore = {
    put: async (key, image) => {
      fail("put", key)
      stored.set(key, { bytes: image.bytes(), mediaType: image.mediaType })
    },
    get: async (key) => {
      fail("get", key)
      return stored.get(key)
    },
    url: async () => undefined,
  }
  return { store, stored }
}
