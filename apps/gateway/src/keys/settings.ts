import type { Budget, Scope } from "@pictor/core"
import { defined, quote } from "@pictor/core/host"
import { z } from "zod"
import { type GroupOf, resolveAlias } from "../auth/model-access.ts"
import { modelTag, modelTagValue } from "../request-context.ts"
import { invalid, type KeyBody, reject, rejectField } from "./request-schema.ts"
import { parseWindow } from "./units.ts"

const limits = {
  maxMicroUsd: z.number().optional(),
  softMicroUsd: z.number().optional(),
  maxImages: z.number().optional(),
  duration: z.string().optional(),
  allowUnknown: z.boolean().optional(),
}

export const budgetLimits = z.object(limits).readonly()
export type BudgetLimits = z.output<typeof budgetLimits>

/** What a key may do, as its row stores it. */
export const keySettings = z
  .object({
    ...limits,
    /** The budget template that the limits are copied from. */
    budgetId: z.string().optional(),
    models: z.array(z.string()),
    aliases: z.record(z.string(), z.string()),
    metadata: z.record(z.string(), z.json()),
    tags: z.array(z.string()),
    furtherBudgets: z.array(z.object({ duration: z.string(), maxMicroUsd: z.number() })),
    modelBudgets: z
      .record(z.string(), z.object({ maxMicroUsd: z.number(), duration: z.string().optional() }))
      .optional(),
    requestsPerMinute: z.number().optional(),
    modelRequestsPerMinute: z.record(z.string(), z.number()).optional(),
    imagesPerMinute: z.number().optional(),
    maxParallelRequests: z.number().optional(),
  })
  .readonly()
export type KeySettings = z.output<typeof keySettings>

export const emptySettings: KeySettings = {
  models: [],
  aliases: {},
  metadata: {},
  tags: [],
  furtherBudgets: [],
}

/** `undefined` keeps the earlier value, `null` removes it. */
const updated = <Value>(given: Value | null | undefined, earlier: Value | undefined) =>
  given === undefined ? earlier : (given ?? undefined)

const limitFields = [
  "max_budget",
  "soft_budget",
  "max_images",
  "budget_duration",
  "allow_unknown_prices",
] as const

type LimitsBody = Pick<KeyBody, (typeof limitFields)[number]>

export const updateLimits = (body: LimitsBody, earlier: BudgetLimits): BudgetLimits =>
  defined({
    maxMicroUsd: updated(body.max_budget, earlier.maxMicroUsd),
    softMicroUsd: updated(body.soft_budget, earlier.softMicroUsd),
    maxImages: updated(body.max_images, earlier.maxImages),
    duration: updated(body.budget_duration, earlier.duration),
    allowUnknown: updated(body.allow_unknown_prices, earlier.allowUnknown),
  })

export const limitsOfKey = (settings: KeySettings): BudgetLimits => updateLimits({}, settings)

const noLimits = {
  maxMicroUsd: undefined,
  softMicroUsd: undefined,
  maxImages: undefined,
  duration: undefined,
  allowUnknown: undefined,
}

/** Copies the limits of the key's budget template. If the template is gone, the key keeps them. */
export const applyTemplate = (
  { budgetId, ...settings }: KeySettings,
  template: BudgetLimits | undefined,
): KeySettings => {
  if (template === undefined || budgetId === undefined) return settings
  return defined({ ...settings, ...noLimits, ...template, budgetId })
}

/** `template`: the limits of the budget that the body names. */
const keyLimits = (
  body: KeyBody,
  earlier: KeySettings,
  template: BudgetLimits | undefined,
): BudgetLimits & Pick<KeySettings, "budgetId"> => {
  const budgetId = updated(body.budget_id, earlier.budgetId)
  if (budgetId === undefined)
    return updateLimits(body, earlier.budgetId === undefined ? earlier : {})
  const conflicts = limitFields.filter((field) => body[field] != null)
  if (conflicts.length > 0)
    reject(
      conflicts.map((field) =>
        invalid(
          field,
          `${field} comes from budget ${budgetId}. Change it with POST /budget/update, or set budget_id to null.`,
        ),
      ),
    )
  return { ...(template ?? limitsOfKey(earlier)), budgetId }
}

/** The key's settings after a change. Throws `invalid_request` if they contradict each other. */
export const updateSettings = (
  body: KeyBody,
  earlier: KeySettings,
  { template, groupOf }: { readonly template: BudgetLimits | undefined; readonly groupOf: GroupOf },
): KeySettings => {
  const { ipm_limit: ipm, images_per_minute: imagesPerMinute = ipm } = body
  if (ipm !== undefined && ipm !== imagesPerMinute)
    rejectField("ipm_limit", "ipm_limit is another name for images_per_minute. Set only one.")
  const further =
    body.budget_limits === null
      ? null
      : body.budget_limits?.map((each) => ({
          duration: each.budget_duration,
          maxMicroUsd: each.max_budget,
        }))
  const modelBudgets =
    body.model_max_budget &&
    Object.fromEntries(
      Object.entries(body.model_max_budget).map(([model, { budget_limit, time_period }]) => [
        model,
        defined({ maxMicroUsd: budget_limit, duration: time_period ?? undefined }),
      ]),
    )
  const settings: KeySettings = {
    ...keyLimits(body, earlier, template),
    models: updated(body.models, earlier.models) ?? [],
    aliases: updated(body.aliases, earlier.aliases) ?? {},
    metadata: updated(body.metadata, earlier.metadata) ?? {},
    tags: updated(body.tags, earlier.tags) ?? [],
    furtherBudgets: updated(further, earlier.furtherBudgets) ?? [],
    ...defined({
      modelBudgets: updated(modelBudgets, earlier.modelBudgets),
      requestsPerMinute: updated(body.rpm_limit, earlier.requestsPerMinute),
      modelRequestsPerMinute: updated(body.model_rpm_limit, earlier.modelRequestsPerMinute),
      imagesPerMinute: updated(imagesPerMinute, earlier.imagesPerMinute),
      maxParallelRequests: updated(body.max_parallel_requests, earlier.maxParallelRequests),
    }),
  }
  checkWindows(settings)
  if (body.model_max_budget || body.aliases) checkModelBudgets(settings, groupOf)
  return settings
}

const windowOf = (duration: string | undefined) => parseWindow(duration) ?? "total"

/** The ledger has one budget per scope and window. */
const checkWindows = ({ duration, furtherBudgets }: KeySettings): void => {
  const durations = [duration, ...furtherBudgets.map((each) => each.duration)]
  const windows = durations.map((each) => JSON.stringify(windowOf(each)))
  const second = windows.findIndex((window, index) => windows.indexOf(window) < index)
  if (second >= 0)
    rejectField(
      "budget_limits",
      `Two budgets have the same duration (${durations[second]}). Keep the smaller one.`,
    )
}

/** One model under two of its names would have two budgets, and only one of them would apply. */
const checkModelBudgets = ({ aliases, modelBudgets = {} }: KeySettings, groupOf: GroupOf): void => {
  const names = Object.keys(modelBudgets)
  const groups = names.map((name) => groupOf(resolveAlias({ aliases }, name)))
  const second = groups.findIndex((group, index) => groups.indexOf(group) < index)
  if (second < 0) return
  const first = names[groups.indexOf(groups[second] ?? "")]
  rejectField(
    `model_max_budget.${names[second]}`,
    `model_max_budget lists the same model as ${quote(first)} and ${quote(names[second])}. Remove one of them.`,
  )
}

/** A budget of the ledger. Without limits it only counts. */
export const toBudget = (
  scope: Scope,
  { maxMicroUsd, softMicroUsd, maxImages, duration, allowUnknown }: BudgetLimits,
): Budget => ({
  scope,
  window: windowOf(duration),
  hard: defined({ microUsd: maxMicroUsd, images: maxImages }),
  soft: defined({ microUsd: softMicroUsd }),
  ...(allowUnknown && { allowUnknown }),
})

export const modelBudgetsOf = (
  id: string,
  { modelBudgets = {}, allowUnknown }: KeySettings,
): readonly { readonly model: string; readonly budget: Budget }[] =>
  Object.entries(modelBudgets).map(([model, given]) => ({
    model,
    budget: toBudget(
      { tag: `${modelTag}=${modelTagValue(id, model)}` },
      defined({ ...given, allowUnknown }),
    ),
  }))

/** The key's budgets for all its spending. The first one counts even without a limit. */
export const totalBudgetsOf = (
  id: string,
  settings: KeySettings,
): readonly [Budget, ...Budget[]] => {
  const { allowUnknown, furtherBudgets } = settings
  const further = furtherBudgets.map((each) =>
    toBudget({ key: id }, defined({ ...each, allowUnknown })),
  )
  return [toBudget({ key: id }, settings), ...further]
}

/** A tag without "=" has an empty value. */
export const tagsOf = ({ tags, metadata }: KeySettings): Readonly<Record<string, string>> => {
  const listed = metadata["tags"]
  const further = Array.isArray(listed) ? listed.filter((tag) => typeof tag === "string") : []
  return Object.fromEntries(
    [...tags, ...further].map((tag) => {
      const at = tag.indexOf("=")
      return at < 1 ? [tag, ""] : [tag.slice(0, at), tag.slice(at + 1)]
    }),
  )
}
