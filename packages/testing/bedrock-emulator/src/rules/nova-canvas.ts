import { at, numberAt, textAt } from "@pictor/emulator-kit"
import { missing, type Violation } from "../violations.ts"
import { amazonImages, oneMask } from "./amazon.ts"
import { checkImages, checkMask, type ImageLimits } from "./images.ts"

/**
 * The guide requires less than 4,194,304 pixels and lists 2048x2048, which has exactly as many, so
 * the bound is inclusive.
 * https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html, seen 2026-11-20
 */
const maxPixels = 4_194_304

const maxAspect = 4

const inputLimits: ImageLimits = {
  formats: ["png", "jpeg"],
  minSide: 320,
  maxSide: 4096,
  maxPixels,
  maxAspect,
}

/** Rules of Nova Canvas that its schema cannot express. */
export const novaCanvasRules = (body: unknown): readonly Violation[] => [
  ...sizeRule(body),
  ...oneMask(body, "inPaintingParams"),
  ...oneMask(body, "outPaintingParams"),
  ...amazonImages(body, inputLimits),
  ...tryOnRules(body),
]

const sizeRule = (body: unknown): readonly Violation[] => {
  const width = numberAt(body, "imageGenerationConfig", "width") ?? 1024
  const height = numberAt(body, "imageGenerationConfig", "height") ?? 1024
  const path = "#/imageGenerationConfig"
  const [short, long] = width < height ? [width, height] : [height, width]
  return [
    ...(width * height > maxPixels
      ? [{ path, message: `${width * height} pixels is not less or equal to ${maxPixels}` }]
      : []),
    ...(long > short * maxAspect
      ? [{ path, message: `the aspect ratio of ${width}x${height} is not within 1:4 to 4:1` }]
      : []),
  ]
}

const maskKeys: { readonly [maskType: string]: string } = {
  IMAGE: "imageBasedMask",
  GARMENT: "garmentBasedMask",
  PROMPT: "promptBasedMask",
}

const tryOnRules = (body: unknown): readonly Violation[] => {
  const key = "virtualTryOnParams"
  const maskKey = maskKeys[textAt(body, key, "maskType") ?? ""]
  if (maskKey === undefined) return []
  const mask = [key, "imageBasedMask", "maskImage"]
  return [
    ...(at(body, key, maskKey) === undefined ? [missing(`#/${key}`, maskKey)] : []),
    ...checkImages(body, [[key, "sourceImage"], [key, "referenceImage"], mask], inputLimits),
    ...checkMask(body, [key, "sourceImage"], mask),
  ]
}
