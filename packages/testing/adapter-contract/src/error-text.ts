import { isImageError, type Slot } from "@pictor/core"

/** All text of an error, without recipes, which contain the prompt. */
export const errorText = (error: unknown): string => {
  if (!isImageError(error)) return String(error)
  const slots = (error.slots ?? []).map((slot: Slot) =>
    slot.status === "failed" ? errorText(slot.error) : slot,
  )
  const own = JSON.stringify(
    { ...Object.fromEntries(Object.entries(error)), slots },
    (key, value: unknown) => (key === "recipe" ? undefined : value),
  )
  return [String(error), own, isImageError(error.cause) ? errorText(error.cause) : ""].join("\n")
}
