import type { Change, Cost, Image, ImageError, ImageResult, Slot } from "@pictor/core"
import type { Answer } from "./types.ts"

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

/** What the host is told of it. */
export const endOf = ({ result, error }: Made): Pick<Answer, "result" | "error"> => ({
  ...(result ? { result } : {}),
  ...(error ? { error } : {}),
})

const late = "The time was up before all images were made"

/** The images that were there when the time was up: they are paid for. Undefined where there are none. `changes`: where they are known. */
export const madeInTime = (
  error: ImageError,
  changes: readonly Change[] | undefined,
): Made | undefined => {
  const { slots = [], cost } = error
  const images = slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : []))
  const [first] = images
  const warning = `${late}${changes ? "." : "; the changes to this request are not known any more."}`
  return (
    first &&
    cost && {
      images,
      slots,
      cost,
      model: first.recipe.model,
      changes: changes ?? [],
      warnings: [warning],
      error,
    }
  )
}
