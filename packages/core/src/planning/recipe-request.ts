import type { InputImage, Resolved } from "../contract/plan.ts"
import type { JsonObject } from "../contract/request.ts"
import { mapValues, place, type UnknownRecord } from "../lib/object.ts"
import { sizeText } from "../models/size.ts"
import type { NeutralRequest } from "./normalize.ts"
import type { InputImages } from "./types.ts"

/**
 * The request of a recipe: every value explicit, so that planning it changes nothing, and the
 * input images as the caller gave them, by their hashes.
 */
export const recipeRequest = (
  { task, taskCard, options, hasModelMask }: NeutralRequest,
  { size, ...resolved }: Resolved,
  images: InputImages,
): JsonObject => {
  const { mask, ...others } = mapValues(images, (image) =>
    "sha256" in image ? describe(image) : image.map(describe),
  )
  const request: Record<string, unknown> = {
    task,
    ...resolved,
    ...(size && { size: sizeText(size) }),
    ...others,
  }
  // A mask in the model's own polarity has to come back through `options`.
  if (mask) place(request, hasModelMask ? `options.${taskCard.fields.mask?.path}` : "mask", mask)
  for (const [path, value] of Object.entries(options)) place(request, `options.${path}`, value)
  return request
}

const describe = ({ sha256, mediaType, width, height }: InputImage): UnknownRecord => ({
  sha256,
  mediaType,
  width,
  height,
})
