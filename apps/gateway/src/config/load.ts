import { basename, resolve } from "node:path"
import { defined } from "@pictor/core/host"
import type { z } from "zod"
import { configError, createDiagnostics, type Diagnostics } from "./diagnostics.ts"
import { checkGuardrails } from "./guardrails.ts"
import { readKeyRules } from "./key-rules.ts"
import { type ModelList, readModelList } from "./model-list.ts"
import { readConfigFile } from "./read-file.ts"
import { readRouterConfig, type Settings } from "./router-config.ts"
import {
  gatewaySettings,
  generalSettings,
  keySections,
  litellmSettings,
  routerSettings,
} from "./schema.ts"
import type { GatewayConfig, GeneralConfig, ModelEntry, ServerConfig } from "./types.ts"
import {
  checkKeys,
  type Environment,
  type ReadContext,
  readSettings,
  resolveEnvironment,
} from "./validate.ts"
import { isYamlObject, kindOf, withoutNulls, type YamlObject } from "./yaml-object.ts"

export interface LoadedConfig {
  readonly config: GatewayConfig
  readonly warnings: readonly string[]
}

const sections = [
  "model_list",
  "router_settings",
  "litellm_settings",
  "general_settings",
  "gateway_settings",
  "environment_variables",
  "credential_list",
]

/** `environment_variables`, which the other sections may reference. */
const readVariables = (
  file: YamlObject,
  context: ReadContext,
): Readonly<Record<string, string>> => {
  const variables = file["environment_variables"] ?? {}
  if (!isYamlObject(variables)) {
    context.diagnostics.issue("environment_variables", `got ${kindOf(variables)}`, {
      allowed: "a mapping of names to strings",
    })
    return {}
  }
  return Object.fromEntries(
    Object.entries(withoutNulls(variables)).map(([name, value]) => [
      name,
      String(resolveEnvironment(value, `environment_variables.${name}`, context)),
    ]),
  )
}

/** LiteLLM's default: https://docs.litellm.ai/docs/proxy/config_settings, seen 2026-11-20. */
const defaultTimeoutMs = 600_000

const megabyte = 1_048_576

const toBytes = (megabytes: number | undefined): number | undefined =>
  megabytes === undefined ? undefined : Math.round(megabytes * megabyte)

/** `user_header_mappings`, then `user_header_name`, as in LiteLLM. */
const endUserHeaders = (
  { user_header_name: name, user_header_mappings: mappings = [] }: Settings["general"],
  { warn }: Diagnostics,
): readonly string[] | undefined => {
  const users = mappings.filter((each) => each.litellm_user_role === "internal_user")
  for (const { header_name: header } of users)
    warn(`general_settings.user_header_mappings: ${header} names no user; user_id of a key does.`)
  const customers = mappings.filter((each) => each.litellm_user_role === "customer")
  const headers = [...customers.map((each) => each.header_name), ...(name ? [name] : [])]
  return headers.length === 0 ? undefined : headers.map((header) => header.toLowerCase())
}

const toGeneralConfig = (
  { general, router, litellm }: Settings,
  { environment, diagnostics }: ReadContext,
): GeneralConfig => {
  const masterKey = general.master_key ?? environment["LITELLM_MASTER_KEY"]
  const previousMasterKey = general.previous_master_key ?? environment["PICTOR_PREVIOUS_MASTER_KEY"]
  const databaseUrl = general.database_url ?? environment["DATABASE_URL"]
  if (masterKey && !masterKey.startsWith("sk-"))
    diagnostics.warn(
      'general_settings.master_key does not begin with "sk-", which some clients require.',
    )
  if (general.allowed_origins && !masterKey)
    diagnostics.warn(
      "general_settings.allowed_origins has no effect without general_settings.master_key.",
    )
  const { max_budget: microUsd, budget_duration: duration } = litellm
  return {
    requestTimeoutMs: router.timeout ?? litellm.request_timeout ?? defaultTimeoutMs,
    ...defined({
      allowedOrigins: general.allowed_origins,
      endUserHeaders: endUserHeaders(general, diagnostics),
      masterKey: masterKey || undefined,
      previousMasterKey: previousMasterKey || undefined,
      databaseUrl: databaseUrl || undefined,
      maxParallelRequests: general.global_max_parallel_requests,
      maxRequestBytes: toBytes(general.max_request_size_mb),
      budgetStatus: litellm.budget_exceeded_status_code,
      lapsedRequests: general.lapsed_requests,
      clientTagsSpend: general.client_tags_spend_budgets,
      budget: microUsd === undefined ? undefined : defined({ microUsd, duration }),
    }),
  }
}

const toServerConfig = (settings: z.output<typeof gatewaySettings>): ServerConfig =>
  defined({
    publicUrl: settings.public_url?.replace(/\/+$/, ""),
    trustProxy: settings.trust_proxy,
    imageFolder: settings.image_folder,
    imageLinkMs: settings.image_link_time,
    imageKeepMs: settings.image_keep_time,
    imageHosts: settings.image_hosts,
    maxBytes: toBytes(settings.max_held_mb),
    maxBytesPerKey: toBytes(settings.max_held_mb_per_key),
    receiveMs: settings.receive_timeout,
    sendMs: settings.send_timeout,
    drainMs: settings.drain_timeout,
    traceOperation: settings.trace_operation,
  })

/** The limit of concurrent requests for deployments without their own. */
const withDefaultLimit = (
  { entries, ...rest }: ModelList,
  { general, router }: Settings,
): ModelList => {
  const limit = router.default_max_parallel_requests ?? general.max_parallel_requests
  if (limit === undefined) return { entries, ...rest }
  return { ...rest, entries: entries.map((each) => ({ maxParallelRequests: limit, ...each })) }
}

const mixedGroupWarnings = (entries: readonly ModelEntry[]): readonly string[] =>
  [...Map.groupBy(entries, ({ group }) => group)].flatMap(([group, ofGroup]) => {
    const models = [...new Set(ofGroup.map(({ model }) => model))]
    const defaults = new Set(ofGroup.map((each) => JSON.stringify(each.defaults)))
    return [
      ...(models.length < 2
        ? []
        : [
            `${group} has different models: ${models.join(", ")}. Options of one model are not sent to another.`,
          ]),
      ...(defaults.size < 2
        ? []
        : [`${group} has entries with different defaults. Those of its first entry apply.`]),
    ]
  })

/**
 * Loads a configuration of LiteLLM's proxy: https://docs.litellm.ai/docs/proxy/configs, seen
 * 2026-11-20. Throws one `invalid_request` with all issues.
 */
export const loadConfig = async (
  path: string,
  processEnvironment: Environment,
): Promise<LoadedConfig> => {
  const diagnostics = createDiagnostics()
  const file = withoutNulls(await readConfigFile(path))
  const variables = readVariables(file, { environment: processEnvironment, diagnostics })
  const context = { environment: { ...processEnvironment, ...variables }, diagnostics }
  checkKeys(file, "top_level", sections, "", context)
  const general = readSettings(file, "general_settings", generalSettings, context)
  const router = readSettings(file, "router_settings", routerSettings, context)
  const litellm = readSettings(file, "litellm_settings", litellmSettings, context, {
    nested: keySections,
  })
  const keyRules = readKeyRules(file, context)
  const server = readSettings(file, "gateway_settings", gatewaySettings, context)
  const list = await readModelList(file, context)
  if (general) checkGuardrails(file, general, diagnostics)
  if (!general || !router || !litellm || !server || list.groups.size === 0)
    throw configError(basename(path), diagnostics.issues)
  const settings = { general, router, litellm }
  const models = withDefaultLimit(list, settings)
  const config: GatewayConfig = {
    path: resolve(path),
    models: models.entries,
    router: readRouterConfig(settings, models, diagnostics),
    general: { ...toGeneralConfig(settings, context), ...(keyRules && { keyRules }) },
    server: toServerConfig(server),
    environment: variables,
  }
  if (diagnostics.issues.length > 0) throw configError(basename(path), diagnostics.issues)
  for (const warning of mixedGroupWarnings(models.entries)) diagnostics.warn(warning)
  return { config, warnings: diagnostics.warnings() }
}
