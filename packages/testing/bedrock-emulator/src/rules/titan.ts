import { numberAt } from "@pictor/emulator-kit"
import type { Violation } from "../violations.ts"
import { amazonImages, oneMask } from "./amazon.ts"
import type { ImageLimits } from "./images.ts"

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html, seen
 * 2026-11-20
 */
const sizes: ReadonlySet<string> = new Set(
  [
    "1024x1024 768x768 512x512 768x1152 384x576 1152x768 576x384 768x1280 384x640 1280x768 640x384 896x1152 448x576",
    "1152x896 576x448 768x1408 384x704 1408x768 704x384 640x1408 320x704 1408x640 704x320 1152x640 1173x640",
  ].flatMap((line) => line.split(" ")),
)

/** 5 MB, in the larger reading. */
const maxBytes = 5_242_880

const inputLimits: ImageLimits = { formats: ["png", "jpeg"], minSide: 1, maxSide: 1408, maxBytes }

/** Rules of Titan that its schema cannot express. */
export const titanRules = (body: unknown): readonly Violation[] => [
  ...sizeRule(body),
  ...oneMask(body, "inPaintingParams"),
  ...oneMask(body, "outPaintingParams"),
  ...amazonImages(body, inputLimits),
]

const sizeRule = (body: unknown): readonly Violation[] => {
  const width = numberAt(body, "imageGenerationConfig", "width") ?? 1024
  const height = numberAt(body, "imageGenerationConfig", "height") ?? 1024
  const size = `${width}x${height}`
  return sizes.has(size)
    ? []
    : [{ path: "#/imageGenerationConfig", message: `${size} is not a supported image size` }]
}
