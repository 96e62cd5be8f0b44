import type { Sharp } from "sharp"
import { plain } from "./picture.ts"

/** One way to write an image. */
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

/** The ways to write it, dearest first: its own type or else a lossless one, then lower and lower quality. Empty if no allowed type can be written. */
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
  const small = lossy
    .filter(allowed)
    .find((type, _, all) => type === first || !all.includes(first as never))
  return [
    first === "image/png" ? { mediaType: first } : { mediaType: first, quality: 92 },
    ...(small === undefined ? [] : qualities.map((quality) => ({ mediaType: small, quality }))),
  ]
}

export const encode = async (
  pixels: Sharp,
  { mediaType, quality = 90 }: Encoding,
): Promise<Uint8Array> => {
  if (mediaType === "image/png") return plain(await pixels.png({ compressionLevel: 9 }).toBuffer())
  if (mediaType === "image/jpeg")
    return plain(await pixels.jpeg({ quality, chromaSubsampling: "4:4:4" }).toBuffer())
  return plain(await pixels.webp({ quality }).toBuffer())
}
