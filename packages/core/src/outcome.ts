import type { Outcome } from "./adapter.ts"
import { ImageError } from "./errors.ts"
import { createImage } from "./image.ts"
import { isImageData } from "./image-list.ts"
import type { PlannedCall } from "./plan.ts"
import type { Planned } from "./planner.ts"
import { type Cost, costOf, maybeCostOf, noCost } from "./price.ts"
import { recipeOf } from "./recipe.ts"
import type { Slot } from "./result.ts"

/** What one outcome costs: delivered is charged, a filtered one where the provider says so, a failed one perhaps. */
const costOfOutcome = (outcome: Outcome, price: number | undefined): Cost => {
  if (outcome.status === "delivered") return costOf(price, 1)
  if (outcome.status === "failed") return outcome.error.maybeBilled ? maybeCostOf(price, 1) : noCost
  return outcome.billed === true ? costOf(price, 1) : outcome.billed === "maybe" ? maybeCostOf(price, 1) : noCost
}

const unreadable = (modelId: string): ImageError =>
  new ImageError({
    code: "invalid_response",
    message: `${modelId} sent something else where an image should be. It may have been charged.`,
    maybeBilled: true,
  })

/** In the order of the plan's slots; what was sent beyond them comes last. */
export const inOrder = (runs: readonly (readonly Slot[])[], { plan: { calls } }: Planned): readonly Slot[] => {
  const ordered = runs.flatMap((slots, call) => slots.slice(0, calls[call]?.slots.length))
  return [...ordered, ...runs.flatMap((slots, call) => slots.slice(calls[call]?.slots.length))]
}

/** An outcome as the caller gets it. `index`: which image of its call it is. */
export const toSlot = (
  outcome: Outcome | { readonly status: "not-attempted" },
  planned: Planned,
  call: PlannedCall,
  index: number,
  warnings: string[],
): Slot => {
  if (outcome.status === "not-attempted") return { status: "not-attempted", cost: noCost }
  const cost = costOfOutcome(outcome, planned.price)
  if (outcome.status === "failed") return { status: "failed", error: outcome.error, cost }
  const seed = (outcome.status === "delivered" ? outcome.seed : undefined) ?? call.seed
  const picture = (data: Parameters<typeof createImage>[0]["data"]) =>
    createImage({ data, recipe: recipeOf(planned, call, index, seed), ...(seed === undefined ? {} : { seed }) })
  if (outcome.status === "filtered") {
    const { stage, reason, preview, billed } = outcome
    if (billed === true) warnings.push(`A filtered image of ${call.modelId} is counted at full price: that it is charged is inferred.`)
    return { status: "filtered", stage, reason, cost, ...(isImageData(preview) ? { preview: picture(preview) } : {}) }
  }
  if (!isImageData(outcome.data)) return { status: "failed", error: unreadable(call.modelId), cost: maybeCostOf(planned.price, 1) }
  if (outcome.warning !== undefined) warnings.push(outcome.warning)
  const image = picture(outcome.data)
  if (image.mediaType === "application/octet-stream") warnings.push(`${call.modelId} sent an image of no known format.`)
  return { status: "delivered", image, cost }
}
