import type { LifecycleStatus, ModelCard } from "../contract/card.ts"

const hasCome = (day: string | undefined, date: string): boolean => day !== undefined && day <= date

/** The status on an ISO date: what the card says, or worse if one of its dates has passed. */
export const lifecycleOn = (
  { lifecycle: { status, legacyFrom, retiredFrom } }: ModelCard,
  date: string,
): LifecycleStatus =>
  status === "retired" || hasCome(retiredFrom, date)
    ? "retired"
    : status === "legacy" || hasCome(legacyFrom, date)
      ? "legacy"
      : "active"
