import type { BedrockOptions } from "@pictor/bedrock"
import type { ImageAdapter, ModelCard } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import type { Deployment } from "../types.ts"
import { familyOf, loadFamilies } from "./families.ts"
import type { Family } from "./family.ts"
import type { GatewayConfig, ModelEntry } from "./types.ts"

export interface DeploymentOptions {
  /** Creates the transport for entries of Bedrock with the same options. Default `bedrock`. */
  readonly transport?: (options: BedrockOptions) => Transport
}

const source = "the configuration file"

/** Other deployments of the model keep their own prices. */
const withPrice = (adapter: ImageAdapter, model: string, microUsd: number): ImageAdapter => ({
  ...adapter,
  models: adapter.models.map((card) =>
    card.id === model
      ? { ...card, prices: [{ microUsd, source, configured: true }, ...card.prices] }
      : card,
  ),
})

const cardOf = ({ model, customCard }: ModelEntry, { cards, label }: Family): ModelCard => {
  const card = customCard ?? cards.find(({ id }) => id === model)
  if (!card) throw new TypeError(`There is no card ${model} of ${label}.`)
  return card
}

const deploymentOf = (entry: ModelEntry, transport: Transport, family: Family): Deployment => {
  const { bedrock, http, customCard: _card, credentials: _credentials, ...named } = entry
  const { microUsd, modelId, ...rest } = named
  const { region, endpoint } = bedrock ?? { region: undefined, endpoint: http?.baseUrl }
  const adapter = family.adapter(cardOf(entry, family), transport, entry.id)
  const isUnlisted = modelId !== undefined && transport.parse?.(modelId)?.priced === false
  return {
    ...rest,
    ...(modelId !== undefined && { modelId }),
    address: `${entry.id}/${entry.model}`,
    ...(family.ownedBy !== undefined && { ownedBy: family.ownedBy }),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { ownEndpoint: true }),
    adapter: microUsd === undefined ? adapter : withPrice(adapter, entry.model, microUsd),
    // The card's prices do not apply to a provisioned model, whose price is found by its ARN.
    prices: isUnlisted && microUsd !== undefined ? [{ model: modelId, microUsd, source }] : [],
  }
}

/** One named adapter per entry of `model_list`. Entries with the same options share a transport. */
export const deploymentsOf = async (
  { models }: GatewayConfig,
  { transport: createBedrock }: DeploymentOptions = {},
): Promise<readonly Deployment[]> => {
  const families = await loadFamilies(models.map(({ family }) => family))
  const transports = new Map<string, Transport>()
  return models.map((entry) => {
    const family = familyOf(entry, families)
    const key = JSON.stringify([family.name, entry.bedrock, entry.http])
    const transport = transports.get(key) ?? family.transport(entry, createBedrock)
    transports.set(key, transport)
    return deploymentOf(entry, transport, family)
  })
}

export const regionOf = async ({
  region,
  modelId,
  adapter: { transport },
}: Deployment): Promise<string | undefined> =>
  region ??
  transport.region?.(modelId === undefined ? undefined : transport.parse?.(modelId)?.region)

const maxNames = 5

/** A warning if deployments have no region, so that all their calls will fail. */
export const missingRegionWarnings = async (
  deployments: readonly Deployment[],
): Promise<readonly string[]> => {
  const ofBedrock = deployments.filter(({ family }) => family === "bedrock")
  const regions = await Promise.all(ofBedrock.map((each) => regionOf(each).catch(() => undefined)))
  const names = ofBedrock
    .filter((_, index) => regions[index] === undefined)
    .map(({ group, id }) => `${group} (${id})`)
  if (names.length === 0) return []
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : ""
  const verb = names.length === 1 ? "has" : "have"
  return [
    `${names.slice(0, maxNames).join(", ")}${more} ${verb} no region. Set aws_region_name or the environment variable AWS_REGION.`,
  ]
}
