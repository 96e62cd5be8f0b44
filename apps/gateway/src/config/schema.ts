import { z } from "zod"
import { parseWindow } from "../keys/units.ts"
import {
  count,
  flag,
  region,
  seconds,
  text,
  texts,
  url,
  usd,
  weight,
  wholeNumber,
} from "./values.ts"
import { isList, isTree } from "./yaml-object.ts"

const kinds = [
  "BadRequestError",
  "AuthenticationError",
  "NotFoundError",
  "TimeoutError",
  "RateLimitError",
  "ContentPolicyViolationError",
  "InternalServerError",
] as const

const perKind = (suffix: "Retries" | "AllowedFails") =>
  z.object(Object.fromEntries(kinds.map((kind) => [`${kind}${suffix}`, count(0).optional()])))

const names = z.union(
  [texts, z.array(z.union([text, z.object({ model: text }).transform(({ model }) => model)]))],
  {
    error: "a list of model_name values",
  },
)

const mapping = (error: string) => ({
  error: (issue: { readonly code?: string }) => (issue.code === "invalid_type" ? error : undefined),
})

/** Written `[{ a: [b] }, { c: [d] }]` or `{ a: [b], c: [d] }`. */
const byGroup = z.preprocess(
  (value) =>
    isList(value) && value.every(isTree)
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

/** https://docs.litellm.ai/docs/providers/bedrock, seen 2026-11-20; `images_per_minute` is this gateway's own. */
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
})

export const litellmParams = credentialParams.extend({
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
  tags: texts.optional(),
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

export const modelInfo = z.object({
  id: z
    .preprocess(
      (value) => (typeof value === "number" ? String(value) : value),
      text.regex(/^[^/\s]+$/, { error: "a text without / and blanks" }),
    )
    .optional(),
  mode: text.optional(),
  base_model: text.optional(),
  input_cost_per_image: usd.optional(),
  output_cost_per_image: usd.optional(),
})

export const entryLimits = z.object({ rpm: count(1).optional() })

/** What `router_settings` and `litellm_settings` both know; the former counts. */
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

export const litellmSettings = sharedSettings.extend({
  request_timeout: seconds("above 0").optional(),
  max_budget: usd.optional(),
  budget_duration: text
    .refine((value) => parseWindow(value) !== undefined, {
      error: '"1d", "7d", "1mo", or so many seconds to weeks as "90s", "30d"',
    })
    .optional(),
})

export const generalSettings = z.object({
  master_key: text.optional(),
  previous_master_key: text.optional(),
  database_url: text
    .regex(/^(file:|postgres(ql)?:\/\/)/, {
      error: "postgres://user@host/database or file:./gateway.db",
    })
    .optional(),
  image_generation_model: text.optional(),
  max_parallel_requests: count(1).optional(),
  global_max_parallel_requests: count(1).optional(),
  max_request_size_mb: weight.optional(),
})

/** This gateway's own. */
export const gatewaySettings = z.object({
  public_url: url.optional(),
  trust_proxy: flag.optional(),
  image_folder: text.optional(),
  image_link_time: seconds("above 0").optional(),
  image_keep_time: seconds("above 0").optional(),
  image_hosts: texts.optional(),
  max_held_mb: weight.optional(),
  receive_timeout: seconds("above 0").optional(),
  send_timeout: seconds("above 0").optional(),
  drain_timeout: seconds("from 0").optional(),
  trace_operation: text.optional(),
})

export const credentialEntry = z.object({
  credential_name: text,
  credential_values: credentialParams,
})
