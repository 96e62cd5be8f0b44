import { invalid, type KeyBody, reject } from "./request-schema.ts"
import type { BudgetLimits } from "./settings.ts"
import { parseDuration, toUsd, unitMs } from "./units.ts"

type Given<Field extends keyof KeyBody> = {
  readonly [Name in Field]?: NonNullable<KeyBody[Name]> | undefined
}

type BoundedField =
  | "max_budget"
  | "max_images"
  | "budget_duration"
  | "duration"
  | "rpm_limit"
  | "images_per_minute"
  | "max_parallel_requests"

/** What new keys get, and the most that any key may get. Money is in micro-USD. */
export interface KeyRules {
  readonly defaults?: Given<
    | BoundedField
    | "soft_budget"
    | "allow_unknown_prices"
    | "models"
    | "tags"
    | "metadata"
    | "user_id"
    | "team_id"
  >
  readonly bounds?: Given<BoundedField>
}

/** The fields that a budget template sets in place of the body. */
const templateFields: Readonly<Record<string, keyof BudgetLimits>> = {
  max_budget: "maxMicroUsd",
  soft_budget: "softMicroUsd",
  max_images: "maxImages",
  budget_duration: "duration",
  allow_unknown_prices: "allowUnknown",
}

const isAbsent = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "object" && Object.keys(value).length === 0)

/** The body of a new key with what it leaves out: the default, else the upper bound. */
export const completeKey = (body: KeyBody, { defaults = {}, bounds = {} }: KeyRules): KeyBody => {
  const { ipm_limit: ipm } = body
  const given =
    body.images_per_minute == null && ipm != null ? { ...body, images_per_minute: ipm } : body
  const added = Object.entries({ ...bounds, ...defaults }).filter(
    ([name, value]) =>
      value !== undefined &&
      isAbsent(given[name as keyof KeyBody]) &&
      (given.budget_id == null || !Object.hasOwn(templateFields, name)),
  )
  return { ...given, ...Object.fromEntries(added) }
}

const lengthOf = (text: string): number => {
  const duration = parseDuration(text)
  return duration ? duration.count * unitMs[duration.unit] : Number.POSITIVE_INFINITY
}

const textOf = (name: string, value: string | number): string => {
  if (typeof value === "string") return value
  const number = (name === "max_budget" ? toUsd(value) : value).toLocaleString("en-US", {
    maximumFractionDigits: 6,
  })
  return name === "max_budget" ? `$${number}` : number
}

const sizeOf = (value: string | number): number =>
  typeof value === "string" ? lengthOf(value) : value

/**
 * Rejects limits above `upperbound_key_generate_params`, and the removal of a bounded limit.
 * `template`: the limits of the budget that the body names. Throws `invalid_request`.
 */
export const checkBounds = (
  body: KeyBody,
  { bounds = {} }: KeyRules,
  template: BudgetLimits | undefined,
): void => {
  const issues = Object.entries(bounds).flatMap(([name, bound]) => {
    const inTemplate = template && templateFields[name]
    const given = inTemplate
      ? (template[inTemplate] ?? null)
      : name === "images_per_minute"
        ? (body.images_per_minute ?? body.ipm_limit)
        : body[name as BoundedField]
    if (bound === undefined || given === undefined || typeof given === "boolean") return []
    if (given !== null && sizeOf(given) <= sizeOf(bound)) return []
    const most = textOf(name, bound)
    const found = given === null ? "has no limit" : `is ${textOf(name, given)}`
    const place = inTemplate ? "budget_id" : name
    return [
      invalid(
        place,
        `${inTemplate ? `${name} of the budget` : name} ${found}, and upperbound_key_generate_params allows at most ${most}. Send ${most} or less, or change litellm_settings.`,
      ),
    ]
  })
  if (issues.length > 0) reject(issues)
}
