import { ImageError, type Issue } from "@pictor/core"
import { z } from "zod"
import { allowedDurations, readDuration, toWindow } from "./duration.ts"
import { toMicroUsd } from "./money.ts"

/** Neither database holds a NUL character or half a surrogate pair. */
const text = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (value) => !/[\0\p{Surrogate}]/u.test(value),
    "holds a NUL character or half a surrogate pair",
  )

const count = z.int().min(0)

const usd = z
  .number()
  .refine(
    (value) => toMicroUsd(value) !== undefined,
    "is US dollars: 0 or more, with six decimals at most",
  )
  .transform((value) => toMicroUsd(value) ?? 0)

const duration = z
  .string()
  .refine((value) => readDuration(value) !== undefined, `is ${allowedDurations}`)

const budgetDuration = duration.refine(
  (value) => toWindow(readDuration(value)) !== undefined,
  'of months is "1mo" alone: others are in days, as "60d"',
)

/** A budget's fields; money comes out in micro-USD. */
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
  { error: 'is { "budget_limit": US dollars, "time_period": "1d", "7d", "1mo" or "90d" }' },
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
  aliases: z.record(text, text).nullish(),
  metadata: z.record(z.string(), z.json()).nullish(),
  tags: z.array(text).max(100).nullish(),
  budget_limits: z
    .array(z.strictObject({ budget_duration: budgetDuration, max_budget: usd }))
    .max(10)
    .nullish(),
  model_max_budget: z.record(text, modelBudget).nullish(),
  rpm_limit: count.nullish(),
  model_rpm_limit: z.record(text, count).nullish(),
  images_per_minute: count.nullish(),
  ipm_limit: count.nullish(),
  max_parallel_requests: count.nullish(),
}

/** A key as LiteLLM generates it: `sk-` and 22 characters; shorter ones can be guessed. */
const ownKey = z
  .string()
  .regex(/^sk-[\w-]{16,200}$/, "is sk- and 16 to 200 letters, digits, - or _")

export const generateBody = z.strictObject({ ...keyFields, key: ownKey.nullish() })
export const updateBody = z.strictObject({ ...keyFields, key: text })
/** `key` may stand in the path; `grace_period` is how long the one before counts too. */
export const regenerateBody = z.strictObject({
  ...keyFields,
  key: text.nullish(),
  new_key: ownKey.nullish(),
  grace_period: duration.nullish(),
})
export const keyBody = z.strictObject({ key: text })
export const deleteBody = z.strictObject({
  keys: z.array(text).max(1000).nullish(),
  key_aliases: z.array(text).max(1000).nullish(),
})

export type KeyBody = Omit<z.output<typeof generateBody>, "key">

const scopeFields = {
  team_id: text.nullish(),
  user_id: text.nullish(),
  tag: text.nullish(),
  model: text.nullish(),
  everything: z.literal(true).nullish(),
}

const notOfBudgets = z
  .null({ error: "limits are of a key or of a deployment, set it there" })
  .optional()

const limitFields = { rpm_limit: notOfBudgets, max_parallel_requests: notOfBudgets }

export const newBudgetBody = z.strictObject({
  ...budgetFields,
  ...scopeFields,
  ...limitFields,
  budget_id: text.nullish(),
})
export const updateBudgetBody = z.strictObject({ ...budgetFields, ...limitFields, budget_id: text })
export const budgetInfoBody = z.strictObject({ budgets: z.array(text).min(1).max(1000) })
export const budgetDeleteBody = z.strictObject({ id: text })

export type BudgetBody = z.output<typeof newBudgetBody>

/** LiteLLM's fields that images have no use for: taken, and reported. */
const withoutMeaning: ReadonlySet<string> = new Set(
  `tpm_limit tpd_limit model_tpm_limit tpm_limit_type default_estimated_output_tokens default_estimated_output_tokens_per_model enable_prompt_caching
  allowed_cache_controls prompts mcp_rpm_limit allowed_vector_store_indexes object_permission send_invite_email`.split(
    /\s+/,
  ),
)

const noRouteRules = "a key makes images and sees itself; everything else needs the master key"
const noGuardrails = "guardrails are not the gateway's: give the deployment a Bedrock guardrail"
const noRotation =
  "keys are not rotated by themselves: POST /key/regenerate makes a new one, with grace_period beside the old"

/** LiteLLM's fields that mean something which would be lost: why they are refused, and what to do. */
const refused: Readonly<Record<string, string>> = {
  tag_rpm_limit: "limits are of a key or of a deployment: set rpm_limit",
  rpm_limit_type: "every limit holds exactly: leave it out",
  end_user_budget_id: "make a budget of the user with /budget/new",
  budget_fallbacks: "name fallbacks in router_settings",
  throttle_on_budget_exceeded: "what would pass a budget is refused",
  temp_budget_increase: "update max_budget, and update it back",
  temp_budget_expiry: "update max_budget, and update it back",
  new_master_key:
    "start the gateway once with it as master_key, and with the one before as previous_master_key",
  spend: "it is what the ledger counted and cannot be written",
  guardrails: noGuardrails,
  policies: noGuardrails,
  disable_global_guardrails: noGuardrails,
  allowed_routes: noRouteRules,
  allowed_passthrough_routes: noRouteRules,
  denied_passthrough_routes: noRouteRules,
  permissions: noRouteRules,
  enforced_params: "parameters cannot be enforced for a key",
  config: "a key has no configuration of its own",
  router_settings: "a key has no configuration of its own: set router_settings of the gateway",
  access_group_ids: "name the models themselves in models",
  organization_id: "there are no organizations: use team_id",
  project_id: "there are no projects: use team_id or tags",
  agent_id: "there are no agents: use user_id or tags",
  auto_rotate: noRotation,
  rotation_interval: noRotation,
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0)

const invalid = (path: string, message: string): Issue => ({
  code: "invalid_request",
  path,
  message,
})

/** Throws `invalid_request` with all that is wrong. */
export const refuse = (issues: readonly Issue[]): never => {
  throw new ImageError({
    code: "invalid_request",
    message: issues.map(({ message }) => message).join(" "),
    issues,
  })
}

const issuesOf = (error: z.ZodError): readonly Issue[] =>
  error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => {
        const path = [...issue.path, key].join(".")
        return invalid(path, `There is no field ${path}: leave it out.`)
      })
    const path = issue.path.join(".")
    return invalid(path, `${path === "" ? "The body" : path}: ${issue.message}.`)
  })

export interface Taken<Fields> {
  readonly fields: Fields
  /** What was given and has no effect. */
  readonly warnings: readonly string[]
}

const known: Readonly<Record<string, (value: unknown) => boolean>> = {
  key_type: (value) => value === "default" || value === "llm_api",
}

/** Reads a body whose fields are LiteLLM's; throws `invalid_request` that names all that is wrong. */
export const take = <Shape extends z.ZodObject>(
  shape: Shape,
  body: unknown,
): Taken<z.output<Shape>> => {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return refuse([invalid("", "The body is not a JSON object.")])
  const warnings: string[] = []
  const issues: Issue[] = []
  const own = Object.entries(body).filter(([name, value]) => {
    if (Object.hasOwn(shape.shape, name)) return true
    if (Object.hasOwn(known, name) && known[name]?.(value)) return false
    if (withoutMeaning.has(name)) {
      if (!isEmpty(value)) warnings.push(`${name} has no meaning for images and no effect.`)
      return false
    }
    const why = Object.hasOwn(refused, name) ? refused[name] : undefined
    if (why !== undefined && !isEmpty(value))
      issues.push({ code: "unsupported", path: name, message: `${name} cannot be set: ${why}.` })
    return why === undefined
  })
  const result = shape.safeParse(Object.fromEntries(own))
  if (!result.success) return refuse([...issues, ...issuesOf(result.error)])
  return issues.length > 0 ? refuse(issues) : { fields: result.data, warnings }
}
