import type { ImageAbout, ImageStore } from "../contract/image-store.ts"

type StoredImage = NonNullable<Awaited<ReturnType<ImageStore["get"]>>>

/** Stores images in a map that a test can read. `fail` may throw instead of any method. */
export const memoryStore = (fail: (method: "put" | "get", key: string) => void = () => {}) => {
  const stored = new Map<string, StoredImage>()
  const abouts = new Map<string, ImageAbout>()
  const store: ImageStore = {
    put: async (key, image, about) => {
      fail("put", key)
      stored.set(key, { bytes: image.bytes(), mediaType: image.mediaType })
      abouts.set(key, about)
    },
    get: async (key) => {
      fail("get", key)
      return stored.get(key)
    },
    url: async () => undefined,
  }
  return { store, stored, abouts }
}
