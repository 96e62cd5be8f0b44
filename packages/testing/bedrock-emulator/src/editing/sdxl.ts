import {
  type Area,
  emptyArea,
  fill,
  type JsonObject,
  maskArea,
  mixed,
  numberAt,
  type Pixels,
  paint,
  resized,
  textAt,
  transparentArea,
} from "@pictor/emulator-kit"
import type { Edits } from "./edit.ts"

/** The edits of Stable Diffusion XL. */
export const sdxlEdits: Edits = {
  "image-to-image": {
    within: "",
    pictures: ["init_image"],
    paint: async ({ drawing, parameters, image }) => {
      const source = await resized(image, drawing.width, drawing.height)
      const kept = keptShare(parameters)
      return kept === 1
        ? { pixels: source, changed: emptyArea(source) }
        : { pixels: mixed(paint(drawing), source, kept) }
    },
  },
  masking: {
    within: "",
    pictures: ["init_image", "mask_image"],
    paint: async ({ drawing, parameters, image, input }) => {
      const source = await resized(image, drawing.width, drawing.height)
      const mask = input("mask_image")
      const fitted =
        mask === undefined ? undefined : await resized(mask, drawing.width, drawing.height)
      return fill(source, areaOf(textAt(parameters, "mask_source") ?? "", source, fitted), drawing)
    },
  },
}

/**
 * How much of the initial picture is kept;
 * https://platform.stability.ai/docs/api-reference#tag/SDXL-and-SD1.6, seen 2026-11-20
 */
const keptShare = (parameters: JsonObject): number =>
  textAt(parameters, "init_image_mode") === "STEP_SCHEDULE"
    ? 1 - (numberAt(parameters, "step_schedule_start") ?? 0.65)
    : (numberAt(parameters, "image_strength") ?? 0.35)

const areaOf = (maskSource: string, image: Pixels, mask: Pixels | undefined): Area => {
  if (maskSource === "INIT_IMAGE_ALPHA" || mask === undefined) return transparentArea(image)
  return maskArea(mask, maskSource === "MASK_IMAGE_WHITE" ? "white" : "black")
}
