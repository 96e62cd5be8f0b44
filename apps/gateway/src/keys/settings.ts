import type { Budget, Scope } from "@pictor/core"
import { z } from "zod"
import { modelTag } from "../request-context.ts"
import { readDuration, toWindow } from "./duration.ts"
import { type KeyBody, refuse } from "./request-schema.ts"

const limits = {
  maxMicroUsd: z.number().optional(),
  softMicroUsd: z.number().optional(),
  maxImages: z.number().optional(),
  duration: z.string().optional(),
  allowUnknown: z.boolean().optional(),
}

/** A budget as it was asked for. */
export const budgetLimits = z.object(limits).readonly()
export type BudgetLimits = z.output<typeof budgetLimits>

/** What a key may do, as it lies in its row. */
export const keySettings = z
  .object({
    ...limits,
    /** The budget that the limits are of. */
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

export const noSettings: KeySettings = {
  models: [],
  aliases: {},
  metadata: {},
  tags: [],
  furtherBudgets: [],
}

/** `given`: null takes away, undefined leaves as it is. */
const changed = <Value>(given: Value | null | undefined, earlier: Value): Value =>
  given === undefined || given === null ? earlier : given

type Change<Name extends string, Value> = { readonly [Each in Name]?: Value }

const optional = <Name extends string, Value>(
  name: Name,
  given: Value | null | undefined,
  earlier: Value | undefined,
): Change<Name, Value> => {
  const value = given === undefined ? earlier : (given ?? undefined)
  return (value === undefined ? {} : { [name]: value }) as Change<Name, Value>
}

type LimitsBody = Pick<
  KeyBody,
  "max_budget" | "soft_budget" | "max_images" | "budget_duration" | "allow_unknown_prices"
>

export const changeLimits = (body: LimitsBody, earlier: BudgetLimits): BudgetLimits => ({
  ...optional("maxMicroUsd", body.max_budget, earlier.maxMicroUsd),
  ...optional("softMicroUsd", body.soft_budget, earlier.softMicroUsd),
  ...optional("maxImages", body.max_images, earlier.maxImages),
  ...optional("duration", body.budget_duration, earlier.duration),
  ...optional("allowUnknown", body.allow_unknown_prices, earlier.allowUnknown),
})

/** A key's settings without limits in money and images of its own. */
const withoutLimits = (settings: KeySettings): KeySettings => {
  const {
    maxMicroUsd: _max,
    softMicroUsd: _soft,
    maxImages: _images,
    duration: _duration,
    allowUnknown: _unknown,
    ...rest
  } = settings
  return rest
}

export const limitsOfKey = (settings: KeySettings): BudgetLimits => changeLimits({}, settings)

/** A key's settings under the limits of a budget, which undefined says is gone: then they are its own. */
export const underBudget = (
  { budgetId, ...settings }: KeySettings,
  shared: BudgetLimits | undefined,
): KeySettings =>
  shared === undefined || budgetId === undefined
    ? settings
    : { ...withoutLimits(settings), ...shared, budgetId }

const limitNames = [
  "max_budget",
  "soft_budget",
  "max_images",
  "budget_duration",
  "allow_unknown_prices",
] as const

/** `shared`: the limits of the budget that the body names. */
const ownLimits = (
  body: KeyBody,
  earlier: KeySettings,
  shared: BudgetLimits | undefined,
): BudgetLimits & Pick<KeySettings, "budgetId"> => {
  const budgetId = body.budget_id === undefined ? earlier.budgetId : (body.budget_id ?? undefined)
  if (budgetId === undefined)
    return changeLimits(body, earlier.budgetId === undefined ? earlier : {})
  const twice = limitNames.filter((name) => body[name] != null)
  if (twice.length > 0)
    refuse(
      twice.map((path) => ({
        code: "invalid_request",
        path,
        message: `${path} is the budget's (${budgetId}): change that with /budget/update, or take budget_id away with null.`,
      })),
    )
  return { ...(shared ?? limitsOfKey(earlier)), budgetId }
}

const or = <Value>(given: Value | null | undefined, earlier: Value, none: Value): Value =>
  given === null ? none : changed(given, earlier)

const modelBudgetsOf = ({ model_max_budget: given }: KeyBody): KeySettings["modelBudgets"] | null =>
  given &&
  Object.fromEntries(
    Object.entries(given).map(([model, { budget_limit: maxMicroUsd, time_period: duration }]) => [
      model,
      { maxMicroUsd, ...(duration != null && { duration }) },
    ]),
  )

/** What a key may do after a change; throws `invalid_request` where that contradicts itself. */
export const changeSettings = (
  body: KeyBody,
  earlier: KeySettings,
  shared?: BudgetLimits,
): KeySettings => {
  if (
    body.ipm_limit !== undefined &&
    body.images_per_minute !== undefined &&
    body.ipm_limit !== body.images_per_minute
  )
    refuse([
      {
        code: "invalid_request",
        path: "ipm_limit",
        message: "ipm_limit is another name of images_per_minute: give one of them.",
      },
    ])
  const further = body.budget_limits?.map((each) => ({
    duration: each.budget_duration,
    maxMicroUsd: each.max_budget,
  }))
  const settings: KeySettings = {
    ...ownLimits(body, earlier, shared),
    models: or(body.models, earlier.models, []),
    aliases: or(body.aliases, earlier.aliases, {}),
    metadata: or(body.metadata, earlier.metadata, {}),
    tags: or(body.tags, earlier.tags, []),
    furtherBudgets: or(body.budget_limits === null ? null : further, earlier.furtherBudgets, []),
    ...optional("modelBudgets", modelBudgetsOf(body), earlier.modelBudgets),
    ...optional("requestsPerMinute", body.rpm_limit, earlier.requestsPerMinute),
    ...optional("modelRequestsPerMinute", body.model_rpm_limit, earlier.modelRequestsPerMinute),
    ...optional(
      "imagesPerMinute",
      body.images_per_minute === undefined ? body.ipm_limit : body.images_per_minute,
      earlier.imagesPerMinute,
    ),
    ...optional("maxParallelRequests", body.max_parallel_requests, earlier.maxParallelRequests),
  }
  const windows = windowsOf(settings).map((window) => JSON.stringify(window))
  const twice = windows.findIndex((window, index) => windows.indexOf(window) < index)
  if (twice >= 0)
    refuse([
      {
        code: "invalid_request",
        path: "budget_limits",
        message: `budget_limits has two budgets of the same time (${settings.furtherBudgets[twice - 1]?.duration}): keep the smaller.`,
      },
    ])
  return settings
}

const windowOf = (duration: string | undefined) =>
  toWindow(duration === undefined ? undefined : readDuration(duration)) ?? "total"

const windowsOf = ({ duration, furtherBudgets }: KeySettings) => [
  windowOf(duration),
  ...furtherBudgets.map((each) => windowOf(each.duration)),
]

/** A ledger's budget; without limits it only counts. */
export const toBudget = (
  scope: Scope,
  { maxMicroUsd, softMicroUsd, maxImages, duration, allowUnknown }: BudgetLimits,
): Budget => ({
  scope,
  window: windowOf(duration),
  hard: {
    ...(maxMicroUsd !== undefined && { microUsd: maxMicroUsd }),
    ...(maxImages !== undefined && { images: maxImages }),
  },
  soft: { ...(softMicroUsd !== undefined && { microUsd: softMicroUsd }) },
  ...(allowUnknown && { allowUnknown }),
})

/** What the ledger knows a key's spending on a model by that has a budget of its own. */
export const modelMark = (id: string, model: string): string => `${id}/${model}`

/** Budgets of a key for single models. */
export const modelBudgetsOfKey = (
  id: string,
  { modelBudgets = {}, allowUnknown }: KeySettings,
): readonly { readonly model: string; readonly budget: Budget }[] =>
  Object.entries(modelBudgets).map(([model, given]) => {
    const scope = { tag: `${modelTag}=${modelMark(id, model)}` }
    return {
      model,
      budget: toBudget(scope, { ...given, ...(allowUnknown !== undefined && { allowUnknown }) }),
    }
  })

/** Budgets of all that a key spends. The first counts it even where it has no limit. */
export const budgetsOfKey = (id: string, settings: KeySettings): readonly Budget[] => {
  const { allowUnknown } = settings
  const further = settings.furtherBudgets.map((each) => ({
    ...each,
    ...(allowUnknown !== undefined && { allowUnknown }),
  }))
  return [settings, ...further].map((each) => toBudget({ key: id }, each))
}

/** Names and values of tags; one without "=" is a name alone. */
export const tagsOf = ({ tags, metadata }: KeySettings): Readonly<Record<string, string>> => {
  const listed = metadata["tags"]
  const more = Array.isArray(listed) ? listed.filter((tag) => typeof tag === "string") : []
  return Object.fromEntries(
    [...tags, ...more].map((tag) => {
      const at = tag.indexOf("=")
      return at < 1 ? [tag, ""] : [tag.slice(0, at), tag.slice(at + 1)]
    }),
  )
}
