import { bedrock } from "@pictor/bedrock"
import {
  createPictor,
  type ImageAdapter,
  isImageError,
  type LifecycleStatus,
  type ModelCard,
} from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"
import { stabilitySdxl } from "@pictor/stability-sdxl"
import { stabilityServices } from "@pictor/stability-services"
import { titan } from "@pictor/titan"

type Factory = (transport: Transport, settings?: { readonly name?: string }) => ImageAdapter

/** Every family that Bedrock serves. */
const families: readonly Factory[] = [stabilitySdxl, sd3, titan, novaCanvas, stabilityServices]

// Read for its names alone: it is never called.
const transport = bedrock()

const adapters = families.map((family) => ({ family, adapter: family(transport) }))

const known = createPictor({ adapters: adapters.map(({ adapter }) => adapter) })

/** What a model string of a configuration means. */
export interface NamedModel {
  readonly card: ModelCard
  readonly lifecycle: LifecycleStatus
  /** What is called instead of the card's id. */
  readonly modelId?: string
  readonly region?: string
  readonly warnings: readonly string[]
}

export const cards: readonly ModelCard[] = known.models()

/** The names that mean a card beside its id. */
export const aliasesOf = ({ aliases = [] }: ModelCard): readonly string[] =>
  aliases.map((alias) => (typeof alias === "string" ? alias : alias.id))

/** LiteLLM's routes within Bedrock say how a model is called, not which it is. */
const withoutRoute = (model: string): string =>
  model.replace(/^(bedrock\/)?(?:(?:invoke|converse)\/)+/, "$1")

const warningOf = (card: ModelCard, name: string): readonly string[] =>
  (card.aliases ?? []).flatMap((alias) =>
    typeof alias === "object" && alias.id === name && alias.warning ? [alias.warning] : [],
  )

/** The image model that a string means; a text where it means none: what to do about it. */
export const findModel = (model: string, baseModel?: string): NamedModel | string => {
  const name = withoutRoute(model)
  const parsed = transport.parse(name)
  const opaque = parsed !== undefined && parsed.id === parsed.modelId
  try {
    const { card, lifecycle } = known.model(
      opaque && baseModel !== undefined ? withoutRoute(baseModel) : name,
    )
    const { modelId, region, warning } = parsed ?? {}
    const unlisted =
      modelId === undefined || card.profiles?.includes(modelId) || warning === undefined
        ? []
        : [warning]
    return {
      card,
      lifecycle,
      ...(modelId === undefined || modelId === card.id ? {} : { modelId }),
      ...(region === undefined ? {} : { region }),
      warnings: [...warningOf(card, parsed?.id ?? name), ...unlisted],
    }
  } catch (error) {
    if (!isImageError(error)) throw error
    if (opaque)
      return "this ARN does not say which model it is: give the model as model and the ARN as model_id beside it"
    return error.message
  }
}

/** The card of this id, which came out of these very cards. */
export const cardOf = (model: string): ModelCard => {
  const card = cards.find(({ id }) => id === model)
  if (!card) throw new TypeError(`No card is named ${model}.`)
  return card
}

/** The adapter of a card's family, under a name of its own. */
export const adapterOf = (card: ModelCard, way: Transport, name: string): ImageAdapter => {
  const found = adapters.find(({ adapter }) => adapter.models.includes(card))
  // `card` came out of these very adapters.
  if (!found) throw new TypeError(`No family has ${card.id}.`)
  return found.family(way, { name })
}
