import type { LifecycleStatus, ModelCard } from "../contract/card.ts"

const order: readonly LifecycleStatus[] = ["active", "legacy", "retired"]

/** The status on an ISO date: what the card says, or worse if one of its dates has passed. */
export const lifecycleOn = ({ lifecycle }: ModelCard, date: string): LifecycleStatus => {
  const { status, legacyFrom, retiredFrom } = lifecycle
  const dated = retiredFrom !== undefined && retiredFrom <= date ? "retired" : legacyFrom !== undefined && legacyFrom <= date ? "legacy" : "active"
  return order.indexOf(dated) > order.indexOf(status) ? dated : status
}

/** What to tell of a model that is on its way out; undefined for an active one. */
export const lifecycleNote = (card: ModelCard, status: LifecycleStatus): string | undefined => {
  if (status === "active") return undefined
  const { legacyFrom, retiredFrom, successor } = card.lifecycle
  const since = status === "retired" ? retiredFrom : legacyFrom
  const until = status === "legacy" && retiredFrom !== undefined ? ` and ends on ${retiredFrom}` : ""
  return `${card.id} is ${status}${since === undefined ? "" : ` since ${since}`}${until}.${successor === undefined ? "" : ` Its successor is ${successor}.`}`
}
