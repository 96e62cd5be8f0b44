import { createHash } from "node:crypto"
import { defined } from "@pictor/core/host"
import { bedrockOptions, type LitellmParams } from "./credentials.ts"
import type { Family, NamedModel } from "./family.ts"
import { checkProviderParams, httpTarget } from "./http-target.ts"
import {
  credentialEntry,
  entryLimits,
  litellmParams,
  modelInfo,
  requestDefaults,
} from "./schema.ts"
import type { ModelEntry } from "./types.ts"
import { checkKeys, type ReadContext, readSection } from "./validate.ts"
import { isList, isYamlObject, kindOf, withoutNulls, type YamlObject } from "./yaml-object.ts"

/** An entry of `model_list` of which only the model's name is read. */
export interface RawEntry {
  readonly path: string
  readonly group: string
  readonly model: string
  readonly params: YamlObject
  readonly info: YamlObject
  readonly entry: YamlObject
}

const readText = (
  object: YamlObject,
  key: string,
  path: string,
  { diagnostics }: ReadContext,
): string | undefined => {
  const value = object[key]
  if (typeof value === "string" && value.trim() !== "") return value.trim()
  if (typeof value === "number") return String(value)
  const message = value === undefined ? "is missing" : `got ${kindOf(value)}`
  diagnostics.issue(`${path}.${key}`, message, { allowed: "a string" })
  return undefined
}

/** Reads the model's name. An entry for another kind of model needs no more. */
export const readRawEntry = (
  value: unknown,
  path: string,
  context: ReadContext,
): RawEntry | undefined => {
  const { diagnostics } = context
  if (!isYamlObject(value)) {
    const allowed = "a mapping with model_name and litellm_params"
    diagnostics.issue(path, `got ${kindOf(value)}`, { allowed })
    return undefined
  }
  const entry = withoutNulls(value)
  const { litellm_params: params, model_info: info = {} } = entry
  if (!isYamlObject(params)) {
    const message = params === undefined ? "is missing" : `got ${kindOf(params)}`
    diagnostics.issue(`${path}.litellm_params`, message, { allowed: "a mapping with model" })
  }
  if (!isYamlObject(info))
    diagnostics.issue(`${path}.model_info`, `got ${kindOf(info)}`, { allowed: "a mapping" })
  const group = readText(entry, "model_name", path, context)
  if (!isYamlObject(params) || !isYamlObject(info) || group === undefined) return undefined
  const model = readText(params, "model", `${path}.litellm_params`, context)
  return model === undefined
    ? undefined
    : { path, group, model, params: withoutNulls(params), info: withoutNulls(info), entry }
}

export type SharedCredentials = ReadonlyMap<string, YamlObject>

/** `credential_list`, which entries reference by `litellm_credential_name`. */
export const readCredentialList = (file: YamlObject, context: ReadContext): SharedCredentials => {
  const list = file["credential_list"] ?? []
  if (!isList(list)) {
    context.diagnostics.issue("credential_list", `got ${kindOf(list)}`, { allowed: "a list" })
    return new Map()
  }
  return new Map(
    list.flatMap((each, index): readonly (readonly [string, YamlObject])[] => {
      const values = isYamlObject(each) ? each["credential_values"] : undefined
      // The values are validated in each entry that uses them.
      const named = readSection(
        isYamlObject(each) ? { ...each, credential_values: {} } : each,
        credentialEntry,
        `credential_list[${index}]`,
        context,
      )
      return named && isYamlObject(values) ? [[named.credential_name, values]] : []
    }),
  )
}

const mergeCredentials = (
  { params, path }: RawEntry,
  credentials: SharedCredentials,
  { diagnostics }: ReadContext,
): YamlObject => {
  const name = params["litellm_credential_name"]
  if (typeof name !== "string") return params
  const shared = credentials.get(name)
  if (!shared)
    diagnostics.issue(`${path}.litellm_params.litellm_credential_name`, "unknown credential", {
      given: name,
      allowed:
        credentials.size === 0
          ? "a name in credential_list, which is empty"
          : [...credentials.keys()].join(", "),
    })
  return { ...shared, ...params }
}

/** Misspelt at https://docs.litellm.ai/docs/image_generation/bedrock, seen 2026-11-20. */
const fixMisspelling = (
  params: YamlObject,
  path: string,
  { diagnostics }: ReadContext,
): YamlObject => {
  const { aws_secret_access_id: misspelt, ...rest } = params
  if (misspelt === undefined) return params
  diagnostics.warn(`${path}.aws_secret_access_id is read as aws_access_key_id, the correct name.`)
  return { aws_access_key_id: misspelt, ...rest }
}

interface Prices {
  readonly input_cost_per_image?: number | undefined
  readonly output_cost_per_image?: number | undefined
}

const priceOf = (...sources: readonly Prices[]): number | undefined => {
  for (const { input_cost_per_image: input, output_cost_per_image: output } of sources)
    if (input !== undefined || output !== undefined) return (input ?? 0) + (output ?? 0)
  return undefined
}

type Provider = Pick<ModelEntry, "family" | "bedrock" | "http" | "credentials">

/** A hash of the target, stable until the target changes. Secrets and limits are not part of it. */
const hashOf = (
  group: string,
  cardId: string,
  modelId: string | undefined,
  params: LitellmParams,
  { family, bedrock, http }: Provider,
): string => {
  const target = [
    group,
    cardId,
    modelId,
    bedrock?.region,
    params.aws_profile_name,
    params.aws_role_name,
    bedrock?.endpoint ?? http?.baseUrl,
    ...(http ? [family, http.organization, http.apiVersion, http.project, http.location] : []),
  ]
  return createHash("sha256")
    .update(JSON.stringify(target.map((each) => each ?? null)))
    .digest("hex")
    .slice(0, 16)
}

const defaultsOf = (params: LitellmParams): ModelEntry["defaults"] => {
  const given = defined(requestDefaults.parse(params))
  return Object.keys(given).length === 0 ? undefined : given
}

const readProvider = (
  family: Family,
  params: LitellmParams,
  path: string,
  named: NamedModel,
  context: ReadContext,
): Provider => {
  checkProviderParams(family.name, params, path, context)
  if (family.name === "bedrock") {
    const { options, credentials } = bedrockOptions(params, path, named.region, context)
    return { family: family.name, bedrock: options, credentials }
  }
  const { target, credentials } = httpTarget(family.name, params, path, context)
  return { family: family.name, http: target, credentials }
}

/** Reads the rest of an entry. Undefined if it has an issue. */
export const readEntry = (
  raw: RawEntry,
  named: NamedModel,
  family: Family,
  credentials: SharedCredentials,
  context: ReadContext,
): ModelEntry | undefined => {
  const path = `${raw.path}.litellm_params`
  const infoPath = `${raw.path}.model_info`
  const merged = fixMisspelling(mergeCredentials(raw, credentials, context), path, context)
  const entryKeys = [
    "model_name",
    "litellm_params",
    "model_info",
    ...Object.keys(entryLimits.shape),
  ]
  checkKeys(raw.entry, "model_list", entryKeys, raw.path, context)
  checkKeys(merged, "litellm_params", Object.keys(litellmParams.shape), path, context)
  checkKeys(raw.info, "model_info", Object.keys(modelInfo.shape), infoPath, context)
  const params = readSection(merged, litellmParams, path, context)
  const info = readSection(raw.info, modelInfo, infoPath, context)
  const limits = readSection(raw.entry, entryLimits, raw.path, context)
  if (!params || !info || !limits) return undefined
  const provider = readProvider(family, params, path, named, context)
  const modelId = params.model_id ?? named.modelId
  if (params.model_id === undefined)
    for (const warning of named.warnings) context.diagnostics.warn(`${path}.model: ${warning}`)
  return {
    id: info.id ?? hashOf(raw.group, named.card.id, modelId, params, provider),
    group: raw.group,
    model: named.card.id,
    ...provider,
    ...(!family.cards.includes(named.card) && { customCard: named.card }),
    weight: params.weight ?? 1,
    order: params.order ?? 0,
    ...defined({
      modelId,
      requestsPerMinute: params.rpm ?? limits.rpm,
      imagesPerMinute: params.images_per_minute,
      maxParallelRequests: params.max_parallel_requests,
      timeoutMs: params.timeout,
      cooldownMs: params.cooldown_time,
      microUsd: priceOf(params, info),
      defaults: defaultsOf(params),
    }),
  }
}
