import type { LifecycleStatus, ModelCard } from "../contract/card.ts"

const order: readonly LifecycleStatus[] = ["active", "legacy", "retired"]

/** The status on an ISO date: what the card says, or worse if one of its dates has passed. */
export const lifecycleOn = ({ lifecycle }: ModelCard, date: string): LifecycleStatus => {
  const { status, legacyFrom, retiredFrom } = lifecycle
  const dated = retiredFrom !== undefined && retiredFrom <= date ? "retired" : legacyFrom !== undefined && legacyFrom <= date ? "legacy" : "active"
  return order.indexOf(dated) > order.indexOf(status) ? dated : status
}
