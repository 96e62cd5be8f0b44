import type { Plan } from "../contract/plan.ts"
import type { Slot } from "../contract/result.ts"
import { imagesOf } from "./outcome.ts"
import type { GenerateOptions } from "./run.ts"

/** Tells of each call's images as it ends. */
export const teller = (
  plan: Plan,
  onImages: NonNullable<GenerateOptions["onImages"]>,
  warnings: string[],
) => {
  let callsLeft = plan.calls.length
  return (slots: readonly Slot[]): void => {
    callsLeft -= 1
    const images = imagesOf(slots)
    if (images.length === 0) return
    try {
      onImages({ plan, images, callsLeft })
    } catch {
      warnings.push("onImages threw an error; the images are in the result.")
    }
  }
}
