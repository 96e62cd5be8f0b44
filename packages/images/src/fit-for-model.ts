import type { FittedImage } from "@pictor/core"
import type { ImageLimits } from "@pictor/core/adapter"
import { type Encoding, hasAlphaType } from "./encoding.ts"
import { invalid } from "./errors.ts"
import { shrink, writableSize } from "./fit.ts"
import { isTransparent, openImage } from "./open-image.ts"

/**
 * Brings a picture within a model's limits, upright: its own type where the model takes it, else
 * PNG where it keeps its transparency and JPEG elsewhere. Never cropped and never padded.
 */
export const fit = async (
  maxPixels: number,
  image: Uint8Array,
  limits: ImageLimits,
): Promise<FittedImage> => {
  const source = await openImage(image, maxPixels)
  const hasTransparency = await isTransparent(source)
  const keepsAlpha = hasTransparency && limits.opaque !== true && hasAlphaType(limits.types)
  const candidates = encodingsOf(source.mediaType, limits.types, keepsAlpha)
  if (candidates.length === 0)
    throw invalid(`The image is ${source.mediaType}; the model takes ${limits.types.join(", ")}.`)
  const { file, width, height } = await shrink(
    {
      ...limits,
      ...writableSize(limits, maxPixels),
      source,
      keepsAlpha,
      background: "#ffffff",
      fit: "contain",
    },
    candidates,
  )
  return {
    image: file,
    width,
    height,
    transform: { orientation: source.orientation, width, height },
  }
}

const usualQuality = 95
const smallerQualities = [85, 75]

/** The encodings to try, best quality first. */
const encodingsOf = (
  mediaType: string,
  types: readonly string[],
  keepsAlpha: boolean,
): readonly Encoding[] => {
  const usual = keepsAlpha
    ? (["image/png", "image/webp"] as const)
    : (["image/jpeg", "image/png", "image/webp"] as const)
  const taken = usual.filter((type) => types.includes(type))
  const first = taken.find((type) => type === mediaType) ?? taken[0]
  if (first === undefined) return []
  const smaller = taken.find((type) => type !== "image/png")
  return [
    { mediaType: first, quality: usualQuality },
    ...(smaller && smaller !== first ? [{ mediaType: smaller, quality: usualQuality }] : []),
    ...(smaller ? smallerQualities.map((quality) => ({ mediaType: smaller, quality })) : []),
  ]
}
