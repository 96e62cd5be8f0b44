import type { Sharp } from "sharp"
import { plain } from "./open-image.ts"

/** A file format, with its quality. */
export interface Encoding {
  readonly mediaType: "image/png" | "image/jpeg" | "image/webp"
  /** 1 to 100; PNG has none. */
  readonly quality?: number
}

const writable = ["image/png", "image/jpeg", "image/webp"] as const
const lossy = ["image/jpeg", "image/webp"] as const
const qualities = [90, 80, 70, 60]

export const hasAlphaType = (types: readonly string[] | undefined): boolean =>
  types === undefined || types.includes("image/png") || types.includes("image/webp")

/**
 * The encodings to try, best quality first: the image's own type if it is allowed, then a lossy
 * type at falling quality. Empty if sharp can write none of the allowed types.
 */
export const encodings = (
  mediaType: string,
  types: readonly string[] | undefined,
  keepsAlpha: boolean,
): readonly Encoding[] => {
  const allowed = (type: string): boolean =>
    (types?.includes(type) ?? true) && !(keepsAlpha && type === "image/jpeg")
  const candidates = writable.filter(allowed)
  const first = candidates.find((type) => type === mediaType) ?? candidates[0]
  if (first === undefined) return []
  const smaller = lossy
    .filter(allowed)
    .find((type, _, all) => type === first || !all.includes(first as never))
  return [
    first === "image/png" ? { mediaType: first } : { mediaType: first, quality: 92 },
    ...(smaller === undefined ? [] : qualities.map((quality) => ({ mediaType: smaller, quality }))),
  ]
}

export const encode = async (
  pixels: Sharp,
  { mediaType, quality = 90 }: Encoding,
): Promise<Uint8Array> => {
  if (mediaType === "image/png") return plain(await pixels.png({ compressionLevel: 6 }).toBuffer())
  if (mediaType === "image/jpeg")
    return plain(await pixels.jpeg({ quality, chromaSubsampling: "4:4:4" }).toBuffer())
  return plain(await pixels.webp({ quality }).toBuffer())
}
