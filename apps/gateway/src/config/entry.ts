import { createHash } from "node:crypto"
import { defined } from "../lib/object.ts"
import type { NamedModel } from "./catalogue.ts"
import { type Params, wayOf } from "./credentials.ts"
import { credentialEntry, entryLimits, litellmParams, modelInfo } from "./schema.ts"
import type { ModelEntry } from "./types.ts"
import { checkKeys, type Reading, readSection } from "./validate.ts"
import { isTree, kindOf, type Tree, withoutBlanks } from "./yaml-object.ts"

/** One entry of `model_list`, as far as it says which model it is. */
export interface Raw {
  readonly path: string
  readonly group: string
  readonly model: string
  readonly params: Tree
  readonly info: Tree
  readonly entry: Tree
}

const textAt = (tree: Tree, key: string, path: string, reading: Reading): string | undefined => {
  const value = tree[key]
  if (typeof value === "string" && value.trim() !== "") return value.trim()
  if (typeof value === "number") return String(value)
  reading.report.problem(
    `${path}.${key}`,
    value === undefined ? "is missing" : `is ${kindOf(value)}`,
    { allowed: "a text" },
  )
  return undefined
}

/** Reads no further than is needed to see whether the entry is for images. */
export const rawOf = (value: unknown, path: string, reading: Reading): Raw | undefined => {
  const { report } = reading
  if (!isTree(value)) {
    report.problem(path, `is ${kindOf(value)}`, {
      allowed: "a mapping with model_name and litellm_params",
    })
    return undefined
  }
  const entry = withoutBlanks(value)
  const { litellm_params: params, model_info: info = {} } = entry
  if (!isTree(params))
    report.problem(
      `${path}.litellm_params`,
      params === undefined ? "is missing" : `is ${kindOf(params)}`,
      { allowed: "a mapping with model" },
    )
  if (!isTree(info))
    report.problem(`${path}.model_info`, `is ${kindOf(info)}`, { allowed: "a mapping" })
  const group = textAt(entry, "model_name", path, reading)
  if (!isTree(params) || !isTree(info) || group === undefined) return undefined
  const model = textAt(params, "model", `${path}.litellm_params`, reading)
  return model === undefined
    ? undefined
    : { path, group, model, params: withoutBlanks(params), info: withoutBlanks(info), entry }
}

/** `litellm_credential_name` names keys that several entries share. */
export const credentialsOf = (tree: Tree, reading: Reading): ReadonlyMap<string, Tree> => {
  const list = tree["credential_list"] ?? []
  if (!Array.isArray(list)) {
    reading.report.problem("credential_list", `is ${kindOf(list)}`, { allowed: "a list" })
    return new Map()
  }
  return new Map(
    list.flatMap((each: unknown, index): readonly (readonly [string, Tree])[] => {
      const values = isTree(each) ? each["credential_values"] : undefined
      const named = readSection(
        isTree(each) ? { ...each, credential_values: {} } : each,
        credentialEntry,
        `credential_list[${index}]`,
        reading,
      )
      return named && isTree(values) ? [[named.credential_name, values]] : []
    }),
  )
}

const withCredentials = (
  raw: Raw,
  credentials: ReadonlyMap<string, Tree>,
  { report }: Reading,
): Tree => {
  const name = raw.params["litellm_credential_name"]
  if (typeof name !== "string") return raw.params
  const found = credentials.get(name)
  if (found) return { ...found, ...raw.params }
  report.problem(
    `${raw.path}.litellm_params.litellm_credential_name`,
    "names nothing of credential_list",
    {
      given: name,
      allowed: [...credentials.keys()].join(", ") || "nothing: there is no credential_list",
    },
  )
  return raw.params
}

/** A misspelling of LiteLLM's page, which it ignores: https://docs.litellm.ai/docs/image_generation/bedrock, seen 2026-11-20. */
const spelt = (params: Tree, path: string, { report }: Reading): Tree => {
  const { aws_secret_access_id: misspelt, ...rest } = params
  if (misspelt === undefined) return params
  report.warn(`${path}.aws_secret_access_id is taken as aws_access_key_id, its right name.`)
  return { aws_access_key_id: misspelt, ...rest }
}

const priceOf = (
  ...sources: readonly {
    readonly input_cost_per_image?: number | undefined
    readonly output_cost_per_image?: number | undefined
  }[]
) => {
  const [found] = sources.filter(
    (each) => each.input_cost_per_image !== undefined || each.output_cost_per_image !== undefined,
  )
  return found && (found.input_cost_per_image ?? 0) + (found.output_cost_per_image ?? 0)
}

/** Of what is called and where; secrets, shares and limits have no part in it. */
const idOf = (
  group: string,
  { card, modelId }: Pick<NamedModel, "card" | "modelId">,
  params: Params,
  region: string | undefined,
): string => {
  const { aws_profile_name, aws_role_name, aws_bedrock_runtime_endpoint, api_base } = params
  const identity = [
    group,
    card.id,
    modelId,
    region,
    aws_profile_name,
    aws_role_name,
    aws_bedrock_runtime_endpoint ?? api_base,
  ]
  return createHash("sha256")
    .update(JSON.stringify(identity.map((each) => each ?? null)))
    .digest("hex")
    .slice(0, 16)
}

/** The whole of an entry whose model is known. */
export const entryOf = (
  raw: Raw,
  named: NamedModel,
  credentials: ReadonlyMap<string, Tree>,
  reading: Reading,
): ModelEntry | undefined => {
  const path = `${raw.path}.litellm_params`
  const tree = spelt(withCredentials(raw, credentials, reading), path, reading)
  checkKeys(
    raw.entry,
    "model_list",
    ["model_name", "litellm_params", "model_info", ...Object.keys(entryLimits.shape)],
    raw.path,
    reading.report,
  )
  checkKeys(tree, "litellm_params", Object.keys(litellmParams.shape), path, reading.report)
  checkKeys(
    raw.info,
    "model_info",
    Object.keys(modelInfo.shape),
    `${raw.path}.model_info`,
    reading.report,
  )
  const params = readSection(tree, litellmParams, path, reading)
  const info = readSection(raw.info, modelInfo, `${raw.path}.model_info`, reading)
  const limits = readSection(raw.entry, entryLimits, raw.path, reading)
  if (!params || !info || !limits) return undefined
  const { options, authentication } = wayOf(
    params,
    path,
    named.region,
    reading.environment,
    reading.report,
  )
  const modelId = params.model_id ?? named.modelId
  for (const warning of named.warnings)
    if (params.model_id === undefined) reading.report.warn(`${path}.model: ${warning}`)
  return {
    id:
      info.id ??
      idOf(raw.group, { card: named.card, ...defined({ modelId }) }, params, options.region),
    group: raw.group,
    model: named.card.id,
    bedrock: options,
    authentication,
    weight: params.weight ?? 1,
    order: params.order ?? 0,
    tags: params.tags ?? [],
    ...defined({
      modelId,
      requestsPerMinute: params.rpm ?? limits.rpm,
      imagesPerMinute: params.images_per_minute,
      maxParallelRequests: params.max_parallel_requests,
      timeoutMs: params.timeout,
      cooldownMs: params.cooldown_time,
      microUsd: priceOf(params, info),
    }),
  }
}
