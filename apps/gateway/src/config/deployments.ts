import { type BedrockOptions, bedrock } from "@pictor/bedrock"
import type { ImageAdapter } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import type { Deployment } from "../types.ts"
import { adapterOf, cardOf } from "./catalogue.ts"
import type { GatewayConfig, ModelEntry } from "./types.ts"

export interface DeploymentOptions {
  /** Creates the transport for entries with the same options. Default `bedrock`. */
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

const deploymentOf = (entry: ModelEntry, transport: Transport): Deployment => {
  const { bedrock: options, credentials: _credentials, microUsd, modelId, ...rest } = entry
  const adapter = adapterOf(cardOf(entry.model), transport, entry.id)
  const isUnlisted = modelId !== undefined && transport.parse?.(modelId)?.priced === false
  return {
    ...rest,
    ...(modelId !== undefined && { modelId }),
    address: `${entry.id}/${entry.model}`,
    ...(options.region !== undefined && { region: options.region }),
    ...(options.endpoint !== undefined && { ownEndpoint: true }),
    adapter: microUsd === undefined ? adapter : withPrice(adapter, entry.model, microUsd),
    // The card's prices do not apply to a provisioned model, whose price is found by its ARN.
    prices: isUnlisted && microUsd !== undefined ? [{ model: modelId, microUsd, source }] : [],
  }
}

/** One named adapter per entry of `model_list`. Entries with the same options share a transport. */
export const deploymentsOf = (
  { models }: GatewayConfig,
  { transport: createTransport = bedrock }: DeploymentOptions = {},
): readonly Deployment[] => {
  const transports = new Map<string, Transport>()
  return models.map((entry) => {
    const key = JSON.stringify(entry.bedrock)
    const transport = transports.get(key) ?? createTransport(entry.bedrock)
    transports.set(key, transport)
    return deploymentOf(entry, transport)
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
  const regions = await Promise.all(
    deployments.map((each) => regionOf(each).catch(() => undefined)),
  )
  const names = deployments
    .filter((_, index) => regions[index] === undefined)
    .map(({ group, id }) => `${group} (${id})`)
  if (names.length === 0) return []
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : ""
  const verb = names.length === 1 ? "has" : "have"
  return [
    `${names.slice(0, maxNames).join(", ")}${more} ${verb} no region. Set aws_region_name or the environment variable AWS_REGION.`,
  ]
}
