import { at } from "@pictor/emulator-kit"
import { extraneous, missing, type Violation } from "../violations.ts"
import { checkImages, checkMask, type ImageLimits } from "./images.ts"

/** In- and outpainting require exactly one of `maskPrompt` and `maskImage`. */
export const oneMask = (body: unknown, key: string): readonly Violation[] => {
  if (at(body, key) === undefined) return []
  const [prompt, image] = [at(body, key, "maskPrompt"), at(body, key, "maskImage")]
  if (prompt === undefined && image === undefined) return [missing(`#/${key}`, "maskImage")]
  return prompt !== undefined && image !== undefined ? [extraneous(`#/${key}`, "maskPrompt")] : []
}

/** The pictures of every task that Titan and Nova Canvas share. */
export const amazonImages = (body: unknown, limits: ImageLimits): readonly Violation[] => [
  ...checkImages(body, amazonImagePaths, limits),
  ...["inPaintingParams", "outPaintingParams"].flatMap((key) =>
    checkMask(body, [key, "image"], [key, "maskImage"]),
  ),
]

const amazonImagePaths: readonly (readonly string[])[] = [
  ["textToImageParams", "conditionImage"],
  ["inPaintingParams", "image"],
  ["inPaintingParams", "maskImage"],
  ["outPaintingParams", "image"],
  ["outPaintingParams", "maskImage"],
  ["imageVariationParams", "images"],
  ["colorGuidedGenerationParams", "referenceImage"],
  ["backgroundRemovalParams", "image"],
]
