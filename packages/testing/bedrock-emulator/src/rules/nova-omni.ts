import { at, imageHeader, isJsonObject, type JsonObject, textAt } from "@pictor/emulator-kit"
import type { Violation } from "../violations.ts"
import { checkImages, type ImageLimits } from "./images.ts"

/**
 * The page is of Nova 2 Lite: none of Nova 2 Omni says how many pictures it takes.
 * https://docs.aws.amazon.com/nova/latest/nova2-userguide/using-multimodal-models.html, seen
 * 2026-11-30
 */
export const maxPictures = 5

/** https://docs.aws.amazon.com/nova/latest/userguide/modalities-image.html, seen 2026-11-30 */
const limits: ImageLimits = { formats: ["png", "jpeg", "webp"], minSide: 1, maxSide: 8000 }

export const contentOf = (body: JsonObject): readonly JsonObject[] => {
  const content = at(body, "messages", "0", "content")
  return Array.isArray(content) ? content.filter(isJsonObject) : []
}

/** Where the pictures of a body are, in order. */
const picturePaths = (body: JsonObject): readonly (readonly string[])[] =>
  contentOf(body).flatMap((part, index) =>
    part["image"] === undefined
      ? []
      : [["messages", "0", "content", String(index), "image", "source", "bytes"]],
  )

/** Rules of Nova 2 Omni that its schema cannot express. */
export const novaOmniRules = (body: JsonObject): readonly Violation[] => {
  const paths = picturePaths(body)
  return [
    ...(contentOf(body).some(({ text }) => text !== undefined)
      ? []
      : [{ path: "#/messages/0/content", message: "a text is required" }]),
    ...(paths.length > maxPictures
      ? [
          {
            path: "#/messages/0/content",
            message: `${paths.length} images is not less or equal to ${maxPictures}`,
          },
        ]
      : []),
    ...checkImages(body, paths, limits),
    ...contentOf(body).flatMap(formatRule),
  ]
}

const formatRule = (part: JsonObject, index: number): readonly Violation[] => {
  const format = textAt(part, "image", "format")
  const actual = imageHeader(textAt(part, "image", "source", "bytes") ?? "")?.format
  if (actual === undefined || actual === format) return []
  const path = `#/messages/0/content/${index}/image/format`
  return [{ path, message: `the image is ${actual}, not ${format}` }]
}
