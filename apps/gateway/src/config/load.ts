import { basename, resolve } from "node:path"
import { type Environment, withEnvironment } from "./environment.ts"
import { type ModelList, readModelList } from "./model-list.ts"
import { readConfigFile } from "./read-file.ts"
import { configError, createReport, type Report } from "./report.ts"
import { routerConfigOf, type Settings } from "./router-config.ts"
import { gatewaySettings, generalSettings, litellmSettings, routerSettings } from "./schema.ts"
import { serverConfigOf } from "./server-config.ts"
import type { GatewayConfig, GeneralConfig, ModelEntry } from "./types.ts"
import { checkKeys, readSettings } from "./validate.ts"
import { isTree, kindOf, type Tree, withoutBlanks } from "./yaml-object.ts"

export interface Loaded {
  readonly config: GatewayConfig
  /** What was taken otherwise than it is written, or not at all. */
  readonly warnings: readonly string[]
}

const topLevel = [
  "model_list",
  "router_settings",
  "litellm_settings",
  "general_settings",
  "gateway_settings",
  "environment_variables",
  "credential_list",
]

const variablesOf = (
  tree: Tree,
  environment: Environment,
  report: Report,
): Readonly<Record<string, string>> => {
  const variables = tree["environment_variables"] ?? {}
  if (!isTree(variables)) {
    report.problem("environment_variables", `is ${kindOf(variables)}`, {
      allowed: "a mapping of names to texts",
    })
    return {}
  }
  const resolved = withEnvironment(
    withoutBlanks(variables),
    "environment_variables",
    environment,
    report,
  )
  return Object.fromEntries(
    Object.entries(isTree(resolved) ? resolved : {}).map(([name, value]) => [name, String(value)]),
  )
}

/** Of a request where the file says nothing: https://docs.litellm.ai/docs/proxy/config_settings, seen 2026-11-20. */
const requestTimeoutMs = 600_000

const generalOf = (
  { general, router, litellm }: Settings,
  environment: Environment,
  report: Report,
): GeneralConfig => {
  const masterKey = general.master_key ?? environment["LITELLM_MASTER_KEY"]
  const previousMasterKey = general.previous_master_key ?? environment["PICTOR_PREVIOUS_MASTER_KEY"]
  const databaseUrl = general.database_url ?? environment["DATABASE_URL"]
  if (masterKey && !masterKey.startsWith("sk-"))
    report.warn(
      'general_settings.master_key does not begin with "sk-"; some clients insist on that.',
    )
  const { global_max_parallel_requests: maxParallelRequests, max_request_size_mb: megabytes } =
    general
  const { max_budget: microUsd, budget_duration: duration } = litellm
  return {
    ...(masterKey ? { masterKey } : {}),
    ...(previousMasterKey ? { previousMasterKey } : {}),
    ...(databaseUrl ? { databaseUrl } : {}),
    ...(maxParallelRequests === undefined ? {} : { maxParallelRequests }),
    requestTimeoutMs: router.timeout ?? litellm.request_timeout ?? requestTimeoutMs,
    ...(megabytes === undefined ? {} : { maxRequestBytes: Math.round(megabytes * 1_048_576) }),
    ...(microUsd === undefined
      ? {}
      : { budget: { microUsd, ...(duration === undefined ? {} : { duration }) } }),
  }
}

const mixed = (entries: readonly ModelEntry[]): readonly string[] =>
  [...new Set(entries.map(({ group }) => group))].flatMap((group) => {
    const models = [
      ...new Set(entries.filter((each) => each.group === group).map(({ model }) => model)),
    ]
    return models.length < 2
      ? []
      : [
          `${group} stands for different models, ${models.join(" and ")}: fields of one model's own are not asked of another.`,
        ]
  })

const withLimits = ({ entries, ...rest }: ModelList, { general, router }: Settings): ModelList => {
  const most = router.default_max_parallel_requests ?? general.max_parallel_requests
  return {
    ...rest,
    entries:
      most === undefined
        ? entries
        : entries.map((entry) => ({ maxParallelRequests: most, ...entry })),
  }
}

/**
 * Reads a configuration as LiteLLM's proxy takes it: https://docs.litellm.ai/docs/proxy/configs, seen 2026-11-20. Throws one `invalid_request` that
 * lists everything that is wrong, with its path, what was given unless that is a secret, and what is allowed.
 */
export const loadConfig = async (
  path: string,
  processEnvironment: Environment,
): Promise<Loaded> => {
  const report = createReport()
  const tree = withoutBlanks(await readConfigFile(path))
  const variables = variablesOf(tree, processEnvironment, report)
  const environment = { ...processEnvironment, ...variables }
  const reading = { environment, report }
  checkKeys(tree, "the top level", topLevel, "", report)
  const general = readSettings(tree, "general_settings", generalSettings, reading)
  const router = readSettings(tree, "router_settings", routerSettings, reading)
  const litellm = readSettings(tree, "litellm_settings", litellmSettings, reading)
  const own = readSettings(tree, "gateway_settings", gatewaySettings, reading)
  const list = readModelList(tree, reading)
  if (!general || !router || !litellm || !own || list.groups.size === 0)
    throw configError(basename(path), report.problems)
  const settings = { general, router, litellm }
  const models = withLimits(list, settings)
  const config: GatewayConfig = {
    path: resolve(path),
    models: models.entries,
    router: routerConfigOf(settings, models, report),
    general: generalOf(settings, environment, report),
    server: serverConfigOf(own),
    environment: variables,
  }
  if (report.problems.length > 0) throw configError(basename(path), report.problems)
  for (const warning of mixed(models.entries)) report.warn(warning)
  return { config, warnings: report.warnings() }
}
