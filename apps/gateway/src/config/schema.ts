import { z } from "zod"
import { parseDuration, parseWindow } from "../keys/units.ts"
import { failureKinds } from "./types.ts"
import { isList, isYamlObject } from "./yaml-object.ts"

/** Numbers may be strings, as they are when they come from the environment. */
const numberOf = (value: unknown): unknown =>
  typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
    ? Number(value)
    : value

const numeric = (allowed: string, least: number) =>
  z.preprocess(numberOf, z.number({ error: allowed }).min(least, { error: allowed }))

const count = (least: number) => {
  const allowed = `a whole number from ${least}`
  return z.preprocess(numberOf, z.int({ error: allowed }).min(least, { error: allowed }))
}

/** The longest delay of a timer in Node.js. */
const longestSeconds = 2_147_483

const seconds = (least: "from 0" | "above 0") => {
  const allowed = `a number of seconds ${least}, at most ${longestSeconds.toLocaleString("en-US")}`
  return z.preprocess(
    numberOf,
    z
      .number({ error: allowed })
      .min(least === "from 0" ? 0 : 0.001, { error: allowed })
      .max(longestSeconds, { error: allowed })
      .transform((value) => Math.round(value * 1000)),
  )
}

const weight = numeric("a number from 0", 0)

const wholeNumber = z.preprocess(numberOf, z.int({ error: "a whole number" }))

const text = z
  .string({ error: "a string; quote a number" })
  .min(1, { error: "a string that is not empty" })

const flag = z.preprocess(
  (value) =>
    typeof value === "string"
      ? ({ true: true, false: false }[value.toLowerCase()] ?? value)
      : value,
  z.boolean({ error: "true or false" }),
)

/** A list of strings, or one string for a list of one. */
const texts = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z.array(text, { error: "a list of strings" }),
)

const url = text.refine(
  (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  { error: "an absolute URL, for example https://bedrock-runtime.us-east-1.amazonaws.com" },
)

const region = text.regex(/^[a-z0-9-]+$/, { error: "a region, for example us-east-1" })

const decimal = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i

/** A decimal number as exact millionths, rounded half up. Undefined if it is not a number. */
export const toMillionths = (written: string): number | undefined => {
  const [all, whole = "", part = "", exponent = "0"] = decimal.exec(written.trim()) ?? []
  if (all === undefined || whole + part === "") return undefined
  const shift = 6 - part.length + Number(exponent)
  const digits = BigInt(whole + part)
  const scaled =
    shift >= 0
      ? digits * 10n ** BigInt(shift)
      : (digits + 10n ** BigInt(-shift) / 2n) / 10n ** BigInt(-shift)
  return scaled <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(scaled) : undefined
}

const allowedUsd = "US dollars, 0 or more, for example 0.04"

const usd = z.union([z.number(), z.string()], { error: allowedUsd }).transform((value, context) => {
  const microUsd = toMillionths(String(value))
  if (microUsd !== undefined) return microUsd
  context.addIssue({ code: "custom", message: allowedUsd })
  return z.NEVER
})

const perKind = (suffix: "Retries" | "AllowedFails") =>
  z.object(
    Object.fromEntries(failureKinds.map((kind) => [`${kind}${suffix}`, count(0).optional()])),
  )

const names = z.union(
  [texts, z.array(z.union([text, z.object({ model: text }).transform(({ model }) => model)]))],
  {
    error: "a list of model_name values",
  },
)

/** The issues of the values keep their own messages. */
const mapping = (error: string) => ({
  error: (issue: { readonly code?: string }) => (issue.code === "invalid_type" ? error : undefined),
})

/** LiteLLM accepts `[{ a: [b] }, { c: [d] }]` and `{ a: [b], c: [d] }`. */
const byGroup = z.preprocess(
  (value) =>
    isList(value) && value.every(isYamlObject)
      ? Object.fromEntries(value.flatMap((each) => Object.entries(each)))
      : value,
  z.record(
    z.string(),
    names,
    mapping("a list of mappings, for example [{ my-model: [other-model] }]"),
  ),
)

const alias = z.union([
  text.transform((group) => ({ group, hidden: false })),
  z
    .object({ model: text, hidden: flag.optional() })
    .transform(({ model, hidden = false }) => ({ group: model, hidden })),
])

/** https://docs.litellm.ai/docs/providers/bedrock, seen 2026-11-20. */
const credentialParams = z.object({
  api_key: text.optional(),
  aws_access_key_id: text.optional(),
  aws_secret_access_key: text.optional(),
  aws_session_token: text.optional(),
  aws_region_name: region.optional(),
  aws_session_name: text.optional(),
  aws_profile_name: text.optional(),
  aws_role_name: text.optional(),
  aws_web_identity_token: text.optional(),
  aws_sts_endpoint: url.optional(),
  aws_external_id: text.optional(),
  aws_bedrock_runtime_endpoint: url.optional(),
  api_base: url.optional(),
  api_version: text.optional(),
  organization: text.optional(),
  azure_ad_token: text.optional(),
  vertex_project: text.optional(),
  vertex_location: text.optional(),
  vertex_credentials: z.union([text, z.record(z.string(), z.json())]).optional(),
})

/** Fields of a request, for requests that leave them out. */
export const requestDefaults = z.object({
  n: count(1).optional(),
  size: text.optional(),
  quality: text.optional(),
  style: text.optional(),
  response_format: z.enum(["b64_json", "url"], { error: "b64_json or url" }).optional(),
  seed: wholeNumber.optional(),
  cfg_scale: numeric("a number from 0", 0).optional(),
  steps: count(1).optional(),
  style_preset: text.optional(),
  negative_prompt: text.optional(),
  aspect_ratio: text.optional(),
  output_format: z.enum(["png", "jpeg", "webp"], { error: "png, jpeg or webp" }).optional(),
})

export const litellmParams = credentialParams.extend({
  ...requestDefaults.shape,
  model: text,
  model_id: text.optional(),
  region_name: region.optional(),
  litellm_credential_name: text.optional(),
  rpm: count(1).optional(),
  images_per_minute: count(1).optional(),
  max_parallel_requests: count(1).optional(),
  timeout: seconds("above 0").optional(),
  cooldown_time: seconds("from 0").optional(),
  weight: weight.optional(),
  order: wholeNumber.optional(),
  input_cost_per_image: usd.optional(),
  output_cost_per_image: usd.optional(),
  guardrailConfig: z
    .object({
      guardrailIdentifier: text,
      guardrailVersion: z.preprocess(
        (value) => (typeof value === "number" ? String(value) : value),
        text,
      ),
      trace: z
        .enum(["enabled", "disabled", "enabled_full"], {
          error: "enabled, disabled or enabled_full",
        })
        .optional(),
    })
    .optional(),
})

const range = z.tuple([z.number(), z.number()], { error: "[least, most]" })

/** `model_info.pictor`: the settings of `customModel` of `@pictor/openai-images`. */
export const customCard = z.strictObject({
  sizes: z
    .union([
      z.array(text).min(1),
      z.strictObject({
        side: range,
        multiple: z.int().optional(),
        pixels: z.int().optional(),
        ratio: z.number().optional(),
      }),
    ])
    .optional(),
  defaultSize: text.optional(),
  imagesPerCall: count(1).optional(),
  maxPrompt: count(1).optional(),
  qualities: z.array(text).min(1).optional(),
  outputFormats: z.array(text).min(1).optional(),
  edits: z.strictObject({ images: count(1).optional(), mask: flag.optional() }).optional(),
  seed: flag.optional(),
  negativePrompt: flag.optional(),
  steps: range.optional(),
  guidance: range.optional(),
  microUsd: count(0).optional(),
})

export const modelInfo = z.object({
  id: z
    .preprocess(
      (value) => (typeof value === "number" ? String(value) : value),
      text.regex(/^[^/\s]+$/, { error: "a string without / and white space" }),
    )
    .optional(),
  mode: text.optional(),
  base_model: text.optional(),
  pictor: customCard.optional(),
  input_cost_per_image: usd.optional(),
  output_cost_per_image: usd.optional(),
})

export const entryLimits = z.object({ rpm: count(1).optional() })

/** Keys of both `router_settings` and `litellm_settings`; the former has precedence. */
const sharedSettings = z.object({
  num_retries: count(0).optional(),
  allowed_fails: count(0).optional(),
  cooldown_time: seconds("from 0").optional(),
  fallbacks: byGroup.optional(),
  content_policy_fallbacks: byGroup.optional(),
  default_fallbacks: names.optional(),
  retry_policy: perKind("Retries").optional(),
  allowed_fails_policy: perKind("AllowedFails").optional(),
  model_group_alias: z
    .record(z.string(), alias, mapping("a mapping of names to model_name values"))
    .optional(),
})

export const routerSettings = sharedSettings.extend({
  routing_strategy: text.optional(),
  retry_after: seconds("from 0").optional(),
  max_fallbacks: count(0).optional(),
  disable_cooldowns: flag.optional(),
  model_group_retry_policy: z
    .record(z.string(), perKind("Retries"), mapping("a mapping of model_name values to policies"))
    .optional(),
  default_max_parallel_requests: count(1).optional(),
  timeout: seconds("above 0").optional(),
})

const statusRange = { error: "an HTTP status from 400 to 499" }

const clientErrorStatus = z.preprocess(
  numberOf,
  z.int(statusRange).min(400, statusRange).max(499, statusRange),
)

const budgetDuration = text.refine((value) => parseWindow(value) !== undefined, {
  error: '"1d", "7d", "1mo" or a number of s, m, h, d or w, for example "90s" or "30d"',
})

export const litellmSettings = sharedSettings.extend({
  request_timeout: seconds("above 0").optional(),
  max_budget: usd.optional(),
  budget_exceeded_status_code: clientErrorStatus.optional(),
  budget_duration: budgetDuration.optional(),
})

/** Mappings inside of `litellm_settings`: what new keys get, and the most that any key may get. */
export const keySections = [
  "default_key_generate_params",
  "upperbound_key_generate_params",
] as const

/** https://docs.litellm.ai/docs/proxy/virtual_keys, seen 2026-11-30. */
export const keyBounds = z.object({
  max_budget: usd.optional(),
  max_images: count(0).optional(),
  budget_duration: budgetDuration.optional(),
  duration: text
    .refine((value) => parseDuration(value) !== undefined, {
      error: 'a number with the unit s, m, h, d, w or mo, for example "30d"',
    })
    .optional(),
  rpm_limit: count(0).optional(),
  images_per_minute: count(0).optional(),
  max_parallel_requests: count(0).optional(),
})

export const keyDefaults = keyBounds.extend({
  soft_budget: usd.optional(),
  allow_unknown_prices: flag.optional(),
  models: texts.optional(),
  tags: texts.optional(),
  metadata: z.record(z.string(), z.json(), mapping("a mapping")).optional(),
  user_id: text.optional(),
  team_id: text.optional(),
})

/** One mapping, or a list. */
const headerMappings = z.preprocess(
  (value) => (isYamlObject(value) ? [value] : value),
  z.array(
    z.object({
      header_name: text,
      litellm_user_role: z.enum(["internal_user", "customer"], {
        error: "internal_user or customer",
      }),
    }),
    { error: "a list of mappings with header_name and litellm_user_role" },
  ),
)

const origins = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z.array(
    text
      .transform((value) => value.replace(/\/$/, "").toLowerCase())
      .refine(
        (value) =>
          value === "*" ||
          (URL.canParse(value) && /^[^*]+$/.test(value) && new URL(value).origin === value),
        {
          error: 'an origin such as https://app.example.com, or "*"',
        },
      ),
    { error: "a list of origins" },
  ),
)

export const generalSettings = z.object({
  allowed_origins: origins.optional(),
  master_key: text.optional(),
  previous_master_key: text.optional(),
  database_url: text
    .regex(/^(file:|postgres(ql)?:\/\/)/, {
      error: "postgres://user@host/database or file:./gateway.db",
    })
    .optional(),
  image_generation_model: text.optional(),
  guardrails_unchecked: flag.optional(),
  user_header_name: text.optional(),
  user_header_mappings: headerMappings.optional(),
  max_parallel_requests: count(1).optional(),
  global_max_parallel_requests: count(1).optional(),
  max_request_size_mb: weight.optional(),
  lapsed_requests: z.enum(["refuse", "retry"], { error: '"refuse" or "retry"' }).optional(),
  client_tags_spend_budgets: flag.optional(),
})

/** Settings without a name in LiteLLM. */
export const gatewaySettings = z.object({
  public_url: url.optional(),
  trust_proxy: flag.optional(),
  image_folder: text.optional(),
  image_link_time: seconds("above 0").optional(),
  image_keep_time: seconds("above 0").optional(),
  image_hosts: texts.optional(),
  max_held_mb: weight.optional(),
  max_held_mb_per_key: weight.optional(),
  receive_timeout: seconds("above 0").optional(),
  send_timeout: seconds("above 0").optional(),
  drain_timeout: seconds("from 0").optional(),
  trace_operation: text.optional(),
})

export const credentialEntry = z.object({
  credential_name: text,
  credential_values: credentialParams,
})
