import { type JsonObject, numberAt, type Size, textAt } from "@pictor/emulator-kit"
import type { Endpoint } from "./endpoints.ts"

/** The size of the result, from the body and the sizes of its input pictures. */
export const outputSize = (
  { size, maxPixels = Number.POSITIVE_INFINITY }: Endpoint,
  body: JsonObject,
  inputs: readonly Size[],
): Size => {
  const [input] = inputs
  switch (size.kind) {
    case "sides": {
      const { width, height } =
        input === undefined ? size.fallback : within(input, maxPixels, size.multiple)
      return {
        width: numberAt(body, "width") ?? width,
        height: numberAt(body, "height") ?? height,
      }
    }
    case "ratio":
      return ofRatio(ratioAt(body) ?? ratioOf(input) ?? size.fallback, size.pixels)
    case "tier":
      return ofRatio(
        ratioAt(body) ?? ratioOf(input) ?? 1,
        (tiers[textAt(body, "resolution") ?? "1k"] ?? 1024) ** 2,
      )
    case "input":
      return input ?? { width: 1024, height: 1024 }
    case "margins":
      return {
        width: (input?.width ?? 0) + marginAt(body, "left") + marginAt(body, "right"),
        height: (input?.height ?? 0) + marginAt(body, "top") + marginAt(body, "bottom"),
      }
  }
}

const marginAt = (body: JsonObject, side: string): number => numberAt(body, side) ?? 0

/** The side of a square of the tier's area. */
const tiers: { readonly [resolution: string]: number } = {
  "768sq": 768,
  "1k": 1024,
  "1.5k": 1536,
  "2k": 2048,
  "4k": 4096,
}

/** The requested width to height. Undefined without `aspect_ratio` and for `auto`. */
export const ratioAt = (body: JsonObject): number | undefined => {
  const [width = 0, height = 0] = (textAt(body, "aspect_ratio") ?? "").split(":").map(Number)
  return width > 0 && height > 0 ? width / height : undefined
}

const ratioOf = (size: Size | undefined): number | undefined =>
  size === undefined ? undefined : size.width / size.height

const ofRatio = (ratio: number, pixels: number): Size => ({
  width: nearest(Math.sqrt(pixels * ratio), 16),
  height: nearest(Math.sqrt(pixels / ratio), 16),
})

const nearest = (side: number, multiple: number): number =>
  Math.max(multiple, Math.round(side / multiple) * multiple)

/** An input's size, reduced to the most pixels and to whole multiples. */
const within = ({ width, height }: Size, maxPixels: number, multiple: number): Size => {
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)))
  const side = (length: number): number =>
    Math.max(64, Math.floor((length * scale) / multiple) * multiple)
  return { width: side(width), height: side(height) }
}
