import type { ImageStore } from "../contract/image-store.ts"

type Kept = NonNullable<Awaited<ReturnType<ImageStore["get"]>>>

/** Keeps images in a map that a test may look at; `fail` may throw in place of any method. */
export const memoryStore = (fail: (method: "put" | "get", key: string) => void = () => {}) => {
  const kept = new Map<string, Kept>()
  const store: ImageStore = {
    put: async (key, image) => {
      fail("put", key)
      kept.set(key, { bytes: image.bytes(), mediaType: image.mediaType })
    },
    get: async (key) => {
      fail("get", key)
      return kept.get(key)
    },
    url: async () => undefined,
  }
  return { store, kept }
}
