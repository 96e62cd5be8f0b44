import { type ImageHeader, imageHeader, textAt, textsAt } from "@pictor/emulator-kit"
import type { Violation } from "../violations.ts"

/** The input pictures that a family accepts. */
export type ImageLimits = {
  readonly formats: readonly ImageHeader["format"][]
  readonly minSide: number
  readonly maxSide: number
  readonly minPixels?: number
  readonly maxPixels?: number
  readonly maxAspect?: number
  readonly maxBytes?: number
}

/** Checks the input pictures at these paths. A path may lead to one picture or to a list. */
export const checkImages = (
  body: unknown,
  paths: readonly (readonly string[])[],
  limits: ImageLimits,
): readonly Violation[] =>
  paths.flatMap((path) =>
    picturesAt(body, path).flatMap(({ where, base64 }) => checkImage(where, base64, limits)),
  )

/** A mask must have the size of the picture it belongs to. */
export const checkMask = (
  body: unknown,
  image: readonly string[],
  mask: readonly string[],
): readonly Violation[] => {
  const [imageSize, maskSize] = [image, mask].map((path) =>
    imageHeader(textAt(body, ...path) ?? ""),
  )
  if (imageSize === undefined || maskSize === undefined) return []
  if (imageSize.width === maskSize.width && imageSize.height === maskSize.height) return []
  const message = `the mask is ${maskSize.width}x${maskSize.height}, the image ${imageSize.width}x${imageSize.height}`
  return [{ path: `#/${mask.join("/")}`, message }]
}

/** A picture in a body, and its JSON pointer fragment. */
export type Picture = { readonly where: string; readonly base64: string }

/** The pictures at a path, which may lead to one or to a list. */
export const picturesAt = (body: unknown, path: readonly string[]): readonly Picture[] => {
  const where = `#/${path.join("/")}`
  const single = textAt(body, ...path)
  if (single !== undefined) return [{ where, base64: single }]
  return textsAt(body, ...path).map((base64, index) => ({ where: `${where}/${index}`, base64 }))
}

const checkImage = (path: string, base64: string, limits: ImageLimits): readonly Violation[] => {
  const header = imageHeader(base64)
  if (header === undefined)
    return [{ path, message: `not a base64-encoded ${limits.formats.join(", ")} image` }]
  return [...sizeProblems(header, limits), ...byteProblems(base64, limits)].map((message) => ({
    path,
    message,
  }))
}

const byteProblems = (
  base64: string,
  { maxBytes = Number.POSITIVE_INFINITY }: ImageLimits,
): readonly string[] => {
  const bytes = (base64.length / 4) * 3 - (/=*$/.exec(base64.slice(-2))?.[0].length ?? 0)
  return bytes > maxBytes ? [`${bytes} bytes is not less or equal to ${maxBytes}`] : []
}

const sizeProblems = (
  { format, width, height }: ImageHeader,
  limits: ImageLimits,
): readonly string[] => {
  const {
    formats,
    minSide,
    maxSide,
    minPixels = 0,
    maxPixels = Number.POSITIVE_INFINITY,
    maxAspect = Number.POSITIVE_INFINITY,
  } = limits
  const [short, long] = width < height ? [width, height] : [height, width]
  return [
    ...(formats.includes(format)
      ? []
      : [`${format} is not a valid image format, use ${formats.join(", ")}`]),
    ...(short < minSide ? [`image side ${short} is not greater or equal to ${minSide}`] : []),
    ...(long > maxSide ? [`image side ${long} is not less or equal to ${maxSide}`] : []),
    ...(width * height < minPixels
      ? [`${width * height} pixels is not greater or equal to ${minPixels}`]
      : []),
    ...(width * height > maxPixels
      ? [`${width * height} pixels is not less or equal to ${maxPixels}`]
      : []),
    ...(long > short * maxAspect
      ? [`the aspect ratio of ${width}x${height} is not within 1:${maxAspect} to ${maxAspect}:1`]
      : []),
  ]
}
