import { isImageError, type LifecycleStatus, type ModelCard } from "@pictor/core"
import type { Client } from "./client.ts"
import { defaultModels } from "./models.ts"

/** A model to call, and its region. */
export interface Choice {
  /** As the user named it. */
  readonly model: string
  readonly card: ModelCard
  readonly lifecycle: LifecycleStatus
  readonly region: string
}

interface Skipped {
  readonly model: string
  readonly why: string
}

export interface Choices {
  readonly chosen: readonly Choice[]
  readonly skipped: readonly Skipped[]
  /** The error message for a model that no card has. */
  readonly unknown?: string
}

export interface Asked {
  readonly models: readonly string[]
  readonly live: boolean
  readonly region?: string
}

const usualRegion = "us-east-1"

/**
 * The models to call: every named model, or the default ones. Of the default ones, only those that
 * are active and in the region are called on AWS.
 */
export const choose = (
  client: Client,
  asked: Asked,
  regionIn: (model: string) => string | undefined,
): Choices => {
  const named = asked.models.length > 0
  try {
    const all = (named ? asked.models : defaultModels).map((model): Choice => {
      const { card, lifecycle } = client.model(model)
      return {
        model,
        card,
        lifecycle,
        region: asked.region ?? regionIn(model) ?? card.regions[0] ?? usualRegion,
      }
    })
    const reasons = all.map((choice) => (named || !asked.live ? undefined : reasonToSkip(choice)))
    return {
      chosen: all.filter((_, index) => reasons[index] === undefined),
      skipped: all.flatMap(({ model }, index) =>
        reasons[index] === undefined ? [] : [{ model, why: reasons[index] }],
      ),
    }
  } catch (error) {
    if (!isImageError(error)) throw error
    return { chosen: [], skipped: [], unknown: error.message }
  }
}

const reasonToSkip = ({ card, lifecycle, region }: Choice): string | undefined => {
  const { legacyFrom, retiredFrom, successor } = card.lifecycle
  if (lifecycle !== "active") {
    const since = lifecycle === "retired" ? retiredFrom : legacyFrom
    return `${lifecycle}${since === undefined ? "" : ` since ${since}`}${successor === undefined ? "" : `; its successor is ${successor}`}`
  }
  return card.regions.includes(region)
    ? undefined
    : `not in ${region}; its card lists ${card.regions.join(", ")}`
}
