import { bedrock } from "@pictor/bedrock"
import { createPictor, type ImageAdapter, isImageError, type ModelCard } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"
import { novaOmni } from "@pictor/nova-omni"
import { sd3 } from "@pictor/sd3"
import { stabilitySdxl } from "@pictor/stability-sdxl"
import { stabilityServices } from "@pictor/stability-services"
import { titan } from "@pictor/titan"
import type { Family, ModelContext, NamedModel } from "./family.ts"

type CreateAdapter = (transport: Transport, settings?: { readonly name?: string }) => ImageAdapter

const adapterFactories: readonly CreateAdapter[] = [
  stabilitySdxl,
  sd3,
  titan,
  novaCanvas,
  novaOmni,
  stabilityServices,
]

// It only parses model names and is never called.
const transport = bedrock()

const adapters = adapterFactories.map((create) => ({ create, adapter: create(transport) }))

const pictor = createPictor({ adapters: adapters.map(({ adapter }) => adapter) })

export const cards: readonly ModelCard[] = pictor.models()

/** LiteLLM's routes within Bedrock select the API, not the model. */
const withoutRoute = (model: string): string =>
  model.replace(/^(bedrock\/)?(?:(?:invoke|converse)\/)+/, "$1")

const aliasWarnings = (card: ModelCard, name: string): readonly string[] =>
  (card.aliases ?? []).flatMap((alias) =>
    typeof alias === "object" && alias.id === name && alias.warning ? [alias.warning] : [],
  )

const resolveModel = (model: string, { baseModel }: ModelContext): NamedModel | string => {
  const name = withoutRoute(model)
  const parsed = transport.parse(name)
  const isOpaqueArn = parsed !== undefined && parsed.id === parsed.modelId
  try {
    const { card } = pictor.model(
      isOpaqueArn && baseModel !== undefined ? withoutRoute(baseModel) : name,
    )
    const { modelId, region, warning } = parsed ?? {}
    const isListed = modelId === undefined || card.callableIds?.includes(modelId)
    return {
      card,
      ...(modelId !== undefined && modelId !== card.id && { modelId }),
      ...(region !== undefined && { region }),
      warnings: [
        ...aliasWarnings(card, parsed?.id ?? name),
        ...(isListed || warning === undefined ? [] : [warning]),
      ],
    }
  } catch (error) {
    if (!isImageError(error)) throw error
    return isOpaqueArn
      ? "The ARN does not name its model. Set model to the model's id and model_id to the ARN."
      : error.message
  }
}

export const adapterOf = (card: ModelCard, target: Transport, name: string): ImageAdapter => {
  const found = adapters.find(({ adapter }) => adapter.models.includes(card))
  if (!found) throw new TypeError(`No adapter has the card ${card.id}.`)
  return found.create(target, { name })
}

export const bedrockFamily: Family = {
  name: "bedrock",
  label: "Amazon Bedrock",
  cards,
  resolve: resolveModel,
  transport: ({ bedrock: options = {} }, create = bedrock) => create(options),
  adapter: adapterOf,
}
