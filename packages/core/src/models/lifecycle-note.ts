import type { LifecycleStatus, ModelCard } from "../contract/card.ts"

/** What to tell of a model that is on its way out; undefined for an active one. */
export const lifecycleNote = (card: ModelCard, status: LifecycleStatus): string | undefined => {
  if (status === "active") return undefined
  const { legacyFrom, retiredFrom, successor } = card.lifecycle
  const since = status === "retired" ? retiredFrom : legacyFrom
  const until =
    status === "legacy" && retiredFrom !== undefined ? ` and ends on ${retiredFrom}` : ""
  return `${card.id} is ${status}${since === undefined ? "" : ` since ${since}`}${until}.${successor === undefined ? "" : ` Its successor is ${successor}.`}`
}
