import { ImageError, type Issue } from "@pictor/core"
import { z } from "zod"
import { floorMicroUsd, parseDuration, parseWindow, toMicroUsd, toUsd } from "./units.ts"

/** Neither database stores a NUL character or half a surrogate pair. */
const text = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (value) => !/[\0\p{Surrogate}]/u.test(value),
    "contains a NUL character or an unpaired surrogate",
  )

const count = z.int().min(0)

const maxModels = 1000

/** Every request of the key looks through them. */
const byModel = <Value extends z.ZodType>(value: Value) =>
  z
    .record(text, value)
    .refine(
      (given) => Object.keys(given).length <= maxModels,
      `expected at most ${maxModels.toLocaleString("en-US")} models`,
    )

const usd = z.number().transform((value, context) => {
  const microUsd = floorMicroUsd(value)
  if (microUsd !== undefined) return microUsd
  context.addIssue({
    code: "custom",
    message: "expected US dollars: 0 or more",
  })
  return z.NEVER
})

const duration = z
  .string()
  .refine(
    (value) => parseDuration(value) !== undefined,
    'expected a number with the unit s, m, h, d, w or mo, for example "30d"; at most 300 years',
  )

const budgetDuration = duration.refine(
  (value) => parseDuration(value) === undefined || parseWindow(value) !== undefined,
  '"1mo" is the only duration in months; use days for others, for example "60d"',
)

/** The fields of a budget. Parsed money is in micro-USD. */
const budgetFields = {
  max_budget: usd.nullish(),
  soft_budget: usd.nullish(),
  max_images: count.nullish(),
  budget_duration: budgetDuration.nullish(),
  allow_unknown_prices: z.boolean().nullish(),
}

const modelBudget = z.union(
  [
    z.strictObject({ budget_limit: usd, time_period: budgetDuration.nullish() }),
    z
      .strictObject({ max_budget: usd, budget_duration: budgetDuration.nullish() })
      .transform((given) => ({
        budget_limit: given.max_budget,
        time_period: given.budget_duration,
      })),
  ],
  { error: 'expected { "budget_limit": US dollars, "time_period": "1d", "7d", "1mo" or "90d" }' },
)

const keyFields = {
  ...budgetFields,
  budget_id: text.nullish(),
  key_alias: text.nullish(),
  team_id: text.nullish(),
  user_id: text.nullish(),
  duration: z
    .literal("-1")
    .transform(() => null)
    .or(duration)
    .nullish(),
  blocked: z.boolean().nullish(),
  models: z.array(text).max(1000).nullish(),
  aliases: byModel(text).nullish(),
  metadata: z.record(z.string(), z.json()).nullish(),
  tags: z.array(text).max(100).nullish(),
  budget_limits: z
    .array(z.strictObject({ budget_duration: budgetDuration, max_budget: usd }))
    .max(10)
    .nullish(),
  model_max_budget: byModel(modelBudget).nullish(),
  rpm_limit: count.nullish(),
  model_rpm_limit: byModel(count).nullish(),
  images_per_minute: count.nullish(),
  ipm_limit: count.nullish(),
  max_parallel_requests: count.nullish(),
}

/** Keys that were made elsewhere may be short: they are accepted with {@link guessableWarning}. */
const customKey = z
  .string()
  .regex(/^sk-[\w-]{1,200}$/, "expected sk- and 1 to 200 letters, digits, - or _")

/** A warning for a custom key that is short enough to be found by trying. */
export const guessableWarning = (path: string, key: string | undefined): readonly string[] =>
  key !== undefined && key.length < "sk-".length + 16
    ? [
        `${path} has fewer than 16 characters after sk-, so it can be guessed. Omit it to get a generated key.`,
      ]
    : []

export const generateBody = z.strictObject({ ...keyFields, key: customKey.nullish() })
export const updateBody = z.strictObject({ ...keyFields, key: text })
/** The path may contain `key`. `grace_period` is how long the former secret stays valid. */
export const regenerateBody = z.strictObject({
  ...keyFields,
  key: text.nullish(),
  new_key: customKey.nullish(),
  grace_period: duration.nullish(),
})
export const keyBody = z.strictObject({ key: text })
export const deleteBody = z.strictObject({
  keys: z.array(text).max(1000).nullish(),
  key_aliases: z.array(text).max(1000).nullish(),
})

export type KeyBody = Omit<z.output<typeof generateBody>, "key">

const rejectedForBudgets = z
  .null({ error: "a budget has no rate limits; set them on a key or a deployment" })
  .optional()

const rateLimitFields = {
  rpm_limit: rejectedForBudgets,
  max_parallel_requests: rejectedForBudgets,
}

export const newBudgetBody = z.strictObject({
  ...budgetFields,
  ...rateLimitFields,
  team_id: text.nullish(),
  user_id: text.nullish(),
  end_user_id: text.nullish(),
  tag: text.nullish(),
  model: text.nullish(),
  everything: z.literal(true).nullish(),
  budget_id: text.nullish(),
})
export const updateBudgetBody = z.strictObject({
  ...budgetFields,
  ...rateLimitFields,
  budget_id: text,
})
export const budgetInfoBody = z.strictObject({ budgets: z.array(text).min(1).max(1000) })
export const budgetDeleteBody = z.strictObject({ id: text })

export type BudgetBody = z.output<typeof newBudgetBody>

/** LiteLLM's fields for text models: accepted, with a warning. */
const ignored: ReadonlySet<string> = new Set(
  `tpm_limit tpd_limit model_tpm_limit tpm_limit_type default_estimated_output_tokens
  default_estimated_output_tokens_per_model enable_prompt_caching allowed_cache_controls prompts
  mcp_rpm_limit allowed_vector_store_indexes object_permission send_invite_email`.split(/\s+/),
)

const noRouteRules =
  "a key can generate images and read its own data; other routes need the master key"
const noGuardrails = "the gateway has no guardrails; set a Bedrock guardrail on the deployment"
const noRotation = "keys do not rotate automatically; call POST /key/regenerate with grace_period"
const noIncrease = "raise max_budget with an update, and lower it again later"

/** LiteLLM's fields that cannot be ignored without changing what the client expects. */
const unsupported: Readonly<Record<string, string>> = {
  tag_rpm_limit: "rate limits apply to a key or a deployment; set rpm_limit",
  rpm_limit_type: "every limit is exact; omit it",
  end_user_budget_id: "create a budget with end_user_id with POST /budget/new",
  budget_fallbacks: "set fallbacks in router_settings",
  throttle_on_budget_exceeded: "a request above the budget is rejected",
  temp_budget_increase: noIncrease,
  temp_budget_expiry: noIncrease,
  new_master_key:
    "start the gateway once with the new master_key and the current one as previous_master_key",
  spend: "the ledger computes it",
  guardrails: noGuardrails,
  policies: noGuardrails,
  disable_global_guardrails: noGuardrails,
  allowed_routes: noRouteRules,
  allowed_passthrough_routes: noRouteRules,
  denied_passthrough_routes: noRouteRules,
  permissions: noRouteRules,
  enforced_params: "parameters cannot be enforced for a key",
  config: "a key has no configuration of its own",
  router_settings: "a key has no configuration of its own; set the gateway's router_settings",
  access_group_ids: "list the models in models",
  organization_id: "there are no organizations; use team_id",
  project_id: "there are no projects; use team_id or tags",
  agent_id: "there are no agents; use user_id or tags",
  auto_rotate: noRotation,
  rotation_interval: noRotation,
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0)

export const invalid = (path: string, message: string): Issue => ({
  code: "invalid_request",
  path,
  message,
})

/** Throws `invalid_request` with all issues. */
export const reject = (issues: readonly Issue[]): never => {
  throw new ImageError({
    code: "invalid_request",
    message: issues.map(({ message }) => message).join(" "),
    issues,
  })
}

/** Throws `invalid_request` for one field; an empty path is the whole body. */
export const rejectField = (path: string, message: string): never =>
  reject([invalid(path, message)])

const issuesOf = (error: z.ZodError): readonly Issue[] =>
  error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => {
        const path = [...issue.path, key].join(".")
        return invalid(path, `Unknown field ${path}. Remove it.`)
      })
    const path = issue.path.join(".")
    return invalid(path, `${path === "" ? "The body" : path}: ${issue.message}.`)
  })

/** Names for what every key may do: create images and read its own data. */
const isEveryKeysRight = (name: string, value: unknown): boolean =>
  name === "key_type"
    ? value === "default" || value === "llm_api"
    : name === "allowed_routes" &&
      Array.isArray(value) &&
      value.every((route) => route === "llm_api_routes")

const moneyFields: ReadonlySet<string> = new Set(["max_budget", "soft_budget", "budget_limit"])

/** A warning for each amount of dollars that is rounded down to whole micro-USD. */
const roundings = (fields: object, path = ""): readonly string[] =>
  Object.entries(fields).flatMap(([name, value]: readonly [string, unknown]) => {
    const place = path === "" ? name : `${path}.${name}`
    if (moneyFields.has(name) && typeof value === "number")
      return toMicroUsd(value) === undefined
        ? [`${place} is rounded down to $${toUsd(floorMicroUsd(value) ?? 0)}.`]
        : []
    const isNested = path !== "" || name === "budget_limits" || name === "model_max_budget"
    return isNested && typeof value === "object" && value !== null ? roundings(value, place) : []
  })

export interface ParsedFields<Fields> {
  readonly fields: Fields
  /** One for each field that has no effect. */
  readonly warnings: readonly string[]
}

/** Validates a body or a query with LiteLLM's fields. Throws `invalid_request` with all issues. */
export const parseFields = <Shape extends z.ZodObject>(
  shape: Shape,
  body: unknown,
): ParsedFields<z.output<Shape>> => {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return rejectField("", "The body must be a JSON object.")
  const warnings: string[] = []
  const issues: Issue[] = []
  const supported = Object.entries(body).filter(([name, value]) => {
    // As in LiteLLM, an empty text is an absent field.
    if (Object.hasOwn(shape.shape, name)) return value !== ""
    if (isEveryKeysRight(name, value)) return false
    if (ignored.has(name)) {
      if (!isEmpty(value)) warnings.push(`${name} is ignored: it does not apply to images.`)
      return false
    }
    const reason = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined
    if (reason !== undefined && !isEmpty(value))
      issues.push({
        code: "unsupported",
        path: name,
        message: `${name} is not supported: ${reason}.`,
      })
    return reason === undefined
  })
  const result = shape.safeParse(Object.fromEntries(supported))
  if (!result.success) return reject([...issues, ...issuesOf(result.error)])
  if (issues.length > 0) return reject(issues)
  return {
    fields: result.data,
    warnings: [...warnings, ...roundings(Object.fromEntries(supported))],
  }
}
