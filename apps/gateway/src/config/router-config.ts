import { nearest } from "@pictor/core/host"
import type { z } from "zod"
import type { Diagnostics } from "./diagnostics.ts"
import type { ModelList } from "./model-list.ts"
import type { generalSettings, litellmSettings, routerSettings } from "./schema.ts"
import type { FailureKind, PerKind, RouterConfig } from "./types.ts"

/** LiteLLM's defaults: https://docs.litellm.ai/docs/proxy/config_settings, seen 2026-11-20. */
export const routerDefaults: RouterConfig = {
  retries: 3,
  retryPolicy: {},
  groupRetryPolicies: {},
  retryAfterMs: 0,
  allowedFails: 3,
  allowedFailsPolicy: {},
  cooldownMs: 5000,
  fallbacks: {},
  contentPolicyFallbacks: {},
  defaultFallbacks: [],
  maxFallbacks: 5,
  aliases: {},
}

export interface Settings {
  readonly general: z.output<typeof generalSettings>
  readonly router: z.output<typeof routerSettings>
  readonly litellm: z.output<typeof litellmSettings>
}

/** `{ RateLimitErrorRetries: 2 }` → `{ RateLimitError: 2 }`. */
const toPerKind = (policy: Readonly<Record<string, unknown>> = {}, suffix: string): PerKind =>
  Object.fromEntries(
    Object.entries(policy).flatMap(([key, value]): readonly (readonly [FailureKind, number])[] =>
      typeof value === "number" ? [[key.slice(0, -suffix.length) as FailureKind, value]] : [],
    ),
  )

/** Reports the names that are not groups. A skipped model is a warning only. */
const createGroupCheck =
  (callable: ReadonlySet<string>, skipped: readonly string[], diagnostics: Diagnostics) =>
  (name: string, path: string): boolean => {
    if (callable.has(name)) return true
    if (skipped.includes(name))
      diagnostics.warn(`${path}: ${name} is skipped in model_list and will never be called.`)
    else
      diagnostics.issue(path, "unknown model_name", {
        given: name,
        allowed: nearest(name, [...callable]).join(", ") || "a model_name in model_list",
      })
    return false
  }

type Groups = Readonly<Record<string, readonly string[]>>

/** `router_settings`, which has precedence over the same keys in `litellm_settings`. */
export const readRouterConfig = (
  { router, litellm, general: { image_generation_model: imageModel } }: Settings,
  models: ModelList,
  diagnostics: Diagnostics,
): RouterConfig => {
  const callable = new Set([...models.groups, ...Object.keys(models.aliases)])
  const isGroup = createGroupCheck(callable, models.skipped, diagnostics)
  const readFallbacks = (given: Groups = {}, path: string): Groups =>
    Object.fromEntries(
      Object.entries(given).flatMap(([name, others]) =>
        name === "*" || isGroup(name, path)
          ? [[name, others.filter((each) => isGroup(each, `${path}.${name}`))]]
          : [],
      ),
    )
  const settings = { ...litellm, ...router }
  const { "*": everywhere = [], ...fallbacks } = readFallbacks(settings.fallbacks, "fallbacks")
  const aliases = Object.entries(settings.model_group_alias ?? {}).filter(([name, { group }]) => {
    const path = `router_settings.model_group_alias.${name}`
    if (callable.has(name)) diagnostics.warn(`${path} is also a model_name, which has precedence.`)
    return isGroup(group, path)
  })
  if (router.routing_strategy !== undefined && router.routing_strategy !== "simple-shuffle")
    diagnostics.ignore(
      `router_settings.routing_strategy: ${router.routing_strategy}`,
      "order and weight select the deployment, as with simple-shuffle",
    )
  return {
    retries: settings.num_retries ?? routerDefaults.retries,
    retryPolicy: toPerKind(settings.retry_policy, "Retries"),
    groupRetryPolicies: Object.fromEntries(
      Object.entries(router.model_group_retry_policy ?? {}).map(([name, policy]) => [
        name,
        toPerKind(policy, "Retries"),
      ]),
    ),
    retryAfterMs: router.retry_after ?? routerDefaults.retryAfterMs,
    allowedFails: settings.allowed_fails ?? routerDefaults.allowedFails,
    allowedFailsPolicy: toPerKind(settings.allowed_fails_policy, "AllowedFails"),
    cooldownMs: router.disable_cooldowns
      ? 0
      : (settings.cooldown_time ?? routerDefaults.cooldownMs),
    fallbacks,
    contentPolicyFallbacks: readFallbacks(
      settings.content_policy_fallbacks,
      "content_policy_fallbacks",
    ),
    defaultFallbacks: [
      ...(settings.default_fallbacks ?? []).filter((each) => isGroup(each, "default_fallbacks")),
      ...everywhere,
    ],
    maxFallbacks: router.max_fallbacks ?? routerDefaults.maxFallbacks,
    aliases: { ...models.aliases, ...Object.fromEntries(aliases) },
    ...(imageModel !== undefined &&
      isGroup(imageModel, "general_settings.image_generation_model") && { imageModel }),
  }
}
