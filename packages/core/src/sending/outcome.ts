import { createImage } from "../bytes/image.ts"
import { isImageData } from "../bytes/image-list.ts"
import type { Outcome } from "../contract/adapter.ts"
import { imageError } from "../contract/errors.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Image, Slot } from "../contract/result.ts"
import type { Planned } from "../planning/planner.ts"
import { type Cost, costOf, maybeCostOf, noCost } from "../planning/price.ts"
import { recipeOf } from "./recipe.ts"

/** What one outcome costs: delivered is charged, a filtered one where the provider says so, a failed one perhaps. */
const costOfOutcome = (outcome: Outcome, price: number | undefined): Cost => {
  const billed =
    outcome.status === "delivered" ||
    (outcome.status === "failed" ? outcome.error.maybeBilled && "maybe" : outcome.billed)
  return billed === true ? costOf(price, 1) : billed ? maybeCostOf(price, 1) : noCost
}

/** What is delivered without an image is a failure that may have been charged. */
const readable = (outcome: Outcome, modelId: string): Outcome => {
  if (outcome.status !== "delivered" || isImageData(outcome.data)) return outcome
  const message = `${modelId} sent something else where an image should be. It may have been charged.`
  return { status: "failed", error: imageError("invalid_response", message, { maybeBilled: true }) }
}

/** In the order of the plan's slots; what was sent beyond them comes last. */
export const inOrder = (
  runs: readonly (readonly Slot[])[],
  { plan: { calls } }: Planned,
): readonly Slot[] => {
  const ordered = runs.flatMap((slots, call) => slots.slice(0, calls[call]?.slots.length))
  return [...ordered, ...runs.flatMap((slots, call) => slots.slice(calls[call]?.slots.length))]
}

/** Of what was delivered. */
export const imagesOf = (slots: readonly Slot[]): readonly Image[] => {
  const images: Image[] = []
  for (const slot of slots) if (slot.status === "delivered") images.push(slot.image)
  return images
}

/** An outcome as the caller gets it. `index`: which image of its call it is. */
export const toSlot = (
  given: Outcome | { readonly status: "not-attempted" },
  planned: Planned,
  call: PlannedCall,
  index: number,
  warnings: string[],
): Slot => {
  if (given.status === "not-attempted") return { status: "not-attempted", cost: noCost }
  const outcome = readable(given, call.modelId)
  const cost = costOfOutcome(outcome, planned.price)
  if (outcome.status === "failed") return { status: "failed", error: outcome.error, cost }
  const seed = (outcome.status === "delivered" ? outcome.seed : undefined) ?? call.seed
  const picture = (data: Parameters<typeof createImage>[0]["data"]) =>
    createImage({ data, recipe: recipeOf(planned, call, index, seed), seed })
  if (outcome.status === "filtered") {
    const { stage, reason, preview, billed } = outcome
    if (billed === true)
      warnings.push(
        `A filtered image of ${call.modelId} is counted at full price: that it is charged is inferred.`,
      )
    return {
      status: "filtered",
      stage,
      reason,
      cost,
      ...(isImageData(preview) ? { preview: picture(preview) } : {}),
    }
  }
  if (outcome.warning !== undefined) warnings.push(outcome.warning)
  const image = picture(outcome.data)
  if (image.mediaType === "application/octet-stream")
    warnings.push(`${call.modelId} sent an image of no known format.`)
  return { status: "delivered", image, cost }
}
