import {
  createPictor,
  type ImageAdapter,
  isImageError,
  type LifecycleStatus,
  type ModelCard,
  type Pictor,
} from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { type Connect, type ProviderName, providerNames, providers } from "./providers.ts"

/** A model to call, with its provider and region. */
export interface Choice {
  /** As the user named it. */
  readonly model: string
  readonly card: ModelCard
  readonly lifecycle: LifecycleStatus
  readonly provider: ProviderName
  /** Absent where the provider's usual address is called. */
  readonly region?: string
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
  /** Empty: every provider, and with `live` and no models Bedrock. */
  readonly providers: readonly ProviderName[]
  readonly live: boolean
  readonly region?: string
}

/** A provider's adapters, for their cards. Nothing is called. */
interface Catalog {
  readonly provider: ProviderName
  readonly transport: Transport
  readonly adapters: readonly ImageAdapter[]
}

const namesOf = ({ models, providers: named, live }: Asked): readonly ProviderName[] => {
  if (named.length > 0) return named
  return live && models.length === 0 ? ["bedrock"] : providerNames
}

/**
 * The models to call: every named model, or the providers' default ones. Of the default ones, only
 * those that are active and in the region are called live. Retired models are last.
 */
export const choose = (asked: Asked, connect: Connect, now: () => number): Choices => {
  const names = namesOf(asked)
  const named = asked.models.length > 0
  const catalogs = names.map((provider): Catalog => {
    const transport = connect(provider)
    return { provider, transport, adapters: providers[provider].adapters(transport) }
  })
  const adapters = catalogs.flatMap((catalog) => catalog.adapters)
  const lookup: Pictor = createPictor({ adapters, runtime: { now } })
  const models = named ? asked.models : names.flatMap((name) => providers[name].models)
  try {
    const all = sorted(models.map((model) => choiceOf(model, asked, lookup, catalogs)))
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

/** The retired models last, each part in the sequence of the providers. */
const sorted = (choices: readonly Choice[]): readonly Choice[] => {
  const rank = ({ lifecycle, provider }: Choice): number =>
    (lifecycle === "retired" ? providerNames.length : 0) + providerNames.indexOf(provider)
  return choices.toSorted((one, other) => rank(one) - rank(other))
}

const choiceOf = (
  model: string,
  asked: Asked,
  lookup: Pictor,
  catalogs: readonly Catalog[],
): Choice => {
  const { card, lifecycle } = lookup.model(model)
  const catalog = catalogs.find(({ adapters }) =>
    adapters.some(({ models }) => models.some(({ id }) => id === card.id)),
  )
  if (!catalog) throw new Error(`No provider has the card ${card.id}.`)
  const { provider, transport } = catalog
  const region =
    asked.region ??
    transport.parse?.(model)?.region ??
    card.regions[0] ??
    providers[provider].usualRegion
  return { model, card, lifecycle, provider, ...(region !== undefined && { region }) }
}

const reasonToSkip = ({ card, lifecycle, region }: Choice): string | undefined => {
  const { legacyFrom, retiredFrom, successor } = card.lifecycle
  if (lifecycle !== "active") {
    const since = lifecycle === "retired" ? retiredFrom : legacyFrom
    return `${lifecycle}${since === undefined ? "" : ` since ${since}`}${successor === undefined ? "" : `; its successor is ${successor}`}`
  }
  return region === undefined || card.regions.length === 0 || card.regions.includes(region)
    ? undefined
    : `not in ${region}; its card lists ${card.regions.join(", ")}`
}

/** `Amazon Bedrock, us-west-2`. */
export const placeOf = ({ provider, region }: Choice): string =>
  region === undefined ? providers[provider].title : `${providers[provider].title}, ${region}`
