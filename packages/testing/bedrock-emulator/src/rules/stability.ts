import { at, numberAt, textAt } from "@pictor/emulator-kit"
import { extraneous, missing, type Violation } from "../violations.ts"
import { checkImages, checkMask, type ImageLimits } from "./images.ts"

const sizes: ReadonlySet<string> = new Set(
  "1024x1024 1152x896 896x1152 1216x832 832x1216 1344x768 768x1344 1536x640 640x1536".split(" "),
)

const inputLimits: ImageLimits = { formats: ["jpeg", "png", "webp"], minSide: 64, maxSide: 16_384 }

/** The sizes of the versions of SDXL. */
export type SdxlSizes = { readonly defaultSide: number; readonly small: boolean }

/** Rules of SDXL that its schema cannot express. */
export const sdxlRules = (
  body: unknown,
  { defaultSide, small }: SdxlSizes,
): readonly Violation[] => [
  ...sizeRule(
    numberAt(body, "width") ?? defaultSide,
    numberAt(body, "height") ?? defaultSide,
    small,
  ),
  ...scheduleRule(body),
  ...maskRules(body),
  ...checkImages(body, [["init_image"], ["mask_image"]], inputLimits),
  ...checkMask(body, ["init_image"], ["mask_image"]),
]

/** Rules of SD3 that its schema cannot express. */
export const sd3Rules = (body: unknown): readonly Violation[] =>
  checkImages(body, [["image"]], inputLimits)

const sizeRule = (width: number, height: number, small: boolean): readonly Violation[] => {
  const size = `${width}x${height}`
  if (sizes.has(size) || (small && isSmallSide(width) && isSmallSide(height))) return []
  return [{ path: "#", message: `${size} is not a supported image size` }]
}

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-0-8.html, seen
 * 2026-11-20
 */
const isSmallSide = (side: number): boolean => side >= 128 && side <= 512 && side % 64 === 0

const scheduleRule = (body: unknown): readonly Violation[] =>
  textAt(body, "init_image_mode") === "STEP_SCHEDULE"
    ? []
    : ["step_schedule_start", "step_schedule_end"]
        .filter((key) => at(body, key) !== undefined)
        .map((key) => extraneous("#", key))

const maskRules = (body: unknown): readonly Violation[] => {
  const source = textAt(body, "mask_source")
  if (source === undefined) return []
  return [
    ...(source.startsWith("MASK_IMAGE") && at(body, "mask_image") === undefined
      ? [missing("#", "mask_image")]
      : []),
    ...((numberAt(body, "image_strength") ?? 0) > 0 ? [extraneous("#", "image_strength")] : []),
  ]
}
