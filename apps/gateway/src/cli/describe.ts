import type { ModelCard } from "@pictor/core"
import { lifecycleOn } from "@pictor/core/host"
import { missingRegionWarnings, regionOf } from "../config/deployments.ts"
import type { GatewayConfig, ModelEntry } from "../config/types.ts"
import { cardOf } from "../routing/deployment-request.ts"
import type { Deployment } from "../types.ts"
import { dollars, moneyLimits } from "./money-limits.ts"

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

/** The configured endpoint without a password, or "default". */
const endpointOf = ({ bedrock, http }: ModelEntry): string => {
  const endpoint = bedrock?.endpoint ?? http?.baseUrl
  if (typeof endpoint !== "string") return "default"
  const { origin, pathname } = new URL(endpoint)
  return `${origin}${pathname}`.replace(/\/$/, "")
}

const limitsOf = (entry: ModelEntry): string => {
  const limits: string[] = []
  const add = (limit: number | undefined, unit: string): void => {
    if (limit !== undefined) limits.push(`${limit.toLocaleString("en-US")} ${unit}`)
  }
  add(entry.requestsPerMinute, "requests/min")
  add(entry.imagesPerMinute, "images/min")
  add(entry.maxParallelRequests, "concurrent")
  return limits.join(", ") || "none"
}

const priceOf = (
  { microUsd, modelId }: ModelEntry,
  { adapter }: Deployment,
  card: ModelCard,
  date: string,
): string => {
  if (microUsd !== undefined) return `${dollars(microUsd)} (configured)`
  const isUnlisted = modelId !== undefined && adapter.transport.parse?.(modelId)?.priced === false
  const rows = card.prices.filter(
    ({ validFrom = "", validTo = "9999" }) => validFrom <= date && date < validTo,
  )
  if (isUnlisted || rows.length === 0) return "unknown"
  const prices = rows.flatMap((row) => row.microUsd ?? [])
  if (prices.length === 0) return "by usage"
  const [least, most] = [Math.min(...prices), Math.max(...prices)]
  return least === most ? dollars(least) : `${dollars(least)} to ${dollars(most)}`
}

const lifecycleOf = (card: ModelCard, date: string): string => {
  const { retiredFrom, successor } = card.lifecycle
  const status = lifecycleOn(card, date)
  if (status === "active" || status === "preview") return status
  const word = status === "retired" ? " since" : ", ends on"
  const end = retiredFrom === undefined ? "" : `${word} ${retiredFrom}`
  return `${status}${end}${successor === undefined ? "" : `, successor ${successor}`}`
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)]

const routingOf = ({ router }: GatewayConfig): readonly string[] => {
  const { retries, cooldownMs, allowedFails, defaultFallbacks } = router
  const cooldown =
    cooldownMs === 0
      ? "no cooldowns"
      : `cooldown of ${cooldownMs / 1000} s after more than ${allowedFails} failures in a minute`
  const fallbacks = (given: Readonly<Record<string, readonly string[]>>): readonly string[] =>
    Object.entries(given).map(([name, others]) => `${name} → ${others.join(", ") || "none"}`)
  return [
    ...section("Routing", [
      `${retries} retries, ${cooldown}`,
      ...(defaultFallbacks.length === 0 ? [] : [`default → ${defaultFallbacks.join(", ")}`]),
    ]),
    ...section("Fallbacks", fallbacks(router.fallbacks)),
    ...section("Fallbacks for filtered content", fallbacks(router.contentPolicyFallbacks)),
    ...section(
      "Aliases",
      Object.entries(router.aliases)
        .filter(([, { hidden }]) => !hidden)
        .map(([name, { group }]) => `${name} → ${group}`),
    ),
  ]
}

const headers = [
  "NAME",
  "MODEL",
  "DEPLOYMENT",
  "REGION",
  "ENDPOINT",
  "CREDENTIALS",
  "LIMITS",
  "PRICE PER IMAGE",
  "LIFECYCLE",
]

/** The `--check` output, without secrets. `date` is today's date in ISO form. */
export const describe = async (
  config: GatewayConfig,
  deployments: readonly Deployment[],
  date: string,
): Promise<{ readonly text: string; readonly warnings: readonly string[] }> => {
  const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]))
  const rows: (readonly string[])[] = [headers]
  const warnings = [...(await missingRegionWarnings(deployments))]
  for (const entry of config.models) {
    const deployment = byId.get(entry.id)
    const card = deployment && cardOf(deployment)
    if (!card) continue
    const { group, model, id, credentials, bedrock } = entry
    const region = bedrock ? await regionOf(deployment) : "-"
    const price = priceOf(entry, deployment, card, date)
    const target = [group, model, id, region ?? "none", endpointOf(entry), credentials]
    rows.push([...target, limitsOf(entry), price, lifecycleOf(card, date)])
    if (bedrock && region && !card.regions.includes(region) && bedrock.endpoint === undefined)
      warnings.push(
        `${group} (${id}) is in ${region}, but AWS lists ${model} in ${card.regions.join(", ")}.`,
      )
  }
  const money = section("Limits on money", moneyLimits(config))
  return { text: [table(rows), ...money, ...routingOf(config)].join("\n"), warnings }
}
