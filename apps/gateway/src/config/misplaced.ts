import type { z } from "zod"
import type { Diagnostics } from "./diagnostics.ts"
import {
  gatewaySettings,
  generalSettings,
  keySections,
  litellmParams,
  litellmSettings,
  modelInfo,
  routerSettings,
} from "./schema.ts"

const sections: Readonly<Record<string, z.ZodObject>> = {
  litellm_settings: litellmSettings,
  router_settings: routerSettings,
  general_settings: generalSettings,
  gateway_settings: gatewaySettings,
  litellm_params: litellmParams,
  model_info: modelInfo,
}

/** Limits of keys, where a misspelt name is an error. */
export const isKeySection = (section: string): boolean =>
  keySections.some((name) => name === section)

/** The sections in which a key has an effect. */
const sectionsOf = (key: string): readonly string[] =>
  Object.keys(sections).filter((name) => Object.hasOwn(sections[name]?.shape ?? {}, key))

const newBudget = "set a budget with POST /budget/new"

/** Keys that limit what is spent, with what to do where they have no effect. */
const moneyLimits: Readonly<Record<string, string>> = {
  max_budget: "it counts in litellm_settings",
  budget_duration: "it counts in litellm_settings",
  soft_budget: newBudget,
  provider_budget_config: newBudget,
  max_end_user_budget: newBudget,
  default_key_generate_params: "it counts in litellm_settings",
  upperbound_key_generate_params: "it counts in litellm_settings",
}

/**
 * Reports a key that has an effect in another section only. A limit on money is an error: its
 * owner relies on it. False if no section has the key.
 */
export const reportMisplaced = (
  key: string,
  place: string,
  { issue, warn }: Pick<Diagnostics, "issue" | "warn">,
): boolean => {
  if (Object.hasOwn(moneyLimits, key)) {
    const deployment = place.includes(".litellm_params.")
    const remedy = deployment ? `${newBudget} and "model"` : moneyLimits[key]
    issue(place, `limits nothing here; ${remedy}`)
    return true
  }
  const others = sectionsOf(key)
  if (others.length === 0) return false
  warn(`${place} has no effect here. It counts in ${others.join(" and ")}.`)
  return true
}
