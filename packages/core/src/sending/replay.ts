import { imageError, invalidRequest } from "../contract/errors.ts"
import type { ImageRequest, ImageSource } from "../contract/request.ts"
import type { Image, ImageResult, Recipe } from "../contract/result.ts"
import type { Asked, Planning } from "../planning/planning.ts"
import { isObject } from "../planning/wire.ts"
import { isRecipe } from "./recipe.ts"
import { withInputs } from "./replay-inputs.ts"

const requestOf = ({
  request,
  model,
  modelId,
  callSeed,
  callImages,
  replayable,
  reason,
}: Recipe): ImageRequest => {
  if (!replayable)
    throw imageError(
      "unsupported",
      `This image cannot be ordered again: ${reason ?? "no seed is known"}.`,
    )
  return {
    ...request,
    model,
    modelId,
    n: callImages,
    ...(callSeed === undefined ? {} : { seed: callSeed }),
  }
}

/** The one call of a recipe, planned again. */
export const planAgain = async (
  { plan }: Planning,
  recipe: Recipe,
  inputs?: Readonly<Record<string, ImageSource>>,
): Promise<Asked> => {
  if (!isObject(recipe) || !isRecipe(recipe))
    throw invalidRequest("This is no recipe: give the one of an image, as it was.")
  const planned = await plan(await withInputs(requestOf(recipe), inputs), { region: recipe.region })
  if (planned.plan.calls.length === 1 && recipe.index < recipe.callImages) return planned
  throw invalidRequest(
    `The recipe does not fit ${recipe.model}: its call of ${recipe.callImages} images is not one call.`,
  )
}

/** The image that was ordered again, out of its call. */
export const imageOf = ({ slots, cost }: ImageResult, index: number): Image => {
  const slot = slots[index]
  if (slot?.status === "delivered") return slot.image
  const error = slot?.status === "failed" ? slot.error : undefined
  throw imageError(
    error?.code ?? "content_filtered",
    `Image ${index} of the call was not delivered again.`,
    { slots, cost, cause: error },
  )
}
