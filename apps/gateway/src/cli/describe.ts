import type { ModelCard } from "@pictor/core"
import { cardOf } from "../config/catalogue.ts"
import { regionOf, withoutRegion } from "../config/regions.ts"
import type { GatewayConfig, ModelEntry } from "../config/types.ts"
import type { Deployment } from "../types.ts"

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

const dollars = (microUsd: number): string => `$${microUsd / 1_000_000}`

const limitsOf = ({
  requestsPerMinute,
  imagesPerMinute,
  maxParallelRequests,
}: ModelEntry): string =>
  [
    requestsPerMinute === undefined ? [] : [`${requestsPerMinute} requests/min`],
    imagesPerMinute === undefined ? [] : [`${imagesPerMinute} images/min`],
    maxParallelRequests === undefined ? [] : [`${maxParallelRequests} at a time`],
  ]
    .flat()
    .join(", ") || "none"

const priceOf = (
  { microUsd, modelId }: ModelEntry,
  { adapter }: Deployment,
  card: ModelCard,
  date: string,
): string => {
  if (microUsd !== undefined) return `${dollars(microUsd)}, configured`
  if (modelId !== undefined && adapter.transport.parse?.(modelId)?.priced === false)
    return "unknown"
  const valid = card.prices
    .filter(({ validFrom = "", validTo = "9999" }) => validFrom <= date && date < validTo)
    .map((row) => row.microUsd)
  const [least, most] = [Math.min(...valid), Math.max(...valid)]
  return valid.length === 0
    ? "unknown"
    : least === most
      ? dollars(least)
      : `${dollars(least)} to ${dollars(most)}`
}

const lifecycleOf = (card: ModelCard, date: string): string => {
  const { status, legacyFrom = "9999", retiredFrom = "9999", successor } = card.lifecycle
  const now =
    retiredFrom <= date || status === "retired"
      ? "retired"
      : legacyFrom <= date || status === "legacy"
        ? "legacy"
        : "active"
  if (now === "active") return now
  const end =
    retiredFrom === "9999"
      ? ""
      : now === "retired"
        ? ` since ${retiredFrom}`
        : `, ends on ${retiredFrom}`
  return `${now}${end}${successor === undefined ? "" : `, successor ${successor}`}`
}

export interface Described {
  readonly text: string
  readonly warnings: readonly string[]
}

const listed = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)]

const routes = (given: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(given).map(([name, others]) => `${name} → ${others.join(", ") || "none"}`)

const routing = ({ router }: GatewayConfig): readonly string[] => {
  const {
    retries,
    cooldownMs,
    allowedFails,
    fallbacks,
    contentPolicyFallbacks,
    defaultFallbacks,
    aliases,
  } = router
  const cooling =
    cooldownMs === 0
      ? "no cooldowns"
      : `${cooldownMs / 1000} s of cooldown after more than ${allowedFails} failures in a minute`
  return [
    ...listed("Routing", [
      `${retries} retries, ${cooling}`,
      ...(defaultFallbacks.length === 0 ? [] : [`by default → ${defaultFallbacks.join(", ")}`]),
    ]),
    ...listed("Fallbacks", routes(fallbacks)),
    ...listed("Fallbacks of what is filtered", routes(contentPolicyFallbacks)),
    ...listed(
      "Aliases",
      Object.entries(aliases).flatMap(([name, { group, hidden }]) =>
        hidden ? [] : [`${name} → ${group}`],
      ),
    ),
  ]
}

/** The configured one, without a password in it. `default`: what the environment or the profile says, else AWS's of the region. */
const endpointOf = ({ bedrock: { endpoint } }: ModelEntry): string => {
  if (typeof endpoint !== "string") return "default"
  const { origin, pathname } = new URL(endpoint)
  return `${origin}${pathname}`.replace(/\/$/, "")
}

interface Line {
  readonly row: readonly string[]
  readonly warnings: readonly string[]
}

const warningsOf = (
  { group, id, model, bedrock }: ModelEntry,
  region: string | undefined,
  { regions }: ModelCard,
): readonly string[] => {
  if (region === undefined || regions.includes(region) || bedrock.endpoint !== undefined) return []
  return [`${group} (${id}) is called in ${region}; AWS lists ${model} in ${regions.join(", ")}.`]
}

const lineOf = async (entry: ModelEntry, deployment: Deployment, date: string): Promise<Line> => {
  const card = cardOf(entry.model)
  const region = await regionOf(deployment)
  const { group, model, id, authentication } = entry
  const whereto = [group, model, id, region ?? "none", endpointOf(entry), authentication]
  const terms = [limitsOf(entry), priceOf(entry, deployment, card, date), lifecycleOf(card, date)]
  return { row: [...whereto, ...terms], warnings: warningsOf(entry, region, card) }
}

const heads = [
  "NAME",
  "MODEL",
  "DEPLOYMENT",
  "REGION",
  "ENDPOINT",
  "PROVES ITSELF BY",
  "LIMITS",
  "PRICE OF AN IMAGE",
  "LIFECYCLE",
]

/** What a configuration amounts to, in words without a secret. `date`: today's, ISO. */
export const describe = async (
  config: GatewayConfig,
  deployments: readonly Deployment[],
  date: string,
): Promise<Described> => {
  const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]))
  const lines = await Promise.all(
    config.models.flatMap((entry) => {
      const deployment = byId.get(entry.id)
      return deployment ? [lineOf(entry, deployment, date)] : []
    }),
  )
  const text = [table([heads, ...lines.map(({ row }) => row)]), ...routing(config)].join("\n")
  return {
    text,
    warnings: [...(await withoutRegion(deployments)), ...lines.flatMap(({ warnings }) => warnings)],
  }
}
