import { isImageError, type Slot } from "@pictor/core"

/** Everything that an error says; recipes hold the prompt on purpose. */
export const saidBy = (error: unknown): string => {
  if (!isImageError(error)) return String(error)
  const slots = (error.slots ?? []).map((slot: Slot) =>
    slot.status === "failed" ? saidBy(slot.error) : slot,
  )
  const own = JSON.stringify(
    { ...Object.fromEntries(Object.entries(error)), slots },
    (key, value: unknown) => (key === "recipe" ? undefined : value),
  )
  return [String(error), own, isImageError(error.cause) ? saidBy(error.cause) : ""].join("\n")
}
