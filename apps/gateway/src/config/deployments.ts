import { type BedrockOptions, bedrock } from "@pictor/bedrock"
import type { ConfiguredPrice, ImageAdapter } from "@pictor/core"
import type { PriceRow, Transport } from "@pictor/core/adapter"
import type { Deployment } from "../types.ts"
import { adapterOf, cardOf } from "./catalogue.ts"
import type { GatewayConfig, ModelEntry } from "./types.ts"

export interface DeploymentOptions {
  /** The way to Bedrock; `bedrock` where it is absent. Asked once for entries that are reached alike. */
  readonly transport?: (options: BedrockOptions) => Transport
}

const rowOf = (microUsd: number): PriceRow => ({ microUsd, source: "the configuration file" })

/** The same adapter with a price of its own for one model: other deployments of that model keep theirs. */
const withPrice = (adapter: ImageAdapter, model: string, microUsd: number): ImageAdapter => ({
  ...adapter,
  models: adapter.models.map((card) =>
    card.id === model ? { ...card, prices: [rowOf(microUsd), ...card.prices] } : card,
  ),
})

/** The cards' prices do not hold for what a provisioned model's ARN names: its price goes by that. */
const pricesOf = (
  { modelId, microUsd }: ModelEntry,
  { parse }: Transport,
): readonly ConfiguredPrice[] =>
  modelId !== undefined && microUsd !== undefined && parse?.(modelId)?.priced === false
    ? [{ model: modelId, ...rowOf(microUsd) }]
    : []

const deploymentOf = (entry: ModelEntry, transport: Transport): Deployment => {
  const { bedrock: options, authentication: _authentication, microUsd, ...rest } = entry
  const adapter = adapterOf(cardOf(entry.model), transport, entry.id)
  return {
    ...rest,
    address: `${entry.id}/${entry.model}`,
    ...(options.region === undefined ? {} : { region: options.region }),
    adapter: microUsd === undefined ? adapter : withPrice(adapter, entry.model, microUsd),
    prices: pricesOf(entry, transport),
  }
}

/** One named adapter per entry of `model_list`; those that are reached alike share a transport. */
export const deploymentsOf = (
  { models }: GatewayConfig,
  { transport = bedrock }: DeploymentOptions = {},
): readonly Deployment[] => {
  const ways = new Map<string, Transport>()
  return models.map((entry) => {
    const key = JSON.stringify(entry.bedrock)
    const way = ways.get(key) ?? transport(entry.bedrock)
    ways.set(key, way)
    return deploymentOf(entry, way)
  })
}
