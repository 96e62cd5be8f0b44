import { defined } from "@pictor/core/host"
import type { KeyRules } from "../keys/key-rules.ts"
import { keyBounds, keyDefaults } from "./schema.ts"
import { type ReadContext, readSettings } from "./validate.ts"
import { isYamlObject, withoutNulls, type YamlObject } from "./yaml-object.ts"

/** `default_key_generate_params` and `upperbound_key_generate_params` of `litellm_settings`. */
export const readKeyRules = (file: YamlObject, context: ReadContext): KeyRules | undefined => {
  const section = file["litellm_settings"]
  if (!isYamlObject(section)) return undefined
  const settings = withoutNulls(section)
  const [defaultsName, boundsName] = [
    "default_key_generate_params",
    "upperbound_key_generate_params",
  ] as const
  const path = (name: string) => ({ path: `litellm_settings.${name}` })
  const defaults = settings[defaultsName]
    ? readSettings(settings, defaultsName, keyDefaults, context, path(defaultsName))
    : undefined
  const bounds = settings[boundsName]
    ? readSettings(settings, boundsName, keyBounds, context, path(boundsName))
    : undefined
  return defaults || bounds ? defined({ defaults, bounds }) : undefined
}
