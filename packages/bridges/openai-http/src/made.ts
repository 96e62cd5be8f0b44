import type { Change, Cost, Image, ImageError, ImageResult, Slot } from "@pictor/core"

/** What a request came to, as far as it is answered. */
export interface Made {
  readonly images: readonly Image[]
  readonly slots: readonly Slot[]
  readonly cost: Cost
  /** The card's id. */
  readonly model: string
  readonly changes: readonly Change[]
  readonly warnings: readonly string[]
  readonly result?: ImageResult
  /** What cut it short. */
  readonly error?: ImageError
}

const late = "The time was up before all images were made; the changes to this request are not known any more."

/** The images that were there when the time was up: they are paid for. Undefined where there are none. */
export const madeInTime = (error: ImageError): Made | undefined => {
  const { slots = [], cost } = error
  const images = slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : []))
  const [first] = images
  return first && cost && { images, slots, cost, model: first.recipe.model, changes: [], warnings: [late], error }
}
