import { type Image, ImageError, type ImageStore, isImageError } from "@pictor/core"
import type { Delivered } from "./deliver.ts"

const endings: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
}

/** A name that nobody guesses: 244 random bits. */
const keyFor = ({ mediaType }: Image): string =>
  `${crypto.randomUUID()}${crypto.randomUUID()}.${endings[mediaType] ?? "bin"}`

const stored = async (image: Image, store: ImageStore): Promise<string | undefined> => {
  try {
    const key = keyFor(image)
    await store.put(key, image)
    return await store.url(key)
  } catch {
    return undefined
  }
}

/** The image as it came; none where it cannot be read. */
export const inline = (
  image: Image,
): readonly Extract<Delivered, { readonly base64: Uint8Array }>[] => {
  try {
    return [{ image, base64: image.base64Bytes() }]
  } catch (error) {
    if (isImageError(error)) return []
    throw error
  }
}

export const unreadable = (count: number): readonly string[] =>
  count > 0 ? [`${count} images that came cannot be read.`] : []

const allStored = async (
  images: readonly Image[],
  store: ImageStore,
): Promise<readonly Delivered[]> => {
  const handed = await Promise.all(
    images.map(async (image): Promise<readonly Delivered[]> => {
      const url = await stored(image, store)
      return url === undefined ? inline(image) : [{ image, url }]
    }),
  )
  return handed.flat()
}

/** The images as they are answered. What could not be stored is paid for all the same: it is answered inline, with a warning. */
export const handOver = async (
  images: readonly Image[],
  store: ImageStore | undefined,
): Promise<{ readonly images: readonly Delivered[]; readonly warnings: readonly string[] }> => {
  const delivered = store ? await allStored(images, store) : images.flatMap(inline)
  if (delivered.length === 0)
    throw new ImageError({
      code: "invalid_response",
      message: "No image that came can be read.",
      maybeBilled: true,
    })
  const unstored = store ? delivered.filter((each) => "base64" in each).length : 0
  return {
    images: delivered,
    warnings: [
      ...(unstored > 0
        ? [
            `${unstored} of ${delivered.length} images could not be stored: they are answered as b64_json.`,
          ]
        : []),
      ...unreadable(images.length - delivered.length),
    ],
  }
}
