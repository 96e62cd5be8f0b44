import { nearest } from "@pictor/core/host"
import type { z } from "zod"
import type { ModelList } from "./model-list.ts"
import type { Report } from "./report.ts"
import type { generalSettings, litellmSettings, routerSettings } from "./schema.ts"
import type { FailureKind, GroupAlias, PerKind, RouterConfig } from "./types.ts"

/** https://docs.litellm.ai/docs/proxy/config_settings, seen 2026-11-20. */
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

const perKind = (policy: Readonly<Record<string, unknown>>, suffix: string): PerKind =>
  Object.fromEntries(
    Object.entries(policy).flatMap(([key, value]): readonly (readonly [FailureKind, number])[] =>
      typeof value === "number" ? [[key.slice(0, -suffix.length) as FailureKind, value]] : [],
    ),
  )

interface Names {
  readonly groups: ReadonlySet<string>
  readonly leftOut: ReadonlySet<string>
  readonly report: Report
}

/** Is it a group? One that was left out is not, and is said to be. */
const isGroup = (name: string, path: string, { groups, leftOut, report }: Names): boolean => {
  if (groups.has(name)) return true
  if (leftOut.has(name))
    report.warn(`${path}: ${name} was left out of model_list and is never asked.`)
  else
    report.problem(path, "names no model_name of model_list", {
      given: name,
      allowed: nearest(name, [...groups]).join(", ") || "no name: there is none",
    })
  return false
}

const groupsOf = (list: readonly string[], path: string, names: Names): readonly string[] =>
  list.filter((name) => isGroup(name, path, names))

const byGroup = (
  given: Readonly<Record<string, readonly string[]>>,
  path: string,
  names: Names,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, others]) => {
      const own = `${path}.${name}`
      return name === "*" || isGroup(name, path, names)
        ? [[name, groupsOf(others, own, names)]]
        : []
    }),
  )

const aliasesOf = (
  given: Readonly<Record<string, GroupAlias>>,
  names: Names,
): Readonly<Record<string, GroupAlias>> =>
  Object.fromEntries(
    Object.entries(given).filter(([name, { group }]) => {
      const path = `router_settings.model_group_alias.${name}`
      if (names.groups.has(name))
        names.report.warn(`${path} is the name of a model as well, which counts.`)
      return isGroup(group, path, names)
    }),
  )

/** The sections that say how requests are routed. */
export interface Settings {
  readonly general: z.output<typeof generalSettings>
  readonly router: z.output<typeof routerSettings>
  readonly litellm: z.output<typeof litellmSettings>
}

/** `router_settings`, with what `litellm_settings` says of the same. */
export const routerConfigOf = (
  { router: own, litellm: shared, general: { image_generation_model: imageModel } }: Settings,
  { groups, leftOut, aliases }: ModelList,
  report: Report,
): RouterConfig => {
  const settings = { ...shared, ...own }
  const given = settings.model_group_alias ?? {}
  const callable = new Set([...groups, ...Object.keys(aliases)])
  const names: Names = { groups: callable, leftOut: new Set(leftOut), report }
  const { "*": everywhere = [], ...fallbacks } = byGroup(
    settings.fallbacks ?? {},
    "fallbacks",
    names,
  )
  if (own.routing_strategy !== undefined && own.routing_strategy !== "simple-shuffle")
    report.ineffective(
      `router_settings.routing_strategy: ${own.routing_strategy}`,
      "deployments are chosen by order and weight, as simple-shuffle does",
    )
  return {
    retries: settings.num_retries ?? routerDefaults.retries,
    retryPolicy: perKind(settings.retry_policy ?? {}, "Retries"),
    groupRetryPolicies: Object.fromEntries(
      Object.entries(own.model_group_retry_policy ?? {}).map(([name, policy]) => [
        name,
        perKind(policy, "Retries"),
      ]),
    ),
    retryAfterMs: own.retry_after ?? routerDefaults.retryAfterMs,
    allowedFails: settings.allowed_fails ?? routerDefaults.allowedFails,
    allowedFailsPolicy: perKind(settings.allowed_fails_policy ?? {}, "AllowedFails"),
    cooldownMs: own.disable_cooldowns ? 0 : (settings.cooldown_time ?? routerDefaults.cooldownMs),
    fallbacks,
    contentPolicyFallbacks: byGroup(
      settings.content_policy_fallbacks ?? {},
      "content_policy_fallbacks",
      names,
    ),
    defaultFallbacks: [
      ...groupsOf(settings.default_fallbacks ?? [], "default_fallbacks", names),
      ...everywhere,
    ],
    maxFallbacks: own.max_fallbacks ?? routerDefaults.maxFallbacks,
    aliases: { ...aliases, ...aliasesOf(given, names) },
    ...(imageModel !== undefined &&
    isGroup(imageModel, "general_settings.image_generation_model", names)
      ? { imageModel }
      : {}),
  }
}
